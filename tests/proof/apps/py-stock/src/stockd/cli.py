import argparse
import signal
import sys
from http.server import ThreadingHTTPServer

from . import __version__
from .web import Handler, open_database


def main():
    parser = argparse.ArgumentParser(prog="stockd")
    parser.add_argument("--version", action="version", version=f"stockd {__version__}")
    sub = parser.add_subparsers(dest="command", required=True)
    serve = sub.add_parser("serve", help="run the HTTP server")
    serve.add_argument("--port", type=int, default=7000)
    serve.add_argument("--reports", default="reports", help="folder of .sql reports")
    sub.add_parser("client-info", help="show the MySQL client library")
    args = parser.parse_args()

    if args.command == "client-info":
        import MySQLdb
        print("client library", "loaded" if MySQLdb.get_client_info() else "missing")
        return 0

    Handler.reports = args.reports
    Handler.db = open_database()
    server = ThreadingHTTPServer(("", args.port), Handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("stockd listening on", args.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
