import os
import sqlite3

import psycopg2
import psycopg2.extensions
from flask import Flask, g, jsonify, redirect, render_template, request

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite:////var/lib/guestbook/guestbook.db")


def connect():
    if DATABASE_URL.startswith("sqlite:///"):
        return sqlite3.connect(DATABASE_URL[len("sqlite:///"):])
    return psycopg2.connect(DATABASE_URL)


def init_db():
    con = connect()
    with open("sql/schema.sql") as f:
        con.cursor().executescript(f.read())
    con.commit()
    con.close()


def create_app():
    app = Flask(__name__)
    init_db()

    def db():
        if "db" not in g:
            g.db = connect()
        return g.db

    @app.teardown_appcontext
    def close(_exc):
        con = g.pop("db", None)
        if con is not None:
            con.close()

    @app.get("/")
    def index():
        cur = db().cursor()
        cur.execute("SELECT name, message FROM entries ORDER BY id")
        return render_template("index.html", entries=cur.fetchall())

    @app.post("/sign")
    def sign():
        cur = db().cursor()
        cur.execute("INSERT INTO entries (name, message) VALUES (?, ?)",
                    (request.form["name"], request.form["message"]))
        db().commit()
        return redirect("/")

    @app.get("/status")
    def status():
        libpq = psycopg2.extensions.libpq_version()
        return jsonify(driver="psycopg2", libpq_loaded=libpq >= 90000, wsgi=request.environ["SERVER_SOFTWARE"].split("/")[0])

    return app
