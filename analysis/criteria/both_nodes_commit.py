"""Each contended table takes commits through several nodes, in turn (FR-007).

Method: the acknowledged commits of a table in order of their answers. The nodes that acknowledged
them must alternate, and every node that tried often must have had one acknowledged. Whether the
result is one consistent chain is judged by cas_exclusivity, prefix_reads and real_time.
What it does NOT show: how the nodes exclude each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.criteria._ruling import failed, passed, unknown
from analysis.operation_errors import Mask
from analysis.run import Run
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "both_nodes_commit"
HARM = Harm.UNAVAILABLE
HOT = 20  # a table with this many acknowledged commits counts as contended
TRIED = 50  # a node with this many attempts and no success is shut out
TURNS = 10
LIMITS = (Limit(name="turns", relation=">=", value=TURNS, unit="turns a table"),)


def judge(run: Run) -> Verdict:
    """FAIL if a table refuses one node for good; UNKNOWN without contended tables or turns."""
    ops = run.history.ops
    commits = run.history.of_operation("updateTable") & (ops["status"] > 0)
    tables = [_table(run, int(key), commits) for key in np.unique(ops["key"][commits])]
    hot = [table for table in tables if table["acknowledged"] >= HOT]
    tried_through = {node for table in tables for node in table["tried"]}
    fewest = min((table["turns"] for table in hot), default=0)
    facts: dict[str, Any] = {
        "measures": (
            Measure(name="contended", value=len(hot), unit="tables"),
            Measure(name="turns", value=fewest, unit="turns", shown="at least {value} {unit}"),
        ),
        "limits": LIMITS,
        "judged": int(commits.sum()),
        "evidence": hot,
    }
    if len(tried_through) < 2:
        return unknown(NAME, "commits went through one node only", **facts)
    out = [(table["table"], node) for table in hot for node in table["shut_out"]]
    if out:
        shown = ", ".join(f"node {node} on {table}" for table, node in out[:3])
        return failed(NAME, f"acknowledged no commit of {TRIED} or more: {shown}", **facts)
    if not hot:
        return unknown(NAME, f"no table took {HOT} commits", **facts)
    if fewest < TURNS:
        return unknown(NAME, f"a table's commits changed node only {fewest} times", **facts)
    return passed(
        NAME,
        f"{len(hot)} contended tables took commits through {len(tried_through)} nodes in turn",
        **facts,
    )


def _table(run: Run, key: int, commits: Mask) -> dict[str, Any]:
    ops = run.history.ops
    own = commits & (ops["key"] == key)
    good = np.flatnonzero(own & (ops["outcome"] == int(Outcome.OK)))
    through = ops["node"][good[np.argsort(ops["completed_ns"][good], kind="stable")]]
    tried = {
        int(n): int(c)
        for n, c in zip(*np.unique(ops["node"][own], return_counts=True), strict=True)
    }
    took = {int(n): int(c) for n, c in zip(*np.unique(through, return_counts=True), strict=True)}
    return {
        "table": run.history.strings[key].replace("\x1f", "."),
        "acknowledged": len(good),
        "by_node": took,
        "tried": tried,
        "turns": int((through[1:] != through[:-1]).sum()),
        "shut_out": [
            node for node, count in tried.items() if count >= TRIED and not took.get(node)
        ],
    }
