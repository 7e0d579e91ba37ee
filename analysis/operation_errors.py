"""What counts as an error while nothing is broken: the one definition, for criteria and report.

An error is: no answer (refused, reset, timed out), an answer that ended early, a 2xx of a table
operation that holds no table, a 5xx, or a 4xx that the load cannot have caused. Caused by the load
are 409 on a mutation (a lost race, a name taken), 404 on what the load itself drops, renames, or
had not seen created when it asked, and 400 on dropping a namespace, which the load asks for while
something is in it: the survey judges with which status that is to be refused.
What this does NOT show: whether a 2xx was right; the checkers do.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.run import Run
from iceworthy.record.history import FLAG_AUDIT, FLAG_TORN, UNIT
from iceworthy.words.operation import MUTATIONS
from iceworthy.words.outcome import Outcome

Mask = npt.NDArray[np.bool_]

CALM = ("steady",)
NONSENSE = "nonsense"  # the history's error of a 2xx whose body is not what was asked for
CREATES = ("create_table", "create_namespace")


def calm_mask(run: Run) -> Mask:
    """Operations of sessions whose intended start lies in a window without faults."""
    found: Mask = run.within(*CALM) & ((run.history.ops["flags"] & FLAG_AUDIT) == 0)
    return found


def is_calm(run: Run, t_ns: int) -> bool:
    """Whether an instant lies in a window without faults."""
    return any(window.start_ns <= t_ns < window.end_ns for window in run.windows_of(*CALM))


def error_mask(run: Run) -> Mask:
    """Every row that would be an error while nothing is broken."""
    ops = run.history.ops
    status = ops["status"]
    mutation = run.history.of_kind(*MUTATIONS)
    broken = (status == 0) | (status >= 500) | ((ops["flags"] & FLAG_TORN) != 0)
    broken |= (status // 100 == 2) & (ops["error"] == run.history.id_of(NONSENSE))
    refused = (status >= 400) & (status < 500)
    raced = mutation & (status == 409)
    raced |= run.history.of_kind("drop_namespace") & (status == 400)
    gone = (status == 404) & ~_lasting(run)
    found: Mask = broken | (refused & ~raced & ~gone)
    return found


def unhurried(run: Run) -> Mask:
    """Whole answers that waiting too long does not explain: any but 5xx, and 500 to a read.

    A mutation's 500 may say that its COMMIT was not waited for to the end.
    """
    status = run.history.ops["status"]
    whole = (status > 0) & ((run.history.ops["flags"] & FLAG_TORN) == 0)
    slow = (status > 500) | ((status == 500) & run.history.of_kind(*MUTATIONS))
    found: Mask = whole & ~slow
    return found


def _lasting(run: Run) -> Mask:
    """Rows asked after their key's creation was acknowledged, if the load never takes it away."""
    history, ops = run.history, run.history.ops
    created = _keys(run, CREATES, Outcome.OK)
    leaving = _keys(run, ("drop_table", "drop_namespace", "rename_table"), None)
    gone_spaces = [history.strings[i] for i in leaving if "/" not in history.strings[i]]
    below = tuple(prefix for name in gone_spaces for prefix in (f"{name}/", f"{name}{UNIT}"))
    lasting = [
        i for i in np.setdiff1d(created, leaving) if not history.strings[i].startswith(below)
    ]
    made_ns = np.full(len(history.strings), np.iinfo(np.int64).max, dtype=np.int64)
    made = np.flatnonzero(history.of_kind(*CREATES) & history.with_outcome(Outcome.OK))
    np.minimum.at(made_ns, ops["key"][made], ops["completed_ns"][made])
    after = ops["sent_ns"] > made_ns[ops["key"]]
    found: Mask = after & np.isin(ops["key"], np.array(lasting, dtype=np.uint32))
    return found


def _keys(run: Run, kinds: tuple[str, ...], outcome: Outcome | None) -> npt.NDArray[np.uint32]:
    mask = run.history.of_kind(*kinds)
    if outcome is not None:
        mask = mask & run.history.with_outcome(outcome)
    found: npt.NDArray[np.uint32] = np.unique(run.history.ops["key"][mask])
    return found


def word(run: Run, index: int) -> str:
    """What came of one operation, as people say it: "503", "no answer: reset", "torn 200"."""
    op = run.history.ops[index]
    if op["status"] == 0:
        return f"no answer: {run.history.strings[op['error']] or 'unknown'}"
    if op["flags"] & FLAG_TORN:
        return f"torn {op['status']}"
    nonsense = run.history.strings[op["error"]] == NONSENSE
    return f"{op['status']} without a table" if nonsense else str(op["status"])


def tally(run: Run, mask: Mask) -> list[dict[str, Any]]:
    """The rows under the mask, counted by kind and by what came, most first, one example each."""
    history = run.history
    counted: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], str] = {}
    for index in np.flatnonzero(mask):
        what = (history.strings[history.ops["kind"][index]], word(run, int(index)))
        counted[what] += 1
        example.setdefault(what, history.op_id(int(index)))
    return [
        {"kind": kind, "came": came, "count": count, "op": example[kind, came]}
        for (kind, came), count in counted.most_common()
    ]


def in_words(rows: list[dict[str, Any]]) -> str:
    """The first few of a tally in one line."""
    told = [f"{row['count']} {row['kind']}: {row['came']}" for row in rows[:3]]
    return ", ".join(told) + (", …" if len(rows) > 3 else "")
