"""An exchange becomes one record, alike for the load and for the suite's own client."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analysis.history import read_history
from iceworthy.client.connection import Exchange
from iceworthy.client.observe import TableFacts, see_table
from iceworthy.client.operation_record import NOT_RECORDED, operation_record
from iceworthy.record.history import FLAG_AUDIT, FLAG_REUSED, NO_ASSERTION, NONSENSE, Recorder
from iceworthy.words.operation import SHOW_TABLE, is_mutation
from iceworthy.words.outcome import Outcome
from tests.source_tree import ROOT

TABLE = (
    b'{"metadata-location":"s3://m/1","metadata":{"table-uuid":"b55d9dda-6561-423a-8bfc-787980ce421f",'
    b'"last-sequence-number":2,"current-snapshot-id":7,"refs":{"main":{"snapshot-id":7}},'
    b'"snapshots":[{"snapshot-id":5,"sequence-number":1},'
    b'{"snapshot-id":7,"parent-snapshot-id":5,"sequence-number":2}]}}'
)
CONFLICT = b'{"error":{"type":"CommitFailedException","message":"m","code":409}}'


@dataclass(frozen=True, kw_only=True)
class Subject:
    operation_id: int
    key_id: int
    is_mutation: bool
    shows_table: bool


def recorded(folder: Path, operation: str, **exchange: Any) -> tuple[Outcome, str, Any]:
    """Outcome, error and the record of an exchange of this operation, sent with value 9 on 4."""
    recorder = Recorder(folder, "w")
    subject = Subject(
        operation_id=recorder.intern(operation),
        key_id=recorder.intern("n/t"),
        is_mutation=is_mutation(operation),
        shows_table=operation in SHOW_TABLE,
    )
    came = Exchange(sent_ns=2, flushed_ns=3, completed_ns=4, reused=True, **exchange)
    seen = see_table(came.body) if subject.shows_table else None
    facts = TableFacts(seen) if seen else None
    number, outcome, error = operation_record(
        recorder, subject, came, facts, 1, 6, 1, 9, 4, FLAG_AUDIT
    )
    recorder.close()
    history = read_history(folder)
    row = history.ops[number]
    assert history.strings[row["error"]] == error
    assert (row["outcome"], row["node"], row["session"]) == (outcome, 1, 6)
    assert row["flags"] == FLAG_AUDIT | FLAG_REUSED
    return outcome, error, row


def test_a_read_is_recorded_with_what_it_showed(tmp_path: Path) -> None:
    outcome, error, row = recorded(
        tmp_path, "loadTable", status=200, complete=True, body=TABLE, size=1 << 33
    )
    assert (outcome, error) == (Outcome.OK, "")
    assert (row["value"], row["parent"], row["sequence"]) == (7, 2, 2)
    assert all(row[name] for name in ("chain", "uuid", "metadata"))
    assert row["size"] == 0xFFFFFFFF


@pytest.mark.parametrize(
    ("operation", "exchange", "outcome", "error", "value", "parent"),
    [
        (
            "updateTable",
            {"status": 409, "body": CONFLICT},
            Outcome.FAIL,
            "CommitFailedException",
            9,
            4,
        ),
        ("updateTable", {"status": 503, "body": b""}, Outcome.INFO, "http-503", 9, 4),
        ("updateTable", {"status": 200, "body": b"{}"}, Outcome.OK, NONSENSE, 9, 4),
        ("loadTable", {"status": 200, "body": b"{}"}, Outcome.OK, NONSENSE, -1, NO_ASSERTION),
        ("loadTable", {"status": 404, "body": b""}, Outcome.OK, "http-404", -1, NO_ASSERTION),
        ("listTables", {"status": 500, "body": b""}, Outcome.DROPPED, "http-500", -1, NO_ASSERTION),
    ],
)
def test_outcome_error_and_value_follow_from_the_answer(
    tmp_path: Path,
    operation: str,
    exchange: dict[str, Any],
    outcome: Outcome,
    error: str,
    value: int,
    parent: int,
) -> None:
    found = recorded(tmp_path, operation, complete=True, **exchange)
    assert found[:2] == (outcome, error)
    assert (found[2]["value"], found[2]["parent"]) == (value, parent)


def test_an_answer_that_never_came_has_the_transports_word(tmp_path: Path) -> None:
    outcome, error, row = recorded(tmp_path, "updateTable", error="reset")
    assert (outcome, error) == (Outcome.INFO, "reset")
    assert row["status"] == 0


def test_without_a_recorder_the_outcome_is_known_all_the_same() -> None:
    subject = Subject(operation_id=0, key_id=0, is_mutation=True, shows_table=True)
    came = Exchange(status=409, complete=True, body=CONFLICT, sent_ns=1)
    found = operation_record(None, subject, came, None, 1, 1, 0, 9, 4)
    assert found == (NOT_RECORDED, Outcome.FAIL, "CommitFailedException")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("NONSENSE = ", "iceworthy/record/history.py"),
        ("FULL_EVERY = ", "iceworthy/record/history.py"),
        ("_brief_left", "scenarios/engine/full_reads.py"),
        ("recorder.record(", "iceworthy/client/operation_record.py"),
    ],
)
def test_each_of_these_is_defined_in_one_place(text: str, place: str) -> None:
    rooms = ("iceworthy", "scenarios", "fixtures", "analysis", "chaos")
    files = (path for room in rooms for path in sorted((ROOT / room).rglob("*.py")))
    found = [path.relative_to(ROOT).as_posix() for path in files if text in path.read_text("utf-8")]
    assert [name for name in found if not name.startswith("analysis/bench")] == [place]
