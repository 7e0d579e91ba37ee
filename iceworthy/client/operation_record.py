"""Turns one exchange with the catalog into a record of the history: the only definition of it.

Claim: the load and the suite's own phases (world, audit, stepper) record an exchange alike:
outcome by iceworthy.words.outcome, error by the catalog's type or the transport's word, a read's
value and parent by the table that it showed. Example: a 409 CommitFailedException to updateTable is
a FAIL with that error and the value that was sent; a 200 to loadTable without a table in its body
is OK with the error "nonsense". What it does NOT show: what is written in full to seen.jsonl.
"""

from __future__ import annotations

from typing import Protocol

from iceworthy.client.observe import NO_SNAPSHOT, TableFacts, see_error
from iceworthy.record.history import NO_ASSERTION, NONSENSE, Recorder
from iceworthy.words.outcome import Outcome, classify

NOT_RECORDED = -1
_MAX_U32 = 0xFFFFFFFF
_NO_TABLE = (-1, 0, 0, 0)  # the columns of an answer without a table
_OK = Outcome.OK


class Subject(Protocol):
    """What was asked. operation_id, key_id: ids of its strings in the recorder, 0 without one.

    shows_table: its 2xx answer is to hold a table.
    """

    @property
    def operation_id(self) -> int: ...
    @property
    def key_id(self) -> int: ...
    @property
    def is_mutation(self) -> bool: ...
    @property
    def shows_table(self) -> bool: ...


class Exchanged(Protocol):
    """The result of an operation; times in monotonic nanoseconds, size in bytes. error: "" or the
    transport's word. flags: those of iceworthy.record.history that the connection knows.
    """

    @property
    def status(self) -> int: ...
    @property
    def complete(self) -> bool: ...
    @property
    def error(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def size(self) -> int: ...
    @property
    def flags(self) -> int: ...
    @property
    def sent_ns(self) -> int: ...
    @property
    def flushed_ns(self) -> int: ...
    @property
    def completed_ns(self) -> int: ...


def operation_record(
    recorder: Recorder | None,
    subject: Subject,
    exchange: Exchanged,
    facts: TableFacts | None,
    intended_ns: int,
    session: int,
    node: int,
    value: int,
    parent: int,
    flags: int = 0,
) -> tuple[int, Outcome, str]:
    """Record one exchange; (record number, outcome, error), the number NOT_RECORDED without one.

    facts: the table in its 2xx answer, None where it holds none. value, parent: of a mutation, as
    FIELDS of iceworthy.record.history_format says; of a read they come from `facts`. flags: besides
    the connection's.
    """
    status, complete, error = exchange.status, exchange.complete, exchange.error
    if complete and 200 <= status < 300:
        outcome = _OK
        if facts is None and subject.shows_table:
            error = NONSENSE
    else:
        outcome = classify(
            mutation=subject.is_mutation,
            status=status,
            sent_bytes=exchange.sent_ns != 0,
            complete=complete,
        )
        error = error or see_error(exchange.body)[0] or f"http-{status}"
    if recorder is None:
        return NOT_RECORDED, outcome, error
    sequence, chain, uuid, metadata = _NO_TABLE if facts is None else facts.columns
    if not subject.is_mutation:
        value, parent = (facts.head, facts.length) if facts else (NO_SNAPSHOT, NO_ASSERTION)
    size = exchange.size
    number = recorder.record(
        intended_ns,
        exchange.sent_ns,
        exchange.flushed_ns,
        exchange.completed_ns,
        value,
        parent,
        sequence,
        chain,
        uuid,
        metadata,
        session,
        subject.key_id,
        recorder.intern(error) if error else 0,
        size if size < _MAX_U32 else _MAX_U32,
        subject.operation_id,
        status,
        exchange.flags | flags,
        node,
        outcome,
    )
    return number, outcome, error
