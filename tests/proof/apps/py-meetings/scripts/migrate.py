"""Apply all migrations to a new database: python scripts/migrate.py"""
import glob
import os
import sqlite3

path = os.getenv("MEETINGS_DB", "/tmp/meetings.db")
new = not os.path.exists(path)
con = sqlite3.connect(path)
if new:
    for name in sorted(glob.glob("migrations/*.sql")):
        with open(name) as f:
            con.executescript(f.read())
        print("applied", name)
con.commit()
