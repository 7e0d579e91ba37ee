"""All operations that a target advertises pass the contract's cases about them.

Method: an operation passes when a case about it holds, no case about it is broken or undecided, and
every answer to it in any case has its schema's shape. The figure is passing operations of
advertised operations (operations.jsonl). An advertised operation that no case tries makes the
verdict unknown.
What it does NOT show: anything about operations that are not advertised (contract_phases does).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.criteria._cases import results_of_cases
from analysis.criteria._ruling import failed, passed, unknown
from analysis.evidence_kinds import grounds_of_cases, grounds_of_shapes
from analysis.findings_of_cases import of_cases
from analysis.findings_of_requests import of_shape
from analysis.run import Run
from iceworthy.record.contract_lines import AdvertisedOperation, CaseResult, Misshapen
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "contract_operations"
LIMITS = (Limit(name="pass", relation="all", shown="100 %"),)


def states(run: Run) -> dict[str, list[CaseResult]]:
    """Advertised operation -> its cases that were tried."""
    advertised = [one.operation for one in run.read(AdvertisedOperation) if one.advertised]
    found: dict[str, list[CaseResult]] = {name: [] for name in advertised}
    for one in results_of_cases(run):
        if one.ended != "skipped" and one.about in found:
            found[one.about].append(one)
    return found


def misshapen(run: Run) -> dict[str, list[Misshapen]]:
    """Operation -> its answers that break their schema."""
    found: dict[str, list[Misshapen]] = {}
    for one in run.read(CaseResult):
        for answer in one.schema:
            found.setdefault(answer.operation, []).append(answer)
    return found


def judge(run: Run) -> Verdict:
    """SC-001."""
    found, wrong = states(run), misshapen(run)
    if not found:
        return unknown(NAME, "the contract's cases were not tried", limits=LIMITS)
    broken = {
        name: [one for one in cases if one.ended == "broken"] for name, cases in found.items()
    }
    failing = [name for name in found if broken[name] or name in wrong]
    untried = [name for name, cases in found.items() if not cases and name not in wrong]
    undecided = [
        name
        for name, cases in found.items()
        if name not in failing and any(one.ended == "unknown" for one in cases)
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
                "broken": [one.case for one in broken[name]][:10],
                "misshapen": [answer.problems for answer in wrong.get(name, [])][:3],
                "request": _first_request(broken[name], wrong.get(name, [])),
            }
            for name in failing
        ],
    }
    if failing:
        shown = [one for name in failing for one in broken[name]]
        findings = of_cases(shown, results_of_cases(run))
        findings += [of_shape(answer) for name in failing for answer in wrong.get(name, [])]
        reason = f"these do not pass: {', '.join(failing)}"
        grounds = grounds_of_cases(one for name in failing for one in broken[name])
        grounds += grounds_of_shapes(run)
        return failed(NAME, reason, findings=findings, grounds=grounds, **facts)
    if untried or undecided:
        reasons = [f"no case tried {', '.join(untried)}"] if untried else []
        reasons += [f"not decided: {', '.join(undecided)}"] if undecided else []
        open_ones = grounds_of_cases(one for name in undecided for one in found[name])
        return unknown(NAME, "; ".join(reasons), grounds=open_ones, **facts)
    return passed(NAME, f"{facts['judged']} cases, {len(found)} operations", **facts)


def _first_request(broken: Sequence[CaseResult], wrong: Sequence[Misshapen]) -> str:
    requests = [*(one.request for one in broken), *(answer.request for answer in wrong)]
    return next(iter(requests), "")
