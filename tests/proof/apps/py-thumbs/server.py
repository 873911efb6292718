import os
import signal
import ssl
import subprocess
import sys

import fasthash
from bottle import Bottle, HTTPError, request, response
from waitress import serve

UPLOADS = os.environ.get("UPLOADS", "/data/uploads")
app = Bottle()


@app.get("/health")
def health():
    return "ok\n"


@app.get("/ca")
def ca():
    # uploads are pushed to the CDN over TLS
    count = len(ssl.create_default_context().get_ca_certs())
    return {"loaded": count > 0}


@app.post("/upload/<name:re:[a-z]+>")
def upload(name):
    data = request.body.read()
    with open(os.path.join(UPLOADS, name), "wb") as f:
        f.write(data)
    return {"stored": name, "bytes": len(data), "checksum": fasthash.checksum(data)}


@app.get("/thumb/<name:re:[a-z]+>")
def thumb(name):
    source = os.path.join(UPLOADS, name)
    if not os.path.exists(source):
        source = os.path.join("samples", name + ".ppm")
    if not os.path.exists(source):
        raise HTTPError(404, "no such picture")
    done = subprocess.run(["bin/thumb.sh", source, request.query.size or "8x8"], capture_output=True)
    if done.returncode:
        raise HTTPError(500, done.stderr.decode())
    response.content_type = "text/plain"
    return done.stdout


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.makedirs(UPLOADS, exist_ok=True)
    serve(app, host="0.0.0.0", port=5000)
