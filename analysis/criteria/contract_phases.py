"""The target advertises every operation of namespaces, tables, views, scans and transactions.

Method: operations.jsonl says for each operation of the specification whether /v1/config offers it.
What it does NOT show: that they work (contract_cases does); a phase is named by what it is about.
"""

from __future__ import annotations

from analysis.criteria._ruling import failed, passed, unknown
from analysis.run import Run
from iceworthy.words.verdict import Verdict

NAME = "contract_phases"


def judge(run: Run) -> Verdict:
    """FR-001: that all of it is there."""
    found = [one for one in run.stream("operations") if one.get("phase")]
    limit = "all"
    if not found:
        return unknown(NAME, "what the target advertises was not asked", limit=limit)
    if (run.plan.get("params") or {}).get("cases"):
        return unknown(NAME, "only some cases were asked for", limit=limit)
    lacking = [one for one in found if not one["advertised"]]
    figure = f"{len(found) - len(lacking)} of {len(found)} operations"
    if lacking:
        by_phase: dict[str, list[str]] = {}
        for one in lacking:
            by_phase.setdefault(str(one["phase"]), []).append(str(one["operation"]))
        told = "; ".join(f"{phase}: {', '.join(names)}" for phase, names in by_phase.items())
        return failed(
            NAME,
            f"not advertised: {told}",
            figure=figure,
            limit=limit,
            evidence=lacking,
            judged=len(found),
        )
    return passed(NAME, "all are advertised", figure=figure, limit=limit, judged=len(found))
