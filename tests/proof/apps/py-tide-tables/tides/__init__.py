"""High water, kept in a file beside the package."""

from pathlib import Path

from flask import Flask, request

app = Flask(__name__)
TABLE = Path("tables.txt")


@app.get("/")
def table() -> str:
    return TABLE.read_text() if TABLE.exists() else "no tides yet"


@app.post("/<harbour>")
def add(harbour: str) -> tuple[str, int]:
    # Needs a folder that group 0 may write in.
    with TABLE.open("a") as file:
        file.write(f"{harbour} {request.get_data(as_text=True)}\n")
    return "written", 201
