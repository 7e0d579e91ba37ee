"""A small catalog in memory, which tests can make misbehave in named ways.

quirks: names for _quirk(); each makes one answer wrong. Without quirks the catalog follows the
Iceberg REST specification, for the requests that the suite's phases send.
"""

from __future__ import annotations

import copy
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from iceworthy.specification import OPERATIONS, advertised_name

UNIT = "\x1f"
OFFERED = [advertised_name(one) for one in OPERATIONS if one.id != "commitTransaction"]
Names = tuple[str, ...]


class Refusal(Exception):
    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class TinyCatalog:
    """State and rules; `serve` in conftest puts any number of nodes in front of one."""

    def __init__(self, *quirks: str) -> None:
        self.quirks = set(quirks)
        self.namespaces: dict[Names, dict[str, str]] = {}
        self.tables: dict[tuple[Names, str], dict[str, Any]] = {}
        self.lock = threading.RLock()
        self.requests = 0
        self.token: str | None = None
        self.config: dict[str, Any] = {"defaults": {}, "overrides": {}}

    def answer(self, method: str, target: str, body: bytes, token: str) -> tuple[int, Any]:
        with self.lock:
            self.requests += 1
            parts = urlsplit(target)
            asked = parse_qs(parts.query, keep_blank_values=True)
            query = {key: values[0] for key, values in asked.items()}
            try:
                if parts.path in ("/health", "/ready"):
                    return 200, {"status": "ok"}
                if parts.path == "/metrics" and "malformed_metrics" in self.quirks:
                    return 200, "a_total 1\nthis is no sample\n"
                if parts.path == "/metrics":
                    return 200, f"# TYPE requests_total counter\nrequests_total {self.requests}\n"
                if self.token is not None and token != f"Bearer {self.token}":
                    raise Refusal(401, "NotAuthorizedException", "no")
                return self._route(method, parts.path, query, body)
            except Refusal as refusal:
                code = refusal.status
                if "html_errors" in self.quirks:
                    return code, "<html>error</html>"
                error = {"message": str(refusal), "type": refusal.kind, "code": code}
                return code, {"error": error}

    def _route(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        if path == "/v1/config":
            listed = {"endpoints": OFFERED} if "no_transactions" in self.quirks else {}
            return 200, {**self.config, **listed}
        asked: Any = None
        if method == "POST":
            try:
                asked = json.loads(body)
            except ValueError:
                status = 500 if "bad_json_500" in self.quirks else 400
                raise Refusal(status, "BadRequestException", "malformed JSON") from None
            if not isinstance(asked, dict):
                raise Refusal(400, "BadRequestException", "not an object")
        for pattern, handlers in self._routes():
            found = re.fullmatch(pattern, path)
            if found:
                if method not in handlers:
                    raise Refusal(405, "BadRequestException", "method")
                parts = [unquote(part) for part in found.groups()]
                return handlers[method](parts, query, asked)
        raise Refusal(404, "NotFoundException", f"no route {path}")

    def _routes(self) -> Iterator[tuple[str, dict[str, Callable[..., tuple[int, Any]]]]]:
        one = "([^/]+)"
        yield "/v1/namespaces", {"GET": self._list_namespaces, "POST": self._create_namespace}
        yield (
            f"/v1/namespaces/{one}",
            {
                "GET": self._load_namespace,
                "HEAD": self._has_namespace,
                "DELETE": self._drop_namespace,
            },
        )
        yield f"/v1/namespaces/{one}/properties", {"POST": self._update_properties}
        yield f"/v1/namespaces/{one}/tables", {"GET": self._list_tables, "POST": self._create_table}
        yield (
            f"/v1/namespaces/{one}/tables/{one}",
            {
                "GET": self._load_table,
                "HEAD": self._has_table,
                "POST": self._commit,
                "DELETE": self._drop_table,
            },
        )
        yield "/v1/tables/rename", {"POST": self._rename}
        yield "/v1/transactions/commit", {"POST": self._commit_all}

    # namespaces

    def _levels(self, text: str) -> Names:
        if "dots_are_levels" in self.quirks:
            text = text.replace(".", UNIT)
        return tuple(text.split(UNIT))

    def _namespace(self, text: str) -> Names:
        levels = self._levels(text)
        if levels not in self.namespaces:
            raise Refusal(404, "NoSuchNamespaceException", f"no namespace {levels}")
        return levels

    def _list_namespaces(self, _: Any, query: dict[str, str], __: Any) -> tuple[int, Any]:
        parent = self._levels(query["parent"]) if query.get("parent") else ()
        if parent and parent not in self.namespaces:
            raise Refusal(404, "NoSuchNamespaceException", "no parent")
        depth = len(parent) + 1
        names = sorted(n for n in self.namespaces if len(n) == depth and n[:-1] == parent)
        if "flat_listing" in self.quirks:
            names = sorted(self.namespaces)
        return 200, self._page([list(n) for n in names], "namespaces", query)

    def _page(self, items: list[Any], key: str, query: dict[str, str]) -> dict[str, Any]:
        if "cut_at_20" in self.quirks:
            items = items[:20]
        if "cut_at_100" in self.quirks:
            items = items[:100]
        if "pageToken" not in query or "no_pages" in self.quirks:
            return {key: items}
        start = int(query["pageToken"] or 0)
        end = start + int(query.get("pageSize", 100))
        if "pages_overlap" in self.quirks and start:
            start -= 1
        token = str(end) if end < len(items) else None
        return {key: items[start:end], "next-page-token": token}

    def _create_namespace(self, _: Any, __: Any, asked: Any) -> tuple[int, Any]:
        levels = asked.get("namespace")
        if not (isinstance(levels, list) and levels and all(isinstance(x, str) for x in levels)):
            raise Refusal(400, "BadRequestException", "namespace")
        name = self._levels(UNIT.join(levels))
        if "no_nesting" in self.quirks and len(name) > 1:
            raise Refusal(400, "BadRequestException", "nested")
        if name in self.namespaces and "create_again" not in self.quirks:
            raise Refusal(409, "AlreadyExistsException", "exists")
        if name[:-1] and name[:-1] not in self.namespaces:
            raise Refusal(404, "NoSuchNamespaceException", "no parent")
        self.namespaces[name] = dict(asked.get("properties") or {})
        status = 201 if "created_201" in self.quirks else 200
        return status, {"namespace": list(name), "properties": self.namespaces[name]}

    def _load_namespace(self, parts: list[str], *_: Any) -> tuple[int, Any]:
        name = self._namespace(parts[0])
        return 200, {"namespace": list(name), "properties": self.namespaces[name]}

    def _has_namespace(self, parts: list[str], *_: Any) -> tuple[int, Any]:
        self._namespace(parts[0])
        return 204, None

    def _drop_namespace(self, parts: list[str], *_: Any) -> tuple[int, Any]:
        name = self._namespace(parts[0])
        filled = any(n[: len(name)] == name and n != name for n in self.namespaces)
        filled = filled or any(space == name for space, _ in self.tables)
        if filled and "drop_non_empty" not in self.quirks:
            raise Refusal(409, "NamespaceNotEmptyException", "not empty")
        del self.namespaces[name]
        return 204, None

    def _update_properties(self, parts: list[str], _: Any, asked: Any) -> tuple[int, Any]:
        name = self._namespace(parts[0])
        updates, removals = asked.get("updates") or {}, asked.get("removals") or []
        if set(updates) & set(removals):
            raise Refusal(422, "UnprocessableEntityException", "both")
        held = self.namespaces[name]
        removed = [key for key in removals if held.pop(key, None) is not None]
        if "properties_forgotten" not in self.quirks:
            held.update(updates)
        missing = sorted(set(removals) - set(removed))
        return 200, {"updated": sorted(updates), "removed": removed, "missing": missing}

    # tables

    def _table(self, parts: list[str]) -> tuple[Names, str]:
        name = (self._levels(parts[0]), parts[1])
        if name not in self.tables:
            raise Refusal(404, "NoSuchTableException", f"no table {name}")
        return name

    def _list_tables(self, parts: list[str], query: dict[str, str], _: Any) -> tuple[int, Any]:
        space = self._namespace(parts[0])
        names = sorted(name for at, name in self.tables if at == space)
        items = [{"namespace": list(space), "name": name} for name in names]
        return 200, self._page(items, "identifiers", query)

    def _create_table(self, parts: list[str], _: Any, asked: Any) -> tuple[int, Any]:
        space = self._namespace(parts[0])
        name = asked.get("name")
        if not isinstance(name, str) or "schema" not in asked:
            raise Refusal(400, "BadRequestException", "name and schema")
        if "wants_spec" in self.quirks and "partition-spec" not in asked:
            raise Refusal(400, "BadRequestException", "partition-spec is missing")
        if (space, name) in self.tables:
            raise Refusal(409, "AlreadyExistsException", "exists")
        table = _new_table(asked, f"mem://{'/'.join(space)}/{name}")
        if asked.get("stage-create") and "stage_creates" not in self.quirks:
            return 200, {"metadata": table["metadata"], "config": {}}
        self.tables[space, name] = table
        return 200, {**table, "config": {}}

    def _load_table(self, parts: list[str], *_: Any) -> tuple[int, Any]:
        table = self.tables[self._table(parts)]
        if "ids_rounded" in self.quirks:
            return 200, json.loads(json.dumps(table), parse_int=lambda text: int(float(text)))
        if "null_snapshots" in self.quirks:
            return 200, {**table, "metadata": {**table["metadata"], "snapshots": None}}
        return 200, {**table, "config": {}}

    def _has_table(self, parts: list[str], *_: Any) -> tuple[int, Any]:
        self._table(parts)
        return (200 if "exists_200" in self.quirks else 204), None

    def _drop_table(self, parts: list[str], *_: Any) -> tuple[int, Any]:
        name = self._table(parts)
        if "drop_does_nothing" not in self.quirks:
            del self.tables[name]
        return 204, None

    def _rename(self, _: Any, __: Any, asked: Any) -> tuple[int, Any]:
        source, end = asked["source"], asked["destination"]
        old = self._table([UNIT.join(source["namespace"]), source["name"]])
        space = self._namespace(UNIT.join(end["namespace"]))
        if (space, end["name"]) in self.tables and "rename_overwrites" not in self.quirks:
            raise Refusal(409, "AlreadyExistsException", "taken")
        self.tables[space, end["name"]] = self.tables.pop(old)
        return 204, None

    def _commit(self, parts: list[str], _: Any, asked: Any) -> tuple[int, Any]:
        requirements, updates = asked["requirements"], asked["updates"]
        if any(r["type"] == "assert-create" for r in requirements):
            return self._commit_create(parts, updates)
        name = self._table(parts)
        table = self.tables[name]
        changed = copy.deepcopy(table["metadata"])
        for requirement in requirements:
            if f"ignore_{requirement['type']}" not in self.quirks:
                _require(changed, requirement)
        for update in updates:
            _apply(changed, update)
        changed.pop("added", None)
        if "commit_does_nothing" in self.quirks:
            return 200, table
        changed["last-updated-ms"] = int(time.time() * 1000)
        self.tables[name] = _with_metadata(table, changed)
        return 200, self.tables[name]

    def _commit_all(self, _: Any, __: Any, asked: Any) -> tuple[int, Any]:
        made = {}
        for change in asked["table-changes"]:
            space, name = change["identifier"]["namespace"], change["identifier"]["name"]
            key = self._table([UNIT.join(space), name])
            changed = copy.deepcopy(self.tables[key]["metadata"])
            for requirement in change["requirements"]:
                if f"ignore_{requirement['type']}" not in self.quirks:
                    _require(changed, requirement)
            for update in change["updates"]:
                _apply(changed, update)
            changed["last-updated-ms"] = int(time.time() * 1000)
            made[key] = _with_metadata(self.tables[key], changed)
            if "torn_transactions" in self.quirks:
                break
        self.tables.update(made)
        return 204, None

    def _commit_create(self, parts: list[str], updates: Any) -> tuple[int, Any]:
        name = (self._namespace(parts[0]), parts[1])
        if name in self.tables:
            raise Refusal(409, "CommitFailedException", "the table exists")
        metadata: dict[str, Any] = _empty("", "mem://x")
        for update in updates:
            _apply(metadata, update)
        metadata.pop("added", None)
        self.tables[name] = _with_metadata({}, metadata)
        return 200, self.tables[name]


def _new_table(asked: dict[str, Any], location: str) -> dict[str, Any]:
    metadata = _empty(str(uuid.uuid4()), asked.get("location") or location)
    metadata["schemas"] = [asked["schema"]]
    metadata["last-column-id"] = max((f["id"] for f in asked["schema"]["fields"]), default=0)
    if asked.get("partition-spec"):
        metadata["partition-specs"] = [asked["partition-spec"]]
        ids = [f.get("field-id", 1000) for f in asked["partition-spec"]["fields"]]
        metadata["last-partition-id"] = max(ids, default=999)
    properties = dict(asked.get("properties") or {})
    properties.pop("format-version", None)
    metadata["properties"] = properties
    return _with_metadata({}, metadata)


def _empty(table_uuid: str, location: str) -> dict[str, Any]:
    return {
        "format-version": 2,
        "table-uuid": table_uuid,
        "location": location,
        "last-sequence-number": 0,
        "last-updated-ms": int(time.time() * 1000),
        "last-column-id": 0,
        "schemas": [],
        "current-schema-id": 0,
        "partition-specs": [{"spec-id": 0, "fields": []}],
        "default-spec-id": 0,
        "last-partition-id": 999,
        "sort-orders": [{"order-id": 0, "fields": []}],
        "default-sort-order-id": 0,
        "properties": {},
        "snapshots": [],
        "refs": {},
        "snapshot-log": [],
        "metadata-log": [],
    }


def _with_metadata(table: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    location = f"{metadata['location']}/metadata/{uuid.uuid4()}.metadata.json"
    if table:
        entry = {"metadata-file": table["metadata-location"], "timestamp-ms": 0}
        metadata["metadata-log"] = [*metadata["metadata-log"], entry]
    return {"metadata-location": location, "metadata": metadata}


def _require(metadata: dict[str, Any], requirement: dict[str, Any]) -> None:
    kind = requirement["type"]
    fields = {
        "assert-table-uuid": ("table-uuid", "uuid"),
        "assert-last-assigned-field-id": ("last-column-id", "last-assigned-field-id"),
        "assert-current-schema-id": ("current-schema-id", "current-schema-id"),
        "assert-last-assigned-partition-id": ("last-partition-id", "last-assigned-partition-id"),
        "assert-default-spec-id": ("default-spec-id", "default-spec-id"),
        "assert-default-sort-order-id": ("default-sort-order-id", "default-sort-order-id"),
    }
    if kind == "assert-ref-snapshot-id":
        ref = metadata["refs"].get(requirement["ref"], {}).get("snapshot-id")
        if ref != requirement["snapshot-id"]:
            raise Refusal(409, "CommitFailedException", "ref moved")
        return
    if kind not in fields:
        raise Refusal(400, "BadRequestException", f"unknown requirement {kind}")
    have, want = fields[kind]
    if metadata[have] != requirement[want]:
        raise Refusal(409, "CommitFailedException", f"{kind} does not hold")


_TAKEN_AS_READ = frozenset(
    {
        "upgrade-format-version",
        "add-spec",
        "set-default-spec",
        "add-sort-order",
        "set-default-sort-order",
    }
)


def _apply(metadata: dict[str, Any], update: dict[str, Any]) -> None:
    action = update["action"]
    if action == "add-snapshot":
        snapshot = update["snapshot"]
        metadata["snapshots"] = [*metadata["snapshots"], snapshot]
        metadata["last-sequence-number"] = snapshot["sequence-number"]
    elif action == "set-snapshot-ref":
        metadata["refs"][update["ref-name"]] = {
            "type": update["type"],
            "snapshot-id": update["snapshot-id"],
        }
        if update["ref-name"] == "main":
            metadata["current-snapshot-id"] = update["snapshot-id"]
            entry = {"snapshot-id": update["snapshot-id"], "timestamp-ms": 0}
            metadata["snapshot-log"] = [*metadata["snapshot-log"], entry]
    elif action == "set-properties":
        metadata["properties"].update(update["updates"])
    elif action == "remove-properties":
        for key in update["removals"]:
            metadata["properties"].pop(key, None)
    elif action == "assign-uuid":
        metadata["table-uuid"] = update["uuid"]
    elif action == "add-schema":
        number = 1 + max((s["schema-id"] for s in metadata["schemas"]), default=-1)
        metadata["schemas"] = [*metadata["schemas"], {**update["schema"], "schema-id": number}]
        metadata["last-column-id"] = max(f["id"] for f in update["schema"]["fields"])
        metadata["added"] = number
    elif action == "set-current-schema":
        wanted = metadata.get("added") if update["schema-id"] == -1 else update["schema-id"]
        if wanted not in [s["schema-id"] for s in metadata["schemas"]]:
            raise Refusal(400, "BadRequestException", f"unknown schema {wanted}")
        metadata["current-schema-id"] = wanted
    elif action == "set-location":
        metadata["location"] = update["location"]
    elif action not in _TAKEN_AS_READ:
        raise Refusal(400, "BadRequestException", f"unknown update {action}")


def server(catalog: TinyCatalog) -> ThreadingHTTPServer:
    """One node in front of the catalog, on a free port; not yet serving."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 64 * 1024

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization") or ""
            status, answer = catalog.answer(self.command, self.path, body, token)
            if status == 0:  # die without an answer
                self.close_connection = True
                return
            text = answer if isinstance(answer, str) else json.dumps(answer)
            data = b"" if answer is None or self.command == "HEAD" else text.encode()
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_HEAD = do_POST = do_DELETE = _do

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    return Server(("127.0.0.1", 0), Handler)
