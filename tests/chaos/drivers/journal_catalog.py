"""A tiny catalog for tests of the stepper: its table commit makes three COMMITs.

The COMMITs: a journal entry, the pointer swap (in an explicit transaction), the removal of the
entry. With --bug cleanup it deletes the new metadata file when a COMMIT gets no answer, as if that
COMMIT had not happened; the stepper was made to find such defects. With --bug early it answers
before its pointer swap is durable. With --bug again it sends a commit that broke off once more.
Every BEAT_S it writes a heartbeat, which belongs to no table commit.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

BEAT_S = 0.1
SCHEMA = """
select pg_advisory_xact_lock(7);
create table if not exists namespaces (name text primary key);
create table if not exists tables (name text primary key, location text not null);
create table if not exists journal (id text primary key);
create table if not exists beats (at timestamptz not null);
"""


class Catalog:
    def __init__(self, options: argparse.Namespace) -> None:
        self.bug = options.bug
        self.folder = Path(urlsplit(options.warehouse).path)
        self.login = {
            "host": options.db_host,
            "port": options.db_port,
            "user": options.db_user,
            "password": options.db_password,
            "dbname": options.db_name,
            "connect_timeout": 3,
        }

    def beat(self) -> None:
        while True:
            with contextlib.suppress(psycopg.Error), self.connect() as db:
                db.execute("insert into beats values (now())")
            time.sleep(BEAT_S)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(**self.login, autocommit=True)

    def write(self, metadata: dict) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{uuid.uuid4()}.json"
        path.write_text(json.dumps(metadata))
        return str(path)

    def create(self, name: str, body: dict) -> tuple[int, dict]:
        metadata = {
            "format-version": 2,
            "table-uuid": str(uuid.uuid4()),
            "location": f"mem:/{name}",
            "last-sequence-number": 0,
            "snapshots": [],
            "refs": {},
            "snapshot-log": [],
            "properties": body.get("properties", {}),
        }
        location = self.write(metadata)
        with self.connect() as db:
            db.execute("insert into tables values (%s, %s)", (name, location))
        return 200, {"metadata-location": location, "metadata": metadata}

    def load(self, name: str) -> tuple[int, dict]:
        with self.connect() as db:
            row = db.execute("select location from tables where name = %s", (name,)).fetchone()
        if row is None:
            return 404, _error("NoSuchTableException", name)
        metadata = json.loads(Path(row[0]).read_text())
        return 200, {"metadata-location": row[0], "metadata": metadata}

    def commit(self, name: str, body: dict) -> tuple[int, dict]:
        with self.connect() as db:
            row = db.execute("select location from tables where name = %s", (name,)).fetchone()
            if row is None:
                return 404, _error("NoSuchTableException", name)
            metadata = json.loads(Path(row[0]).read_text())
            main = metadata["refs"].get("main", {}).get("snapshot-id")
            for one in body["requirements"]:
                if one["type"] == "assert-ref-snapshot-id" and one["snapshot-id"] != main:
                    return 409, _error("CommitFailedException", "main moved")
            _apply(metadata, body["updates"])
            location = self.write(metadata)
            answer = {"metadata-location": location, "metadata": metadata}
            if self.bug == "early":
                begins = threading.Event()
                swap = threading.Thread(target=self.swap, args=(name, row[0], location, begins))
                swap.start()
                begins.wait(10)  # its connection is open: it is late by moments, not by a login
                return 200, answer
            try:
                self.swap(name, row[0], location)
            except psycopg.Error:
                if self.bug == "cleanup":
                    Path(location).unlink()
                if self.bug == "again":
                    return self.commit(name, body)
                raise
            return 200, answer

    def swap(self, name: str, old: str, new: str, begins: threading.Event | None = None) -> None:
        with self.connect() as db:
            if begins is not None:
                begins.set()
            db.execute("insert into journal values (%s)", (new,))
            with db.transaction():
                done = db.execute(
                    "update tables set location = %s where name = %s and location = %s",
                    (new, name, old),
                )
                if done.rowcount != 1:
                    raise psycopg.IntegrityError("lost the race")
            db.execute("delete from journal where id = %s", (new,))


def _apply(metadata: dict, updates: list[dict]) -> None:
    for update in updates:
        if update["action"] == "add-snapshot":
            metadata["snapshots"].append(update["snapshot"])
            metadata["last-sequence-number"] = update["snapshot"]["sequence-number"]
        elif update["action"] == "set-snapshot-ref":
            head = update["snapshot-id"]
            metadata["refs"]["main"] = {"snapshot-id": head, "type": "branch"}
            metadata["current-snapshot-id"] = head
            metadata["snapshot-log"].append({"snapshot-id": head, "timestamp-ms": 0})
        elif update["action"] == "set-properties":
            metadata["properties"].update(update["updates"])


def _error(kind: str, message: str) -> dict:
    return {"error": {"type": kind, "message": message, "code": 0}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    catalog: Catalog

    def do_GET(self) -> None:
        self.answer(self.route("GET"))

    def do_POST(self) -> None:
        self.answer(self.route("POST"))

    def route(self, method: str) -> tuple[int, dict]:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        path = [unquote(part) for part in urlsplit(self.path).path.split("/")[1:]]
        try:
            if path == ["v1", "config"]:
                return 200, {"defaults": {}, "overrides": {}}
            if path in (["health"], ["ready"], ["metrics"]):
                with self.catalog.connect() as db:
                    db.execute("select 1")
                return 200, {}
            if path == ["v1", "namespaces"]:
                with self.catalog.connect() as db:
                    name = ".".join(body["namespace"])
                    db.execute("insert into namespaces values (%s)", (name,))
                return 200, body
            if path[-1] == "tables":
                return self.catalog.create(f"{path[2]}/{body['name']}", body)
            name = f"{path[2]}/{path[4]}"
            return self.catalog.load(name) if method == "GET" else self.catalog.commit(name, body)
        except (psycopg.Error, OSError) as error:
            return 500, _error("InternalServerError", repr(error))

    def answer(self, came: tuple[int, dict]) -> None:
        raw = json.dumps(came[1]).encode()
        self.send_response(came[0])
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        return


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("host", "db-host", "db-user", "db-password", "db-name", "warehouse"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--db-port", type=int, required=True)
    parser.add_argument("--bug", default="")
    options = parser.parse_args()
    Handler.catalog = Catalog(options)
    with Handler.catalog.connect() as db, db.transaction():
        db.execute(SCHEMA)
    threading.Thread(target=Handler.catalog.beat, daemon=True).start()
    server = ThreadingHTTPServer((options.host, options.port), Handler)
    server.daemon_threads = False
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()  # waits for the requests that are being answered
    sys.exit(0)


if __name__ == "__main__":
    main()
