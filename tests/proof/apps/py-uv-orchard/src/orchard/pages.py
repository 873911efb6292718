"""What is answered over HTTP."""

from __future__ import annotations

from bottle import Bottle, HTTPError

from orchard.harvests import library, read

app = Bottle()


@app.get("/")
def years() -> dict[str, list[int]]:
    return {"years": sorted(read("harvest"))}


@app.get("/library")
def which() -> str:
    return library()


@app.get("/<year:int>")
def harvest(year: int) -> dict[str, int]:
    found = read("harvest").get(year)
    if found is None:
        raise HTTPError(404, "no harvest")
    return found


def serve(port: int) -> None:
    app.run(host="0.0.0.0", port=port, quiet=True)
