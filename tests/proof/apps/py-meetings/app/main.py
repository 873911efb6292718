import os
import sqlite3
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import FastAPI, HTTPException
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

DB = os.getenv("MEETINGS_DB", "/tmp/meetings.db")

app = FastAPI(title="Meetings", version=os.getenv("APP_VERSION", "unknown"))
app.mount("/static", StaticFiles(directory="app/static"), name="static")


class Meeting(BaseModel):
    title: str
    start: str
    zone: str = "Europe/Berlin"


def db():
    con = sqlite3.connect(DB)
    con.row_factory = sqlite3.Row
    return con


@app.get("/version")
def version():
    return {"version": app.version}


@app.get("/convert")
def convert(at: str, to: str):
    try:
        local = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(to))
    except Exception:
        raise HTTPException(422, "bad time or zone")
    return {"local": local.isoformat()}


@app.get("/local")
def local():
    # a fixed moment in the zone of the machine (TZ)
    return {"local": datetime.fromtimestamp(1700000000).astimezone().isoformat()}


@app.get("/meetings")
def meetings():
    with db() as con:
        return [dict(r) for r in con.execute("SELECT id, title, start, zone FROM meetings ORDER BY id")]


@app.post("/meetings", status_code=201)
def add(m: Meeting):
    with db() as con:
        cur = con.execute("INSERT INTO meetings (title, start, zone) VALUES (?, ?, ?)", (m.title, m.start, m.zone))
        return {"id": cur.lastrowid}
