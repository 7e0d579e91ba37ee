"""The target advertises every operation of namespaces, tables, views, scans and transactions.

Method: operations.jsonl says for each operation of the specification whether /v1/config offers it.
What it does NOT show: that the operations work (contract_cases shows that).
"""

from __future__ import annotations

from analysis.criteria._ruling import failed, passed, unknown
from analysis.run import Run
from iceworthy.record.contract_lines import AdvertisedOperation
from iceworthy.record.typed_json import to_object
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "contract_phases"
LIMITS = (Limit(name="advertised", relation="all", shown="all"),)


def judge(run: Run) -> Verdict:
    """FR-001: every operation is advertised."""
    found = [one for one in run.read(AdvertisedOperation) if one.phase]
    if not found:
        return unknown(NAME, "what the target advertises was not asked", limits=LIMITS)
    if run.plan.params.get("cases"):
        return unknown(NAME, "only some cases were asked for", limits=LIMITS)
    lacking = [one for one in found if not one.advertised]
    measures = (
        Measure(
            name="advertised",
            value=len(found) - len(lacking),
            unit="operations",
            of=len(found),
            shown="{value} of {of} {unit}",
        ),
    )
    if lacking:
        by_phase: dict[str, list[str]] = {}
        for one in lacking:
            by_phase.setdefault(one.phase, []).append(one.operation)
        shown = "; ".join(f"{phase}: {', '.join(names)}" for phase, names in by_phase.items())
        return failed(
            NAME,
            f"not advertised: {shown}",
            measures=measures,
            limits=LIMITS,
            evidence=[to_object(one) for one in lacking],
            judged=len(found),
        )
    return passed(NAME, "all are advertised", measures=measures, limits=LIMITS, judged=len(found))
