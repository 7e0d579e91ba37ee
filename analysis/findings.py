"""The findings of a review: each fail of a judge, joined by cause.

Claim: a verdict that is fail makes at least one finding, and nothing else makes one: not a pass,
and not a fail that a guard turned into unknown. A failure that two judges of one experiment saw (a
broken case counts for its requirement and for SC-001) is counted once.
What it does NOT show: failures beyond those that a judge keeps as evidence; `count` has them all
where the judge counted them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from analysis.causes import by_common_cause
from analysis.harm import harm_of_judge
from analysis.requirements import REQUIREMENTS, Requirement
from iceworthy.words.finding import Cause, Finding, grouped, joined, same_failure
from iceworthy.words.verdict import Judgement, Verdict

Again = Callable[[str, Finding], str]
NO_NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def with_findings(verdict: Verdict, claim: str) -> Verdict:
    """The verdict with its findings whole. claim: the judge's own first line, which says what had
    to hold. A fail without a finding gets one of its reason; what is no fail loses its findings.
    """
    if verdict.judgement is not Judgement.FAIL:
        return replace(verdict, findings=())
    findings = verdict.findings or (_of_reason(verdict),)
    return replace(
        verdict, findings=tuple(replace(one, expected=one.expected or claim) for one in findings)
    )


def gather(
    verdicts: Mapping[str, Sequence[Verdict]],
    again: Again,
    *,
    spared: frozenset[str] = frozenset(),
    began: Mapping[str, int] = MappingProxyType({}),
    needs: Mapping[str, tuple[str, ...]] = NO_NEEDS,
) -> tuple[Finding, ...]:
    """The findings of all experiments, one for each cause, worst first.

    verdicts: those of each experiment's judges. again(experiment, finding): the command line that
    shows the finding again. spared: ids of requirements that no finding breaks, because it has
    another cause than the fault that they are about. began: experiment -> monotonic ns at which its
    load began. needs: experiment -> environment variables that a run of it reads.
    """
    failures: dict[tuple[Any, ...], Finding] = {}
    for experiment, judged in verdicts.items():
        for verdict in judged:
            if verdict.judgement is not Judgement.FAIL:
                continue
            broken = [one for one in _broken_by(verdict.name) if one.id not in spared]
            own: dict[tuple[Any, ...], Finding] = {}
            for one in verdict.findings:
                whole = replace(
                    one,
                    words=one.words or " ".join(requirement.text for requirement in broken[:1]),
                    requirements=tuple(sorted({*one.requirements, *(r.id for r in broken)})),
                    experiments=(experiment,),
                    recorded_in=experiment if one.operations else "",
                    needs=needs.get(experiment, ()),
                )
                whole = replace(whole, again=again(experiment, whole))
                key = (experiment, one.cause, one.shown_by)
                own[key] = joined(own[key], whole) if key in own else whole
            for key, one in own.items():
                failures[key] = same_failure(failures[key], one) if key in failures else one
    found = grouped(by_common_cause(failures.values()))
    return tuple(replace(one, since=_since(one, began)) for one in found)


def _since(one: Finding, began: Mapping[str, int]) -> str:
    """When a finding was seen first, from the beginning of the load in which it was; "" for none.

    All experiments of a review share one clock: it was in the last that had begun by then.
    """
    first_ns = one.first_ns
    if first_ns is None:
        return ""
    loads = [(began[name], name) for name in one.experiments if 0 < began.get(name, 0) <= first_ns]
    if not loads:
        return ""
    t0_ns, name = max(loads)
    return f"{(first_ns - t0_ns) / 1e9:.1f} s after the load of {name} began"


def _broken_by(judge: str) -> list[Requirement]:
    return [one for one in REQUIREMENTS if any(str(basis.judge) == judge for basis in one.bases)]


def _of_reason(verdict: Verdict) -> Finding:
    operations = (str(row["op"]) for row in verdict.evidence if row.get("op"))
    return Finding(
        cause=Cause(rule=verdict.name),
        title=verdict.reason,
        got=verdict.figure or verdict.reason,
        harm=harm_of_judge(verdict.name),
        operations=tuple(dict.fromkeys(operations)),
        shown_by=(verdict.name,),
    )
