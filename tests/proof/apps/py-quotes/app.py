import json
import os
from pathlib import Path

from flask import Flask, abort, jsonify

app = Flask(__name__)
app.config.from_file("settings.json", load=json.load)


@app.route("/")
def index():
    return jsonify(site=app.config["SITE"], quotes=sorted(p.stem for p in Path("quotes").glob("*.txt")))


@app.route("/quotes/<name>")
def quote(name):
    file = Path("quotes") / f"{name}.txt"
    if not file.is_file():
        abort(404)
    return file.read_text(), 200, {"Content-Type": "text/plain; charset=utf-8"}


@app.route("/env")
def env():
    return jsonify(lang=os.environ.get("LANG"), app=os.environ.get("FLASK_APP"))
