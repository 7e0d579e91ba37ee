"""Which operations count as errors in windows without faults, for criteria and report.

An error is one of: no answer (refused, reset, timed out); an answer that ended early ("torn"); a
2xx of a table operation whose body holds no table; a 5xx; a 4xx that the load cannot have caused.
The load itself causes these 4xx, so they are no errors:
  409 on a mutation         another session won the race, or the name was taken
  404 on a name             that the load drops or renames, or whose creation was not yet answered
  400 on drop_namespace     the load asks for it while the namespace is not empty
  406 on what is optional   of an operation that the target never did in the run: it has none
The contract suite judges which status a refusal must have; this file does not. "Calm" in this
package means: in a window of kind steady, that is without a fault.
What this does NOT show: whether a 2xx was right; the checkers judge that.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.run import Run
from iceworthy.record.history import FLAG_AUDIT, FLAG_TORN, NONSENSE, UNIT
from iceworthy.words.operation import MUTATIONS
from iceworthy.words.outcome import Outcome

Mask = npt.NDArray[np.bool_]

CALM = ("steady",)
CREATES = ("createTable", "createNamespace")
OPTIONAL = ("updateProperties", "renameTable", "renameView", "createNamespace")
"""The document lets a server answer these with 406: "the server does not support this"."""


def calm_mask(run: Run) -> Mask:
    """Operations of sessions whose whole life, intended start to answer, met no fault."""
    found: Mask = run.within(*CALM) & ((run.history.ops["flags"] & FLAG_AUDIT) == 0)
    return found


def is_calm(run: Run, t_ns: int, end_ns: int | None = None, node: int | None = None) -> bool:
    """Whether an instant lies in a window without faults, and no fault began before end_ns. With a
    node: nor had somebody outside killed it."""
    last_ns = t_ns if end_ns is None else end_ns
    if node is not None and any(death.touches(t_ns, last_ns, node) for death in run.deaths):
        return False
    return any(
        window.start_ns <= t_ns < window.end_ns and last_ns < run.next_fault_ns(window.start_ns)
        for window in run.windows_of(*CALM)
    )


def error_mask(run: Run) -> Mask:
    """Every row that would be an error in a window without faults."""
    ops = run.history.ops
    status = ops["status"]
    mutation = run.history.of_operation(*MUTATIONS)
    broken = (status == 0) | (status >= 500) | ((ops["flags"] & FLAG_TORN) != 0)
    broken |= (status // 100 == 2) & (ops["error"] == run.history.id_of(NONSENSE))
    refused = (status >= 400) & (status < 500)
    raced = mutation & (status == 409)
    raced |= run.history.of_operation("dropNamespace") & (status == 400)
    gone = (status == 404) & ~_lasting(run)
    found: Mask = broken | (refused & ~raced & ~gone & ~_unsupported(run))
    return found


def _unsupported(run: Run) -> Mask:
    """Rows that were refused with 406, of an optional operation that was never done."""
    history, ops = run.history, run.history.ops
    done = np.unique(ops["operation"][history.with_outcome(Outcome.OK)])
    refused = history.of_operation(*OPTIONAL) & (ops["status"] == 406)
    found: Mask = refused & ~np.isin(ops["operation"], done)
    return found


def _lasting(run: Run) -> Mask:
    """Rows sent after the creation of their key was acknowledged, for keys that the load never
    removes.
    """
    history, ops = run.history, run.history.ops
    created = _keys(run, CREATES, Outcome.OK)
    leaving = _keys(run, ("dropTable", "dropNamespace", "renameTable"), None)
    gone_spaces = [history.strings[i] for i in leaving if "/" not in history.strings[i]]
    below = tuple(prefix for name in gone_spaces for prefix in (f"{name}/", f"{name}{UNIT}"))
    lasting = [
        i for i in np.setdiff1d(created, leaving) if not history.strings[i].startswith(below)
    ]
    made_ns = np.full(len(history.strings), np.iinfo(np.int64).max, dtype=np.int64)
    made = np.flatnonzero(history.of_operation(*CREATES) & history.with_outcome(Outcome.OK))
    np.minimum.at(made_ns, ops["key"][made], ops["completed_ns"][made])
    after = ops["sent_ns"] > made_ns[ops["key"]]
    found: Mask = after & np.isin(ops["key"], np.array(lasting, dtype=np.uint32))
    return found


def _keys(run: Run, operations: tuple[str, ...], outcome: Outcome | None) -> npt.NDArray[np.uint32]:
    mask = run.history.of_operation(*operations)
    if outcome is not None:
        mask = mask & run.history.with_outcome(outcome)
    found: npt.NDArray[np.uint32] = np.unique(run.history.ops["key"][mask])
    return found


def word(run: Run, index: int) -> str:
    """The answer to one operation in a few words: "503", "no answer: reset", "torn 200"."""
    op = run.history.ops[index]
    if op["status"] == 0:
        return f"no answer: {run.history.strings[op['error']] or 'unknown'}"
    if op["flags"] & FLAG_TORN:
        return f"torn {op['status']}"
    nonsense = run.history.strings[op["error"]] == NONSENSE
    return f"{op['status']} without a table" if nonsense else str(op["status"])


def tally(run: Run, mask: Mask) -> list[dict[str, Any]]:
    """The rows under the mask, counted by operation and answer, most frequent first, with an
    example each.
    """
    history = run.history
    counted: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], str] = {}
    for index in np.flatnonzero(mask):
        what = (history.strings[history.ops["operation"][index]], word(run, int(index)))
        counted[what] += 1
        example.setdefault(what, history.op_id(int(index)))
    return [
        {"operation": operation, "answer": answer, "count": count, "op": example[operation, answer]}
        for (operation, answer), count in counted.most_common()
    ]


def in_words(rows: list[dict[str, Any]]) -> str:
    """The three most frequent rows of a tally in one line: "12 loadTable: 503, 2 listTables: torn
    200".
    """
    shown = [f"{row['count']} {row['operation']}: {row['answer']}" for row in rows[:3]]
    return ", ".join(shown) + (", …" if len(rows) > 3 else "")
