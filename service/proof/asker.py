"""The program that asks: it runs in a container of its own that shares the network namespace of the one under test.

It is handed to a Python image as text (`python -c`), so it needs nothing but the standard library and knows nothing of Restage. Standard input
is a JSON object {"ready": seconds, "probes": [{"port", "method", "path", "body", "headers"}]}; standard output a JSON list, one row a probe:
{"status", "kind", "headers", "body" (base64), "error"}.
"""

import base64
import http.client
import json
import socket
import sys
import time
from typing import Any

LIMIT = 4 << 20


def wait_for(port: int, until: float) -> bool:
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def ask(probe: dict[str, Any], timeout: float) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", probe["port"], timeout=timeout)
    try:
        body = probe["body"].encode() or None
        connection.request(probe["method"], probe["path"], body=body, headers=probe["headers"])
        answer = connection.getresponse()
        content = answer.read(LIMIT)
        kind = answer.headers.get("Content-Type", "")
        headers = [[name.lower(), value] for name, value in answer.headers.items()]
        return {"status": answer.status, "kind": kind, "headers": headers, "body": base64.b64encode(content).decode(), "error": ""}
    finally:
        connection.close()


def main() -> None:
    asked = json.load(sys.stdin)
    until = time.monotonic() + asked["ready"]
    rows = []
    for probe in asked["probes"]:
        row: dict[str, Any] = {"status": None, "kind": "", "headers": [], "body": "", "error": f"nothing listens on port {probe['port']}"}
        if wait_for(probe["port"], until):
            try:
                row = ask(probe, 20)
            except (OSError, http.client.HTTPException) as error:
                row["error"] = f"{type(error).__name__}: {error}"
        rows.append(row)
    json.dump(rows, sys.stdout)


main()
