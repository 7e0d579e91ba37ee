"""Records for the history what answers showed: numbers for every answer, the full content for some.

Claim: every table answer is reduced to head, chain hash, uuid and sequence number. Each table is
recorded in full at least once in FULL_EVERY reads and in FULL_EVERY commits of this worker.
Method: equal bodies are parsed once (an unchanged table answers the same bytes every time), by
client.observe.
What it does NOT show: whether the content is right; checkers judge that.
"""

from __future__ import annotations

from typing import Any

import orjson

from iceworthy.client.observe import TableFacts, see_error, see_properties, see_table
from iceworthy.record.history import UNIT, Recorder, key_of
from scenarios.engine.requests import Request

MESSAGES_MAX = 2_000
KEPT_BODIES_MAX = 1_000
KEPT_BODY_BYTES_MAX = 16 * 1024


class Observations:
    """One worker's memory of parsed bodies, and of when it last recorded each table in full."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._bodies: dict[bytes, TableFacts | None] = {}
        self._readers: dict[int, Request] = {}
        self._messages = 0

    def table(self, body: bytes) -> TableFacts | None:
        """The facts of a table answer; None when the body is no table."""
        if len(body) > KEPT_BODY_BYTES_MAX:
            return _facts(body)
        try:
            return self._bodies[body]
        except KeyError:
            facts = _facts(body)
            if len(self._bodies) >= KEPT_BODIES_MAX:
                self._bodies.clear()
            self._bodies[body] = facts
            return facts

    def committed(self, key_id: int) -> None:
        """Count an acknowledged commit: the table's next full read is due earlier."""
        reader = self._readers.get(key_id)
        if reader is not None:
            reader.full_reads.committed()

    def wants_full(self, key_id: int) -> bool:
        """Whether the table got so many commits that its next read should be recorded in full."""
        reader = self._readers.get(key_id)
        return reader is not None and reader.full_reads.is_due

    def write(self, op: int, request: Request, body: bytes, facts: TableFacts | None) -> None:
        """Write what a 2xx answer showed in full. Called when the request's full_reads is due,
        which this renews, or when the action asks for it."""
        operation = request.operation
        if operation == "loadTable":
            if facts is not None:
                if request.is_kept:
                    self._readers[request.key_id] = request
                request.full_reads.written()
                self._recorder.seen(op, **facts.seen.facts())
        elif operation == "createTable":
            if facts is not None:
                seen = facts.seen
                self._recorder.seen(op, uuid=seen.uuid, location=seen.location)
        elif operation == "loadNamespaceMetadata":
            request.full_reads.written()
            properties = see_properties(body)
            if properties is not None:
                self._recorder.seen(op, properties=properties)
        elif operation in ("listTables", "listNamespaces"):
            request.full_reads.written()
            self._write_listing(op, request, body)

    def message(self, op: int, body: bytes) -> None:
        """Record the message of an unexpected answer; their number is bounded."""
        if self._messages < MESSAGES_MAX:
            self._messages += 1
            error, text = see_error(body)
            self._recorder.seen(op, message=text or error or repr(body[:200]))

    def _write_listing(self, op: int, request: Request, body: bytes) -> None:
        found = _listing(request, body)
        if found is not None:
            names, token = found
            self._recorder.seen(op, names=names, pages=1, complete=not token)


def _facts(body: bytes) -> TableFacts | None:
    seen = see_table(body)
    return None if seen is None else TableFacts(seen)


def _listing(request: Request, body: bytes) -> tuple[list[str], Any] | None:
    """(keys, next page's token) of a listing; None when the body is no listing."""
    try:
        answer = orjson.loads(body)
        if request.operation == "listTables":
            names = [key_of(i["namespace"], i["name"]) for i in answer["identifiers"]]
        else:
            names = [UNIT.join(namespace) for namespace in answer["namespaces"]]
        return names, answer.get("next-page-token")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
