"""A node for tests: one HTTP endpoint, and one database session that it uses all the time."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg


class Session:
    """One session to the database, opened again when it broke."""

    def __init__(self, login: str) -> None:
        self.login = login
        self.lock = threading.Lock()
        self.session: psycopg.Connection | None = None

    def ask(self) -> None:
        with self.lock:
            if self.session is None or self.session.closed:
                self.session = psycopg.connect(self.login, autocommit=True)
            try:
                self.session.execute("select 1")
            except psycopg.Error:
                self.session.close()
                raise


def main() -> None:
    host, port, db_host, db_port, user, password, name = sys.argv[1:]
    session = Session(
        f"host={db_host} port={db_port} user={user} password={password} dbname={name} "
        "connect_timeout=2"
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                session.ask()
                self.send_response(200)
            except psycopg.Error:
                self.send_response(503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    def keep_busy() -> None:
        while True:
            with contextlib.suppress(psycopg.Error):
                session.ask()
            time.sleep(0.02)

    threading.Thread(target=keep_busy, daemon=True).start()
    server = ThreadingHTTPServer((host, int(port)), Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()


if __name__ == "__main__":
    main()
