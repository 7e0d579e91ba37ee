"""All operations that a target advertises pass the contract's cases about them.

Method: an operation passes when a case about it holds, no case about it is broken or undecided, and
every answer to it in any case has its schema's shape. The figure is passing operations of
advertised operations (operations.jsonl). An advertised operation that no case tries makes the
verdict unknown.
What it does NOT show: anything about operations that are not advertised (contract_phases does).
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._ruling import failed, passed, unknown
from analysis.run import Run
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "contract_operations"
LIMITS = (Limit(name="pass", relation="all", shown="100 %"),)


def states(run: Run) -> dict[str, list[dict[str, Any]]]:
    """Advertised operation -> its cases that were tried."""
    advertised = [str(one["operation"]) for one in run.stream("operations") if one["advertised"]]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in advertised}
    for one in run.stream("cases"):
        if one.get("ended") != "skipped" and one.get("about") in found:
            found[one["about"]].append(one)
    return found


def misshapen(run: Run) -> dict[str, list[dict[str, Any]]]:
    """Operation -> its answers that break their schema."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in run.stream("cases"):
        for answer in one.get("schema") or ():
            found.setdefault(str(answer.get("operation")), []).append(answer)
    return found


def judge(run: Run) -> Verdict:
    """SC-001."""
    found, wrong = states(run), misshapen(run)
    if not found:
        return unknown(NAME, "the contract's cases were not tried", limits=LIMITS)
    broken = {
        name: [one for one in cases if one["ended"] == "broken"] for name, cases in found.items()
    }
    failing = [name for name in found if broken[name] or name in wrong]
    untried = [name for name, cases in found.items() if not cases and name not in wrong]
    undecided = [
        name
        for name, cases in found.items()
        if name not in failing and any(one["ended"] == "unknown" for one in cases)
    ]
    passing = len(found) - len({*failing, *untried, *undecided})
    facts: dict[str, Any] = {
        "measures": (
            Measure(
                name="pass",
                value=passing,
                unit="operations",
                of=len(found),
                shown="{value} of {of} {unit}",
            ),
        ),
        "limits": LIMITS,
        "judged": sum(map(len, found.values())),
        "evidence": [
            {
                "operation": name,
                "broken": [one["case"] for one in broken[name]][:10],
                "misshapen": [answer.get("problems") for answer in wrong.get(name, [])][:3],
                "request": next(
                    (one["request"] for one in (*broken[name], *wrong.get(name, []))), ""
                ),
            }
            for name in failing
        ],
    }
    if failing:
        return failed(NAME, f"these do not pass: {', '.join(failing)}", **facts)
    if untried or undecided:
        told = [f"no case tried {', '.join(untried)}"] if untried else []
        told += [f"not decided: {', '.join(undecided)}"] if undecided else []
        return unknown(NAME, "; ".join(told), **facts)
    return passed(NAME, f"{facts['judged']} cases, {len(found)} operations", **facts)
