"""An operation of the history, and an anomaly at it, as a sentence.

Claim: a reader who knows the specification needs no other table to read it. Example:
"updateTable of hot.t1 by session 4 at node 0 (load-0:71) was answered 200; it adds snapshot 17 on
no snapshot; seen by: loadTable of hot.t1 by the audit at node 1 (audit-1:3), answered 200".
What this does NOT show: the whole request; requests_of_operations.py has what the history keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.history import History
from iceworthy.record.history import FLAG_AUDIT, NO_ASSERTION, NULL_PARENT
from iceworthy.words.operation import COMMITS

OF_OPERATION = frozenset(
    {
        *("op", "session", "node", "operation", "key", "status", "outcome", "value", "parent"),
        *("sent_ns", "completed_ns"),
    }
)


def operation_words(history: History, row: int) -> str:
    """Operation, table or namespace, session, node and id: "loadTable of n.t by session 3 …"."""
    op = history.describe(row)
    is_audit = int(history.ops["flags"][row]) & FLAG_AUDIT
    sender = "the audit" if is_audit else f"session {op['session']}"
    about = f" of {op['key']}" if op["key"] else ""
    return f"{op['operation']}{about} by {sender} at node {op['node']} ({op['op']})"


def anomaly_words(history: History, example: Mapping[str, Any]) -> str:
    """An anomaly of a checker: its operation if it has one, then its other facts."""
    row = history.row_of(str(example.get("op", "")))
    said = [] if row is None else _answered(history, row)
    known = OF_OPERATION if row is not None else frozenset()
    for name, value in example.items():
        if name != "problem" and name not in known:
            said.append(f"{name.replace('_', ' ')}: {_value(history, value)}")
    return "; ".join(said)


def _answered(history: History, row: int) -> list[str]:
    op = history.describe(row)
    status = int(op["status"])
    answer = f"was answered {status}" if status else "got no answer"
    said = [f"{operation_words(history, row)} {answer}"]
    if op["operation"] in COMMITS and op["value"] > 0:
        said.append(f"it adds snapshot {op['value']}{_parent(op['parent'])}")
    return said


def _parent(parent: int) -> str:
    if parent == NO_ASSERTION:
        return " without an assertion about its parent"
    return " on no snapshot" if parent == NULL_PARENT else f" on snapshot {parent}"


def _value(history: History, value: object) -> str:
    """A fact; the id of an operation as the operation."""
    row = history.row_of(value) if isinstance(value, str) else None
    if row is not None:
        answer = _answered(history, row)
        return ", ".join(answer)
    return "nothing" if value is None else str(value)
