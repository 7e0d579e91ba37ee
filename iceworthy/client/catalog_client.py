"""The catalog client of the suite's phases (world, audit, stepper): blocking, recorded.

Claim: each ask() sends at most once, never again, within one total deadline. It returns an Answer
whose outcome outcome.classify gave. With a recorder, the operation is in the history with all
fields of docs/formats.md.
Method: client.connection sends and receives the bytes, client.observe parses the answer.
What it does NOT show: latency under load; the load has its own client.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from iceworthy.client.answers import AnswerLog
from iceworthy.client.asker import Asked, Asker, may_be_sent_again
from iceworthy.client.auth import HeaderSource
from iceworthy.client.connection import Exchange
from iceworthy.client.observe import (
    NO_SNAPSHOT,
    TableFacts,
    TableSeen,
    see_error,
    see_properties,
    see_table,
)
from iceworthy.client.operation_record import NOT_RECORDED, operation_record
from iceworthy.client.wire import Call
from iceworthy.record.history import NO_ASSERTION, NONSENSE, Recorder, key_of
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.operation import SHOW_TABLE, is_mutation
from iceworthy.words.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One finished operation. op: its record number, NOT_RECORDED without a recorder.

    error: the error type of the catalog's answer or the transport's word (client.connection), ""
    for none. table: the table that a 2xx answer of a table operation showed. may_be_sent_again:
    as iceworthy/client/asker.py says; the second sending is then an operation of its own.
    """

    op: int
    status: int
    body: bytes
    headers: Mapping[str, str]
    outcome: Outcome
    error: str
    sent_ns: int
    flushed_ns: int
    completed_ns: int
    complete: bool = True
    detail: str = ""
    table: TableSeen | None = None
    may_be_sent_again: bool = False
    _parsed: list[Any] = field(default_factory=list, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """A whole answer with a 2xx status."""
        return self.complete and 200 <= self.status < 300

    @property
    def answered(self) -> bool:
        """A whole answer, with any status."""
        return self.complete and self.status != 0

    def json(self) -> Any:
        """The parsed body; None when it is not JSON. Parsed once."""
        if not self._parsed:
            try:
                self._parsed.append(orjson.loads(self.body))
            except ValueError:
                self._parsed.append(None)
        return self._parsed[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """A call as operation_record wants it."""

    operation_id: int
    key_id: int
    is_mutation: bool
    shows_table: bool

    @classmethod
    def of(cls, call: Call, recorder: Recorder | None) -> _Subject:
        return cls(
            operation_id=recorder.intern(call.operation) if recorder else 0,
            key_id=recorder.intern(call.key) if recorder else 0,
            is_mutation=is_mutation(call.operation),
            shows_table=call.operation in SHOW_TABLE,
        )


class CatalogClient:
    """One session on one node over one kept connection; like its recorder, for one thread."""

    def __init__(
        self,
        url: str,
        *,
        node: int,
        headers: HeaderSource,
        recorder: Recorder | None = None,
        session: int = 0,
        timeout_s: float = 10.0,
        folder: RunFolder | None = None,
        source: str = "",
    ) -> None:
        """folder, source: where every answer is held against its schema, and under which name."""
        self.url = url.rstrip("/")
        self.node = node
        self._recorder = recorder
        self._session = session
        self._asker = Asker(self.url, node=node, headers=headers, timeout_s=timeout_s)
        self._answers = (
            None
            if folder is None
            else AnswerLog(folder, source, lambda call, node: self.asked(call).sent)
        )

    def __enter__(self) -> CatalogClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the client may be used again. The recorder is its owner's."""
        self._asker.close()
        if self._answers is not None:
            self._answers.flush()

    def ask(
        self,
        call: Call,
        *,
        value: int = 0,
        parent: int = NO_ASSERTION,
        flags: int = 0,
        intended_ns: int = 0,
    ) -> Answer:
        """Send one call once; the answer, recorded. Never raises for what the target does.

        value, parent: of a mutation, as the history wants them; a read's come from its answer.
        """
        intended_ns = intended_ns or time.monotonic_ns()
        exchange = self._exchange(call)
        if self._answers is not None and exchange.complete:
            self._answers.offer(call.operation, exchange.status, exchange.body, call, self.node)
        good = exchange.complete and 200 <= exchange.status < 300
        table = see_table(exchange.body) if good and call.operation in SHOW_TABLE else None
        op, outcome, error = operation_record(
            self._recorder,
            _Subject.of(call, self._recorder),
            exchange,
            TableFacts(table) if table else None,
            intended_ns,
            self._session,
            self.node,
            value,
            parent,
            flags,
        )
        message = _message(exchange, good, error)
        if self._recorder is not None:
            self._saw(self._recorder, op, call, exchange, good, table, message)
        return Answer(
            op=op,
            status=exchange.status,
            body=exchange.body,
            headers=exchange.headers,
            outcome=outcome,
            error=error,
            sent_ns=exchange.sent_ns,
            flushed_ns=exchange.flushed_ns,
            completed_ns=exchange.completed_ns,
            complete=exchange.complete,
            detail=exchange.detail or message,
            table=table,
            may_be_sent_again=may_be_sent_again(call.method, exchange),
        )

    def note(self, op: int, **facts: Any) -> None:
        """Add facts to a recorded operation that only its caller knows, such as a whole listing."""
        if self._recorder is not None and op != NOT_RECORDED:
            self._recorder.seen(op, **facts)

    def unasked(self, call: Call, *, why: str, flags: int = 0) -> int:
        """Record a call that was due and never sent, so that a checker sees that it is missing."""
        now = time.monotonic_ns()
        op, _, _ = operation_record(
            self._recorder,
            _Subject.of(call, self._recorder),
            Exchange(error=why, completed_ns=now),
            None,
            now,
            self._session,
            self.node,
            NO_SNAPSHOT,
            NO_ASSERTION,
            flags,
        )
        return op

    def asked(self, call: Call) -> Asked:
        """The record of a call, for a curl line; nothing is sent."""
        return self._asker.asked(call.method, call.path, body=call.body)

    def _exchange(self, call: Call) -> Exchange:
        return self._asker.send(call.method, call.path, body=call.body, again=False).exchange

    def _saw(
        self,
        recorder: Recorder,
        op: int,
        call: Call,
        exchange: Exchange,
        good: bool,
        table: TableSeen | None,
        message: str,
    ) -> None:
        facts = _written(call)
        if table is not None and call.operation == "loadTable":
            facts.update(table.facts())
        elif table is not None and call.operation == "createTable":
            facts.update(uuid=table.uuid, location=table.location)
        elif good and call.operation == "loadNamespaceMetadata":
            properties = see_properties(exchange.body)
            if properties is not None:
                facts["properties"] = properties
        if message:
            facts["message"] = message
        if facts:
            recorder.seen(op, **facts)


def _message(exchange: Exchange, good: bool, error: str) -> str:
    """What seen.jsonl says of an answer outside the expected; "" for one as expected."""
    if exchange.error:
        return exchange.detail[:300]
    if error == NONSENSE:
        return f"no table in the answer: {exchange.body[:200]!r}"
    return "" if good else see_error(exchange.body)[1] or repr(exchange.body[:200])


def _written(call: Call) -> dict[str, Any]:
    """The facts in a mutation's request: properties set and removed, a rename's destination."""
    if call.body is None or call.operation not in _WRITES:
        return {}
    try:
        return _WRITES[call.operation](orjson.loads(call.body))
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # a body that is no request has no facts


def _of_properties(body: dict[str, Any]) -> dict[str, Any]:
    return {"set": body.get("updates") or {}, "removed": body.get("removals") or []}


def _of_commit(body: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, str] = {}
    removed: list[str] = []
    for update in body["updates"]:
        if update["action"] == "set-properties":
            written.update(update["updates"])
        elif update["action"] == "remove-properties":
            removed.extend(update["removals"])
    return {"set": written, "removed": removed} if written or removed else {}


def _of_rename(body: dict[str, Any]) -> dict[str, Any]:
    destination = body["destination"]
    return {"destination": key_of(destination["namespace"], destination["name"])}


_WRITES = {
    "updateProperties": _of_properties,
    "updateTable": _of_commit,
    "renameTable": _of_rename,
}
