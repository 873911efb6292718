import json
import os
import sqlite3
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import MySQLdb
from MySQLdb._mysql import escape_string
from jinja2 import Environment, PackageLoader, select_autoescape

env = Environment(loader=PackageLoader("stockd"), autoescape=select_autoescape())


def open_database():
    host = os.environ.get("MYSQL_HOST")
    if host:
        return MySQLdb.connect(host=host, user="stock", password=os.environ["MYSQL_PASSWORD"], database="stock")
    # no server configured: an in-memory demo
    con = sqlite3.connect(":memory:", check_same_thread=False)
    con.executescript(Path("sql/demo.sql").read_text())
    return con


class Handler(BaseHTTPRequestHandler):
    reports = "reports"
    db = None

    def reply(self, status, body, kind="application/json"):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path == "/":
            cur = self.db.cursor()
            cur.execute("SELECT name, amount FROM stock ORDER BY name")
            self.reply(200, env.get_template("stock.html").render(rows=cur.fetchall()), "text/html")
        elif url.path.startswith("/report/"):
            file = Path(self.reports) / (Path(url.path).name + ".sql")
            if not file.exists():
                return self.reply(404, json.dumps({"error": "unknown report"}))
            cur = self.db.cursor()
            cur.execute(file.read_text())
            self.reply(200, json.dumps([list(r) for r in cur.fetchall()]))
        elif url.path == "/escape":
            text = query.get("q", [""])[0]
            self.reply(200, json.dumps({"escaped": escape_string(text.encode()).decode()}))
        else:
            self.reply(404, json.dumps({"error": "not found"}))
