"""The verdict of each thing that the command asked for; the exit code answers these alone.

Claim: a case passes when it was asked and holds, an experiment when its own judges do, a
requirement when its bases do. Whatever ran beside them (the survey, requirements that need more
than was asked for) changes nothing. What was not reached is unknown, with the cause, and so is a
fail that a guard explains (a path of the target file that is not there, a starved machine).
Example: `run contract --case X` on a catalog where X holds and the survey found a defect is a pass.
What this does NOT show: the defects beside; the report and the terminal name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from analysis.criteria._cases import results_of_cases
from analysis.criteria.contract_cases import judge_lines
from analysis.guards import guards
from analysis.judge_experiment import Ruling, own_verdict, unfinished
from analysis.run import Run
from analysis.verdict_json import plain
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import AskedVerdict, RequirementVerdict, ReviewVerdicts
from iceworthy.words.asked import AskedFor, fits, names_of_case
from iceworthy.words.blame import Blame
from iceworthy.words.errors import RecordError
from iceworthy.words.verdict import Judgement, Verdict, merge

REASONS_MOST = 3
ENDED_BEFORE = "the run ended before it"


def cases_asked(run: Run, asked: Iterable[AskedFor]) -> dict[AskedFor, Verdict]:
    """The verdict of each pattern of cases that this experiment answers."""
    own = [one for one in asked if one.kind == "case" and one.experiment == run.name]
    return {one: _of_cases(run, one) for one in own}


def with_asked(
    verdicts: ReviewVerdicts,
    record: ReviewRecord,
    rulings: Mapping[str, Sequence[Ruling]],
    cases: Mapping[AskedFor, Verdict],
) -> ReviewVerdicts:
    """The verdicts of a review with those of what was asked, which decide the whole."""
    if not record.asked:
        return verdicts
    by_id = {one.id: one for one in verdicts.requirements}
    found = []
    for one in record.asked:
        if one.kind == "requirement":
            made = _of_requirement(one, by_id.get(one.name))
        elif one.kind == "case":
            made = _made(one, cases.get(one) or _not_reached(one, record))
        else:
            rows = rulings.get(one.experiment)
            made = (
                _of_experiment(one, list(rows)) if rows else _made(one, _not_reached(one, record))
            )
        found.append(made)
    return replace(verdicts, asked=tuple(found), verdict=merge(one.verdict for one in found))


def _of_cases(run: Run, asked: AskedFor) -> Verdict:
    try:
        every = results_of_cases(run)
        lines = [one for one in every if fits(asked.name, names_of_case(one.case, one.about))]
    except RecordError as error:
        return _unknown(asked, f"not judged: its records are damaged: {error}", Blame.OUTSIDE)
    if damage := run.damage:
        return _unknown(asked, f"not judged: its records are damaged: {damage}", Blame.OUTSIDE)
    if not lines and not run.plan.complete:
        return _unknown(asked, f"{ENDED_BEFORE}: {run.plan.stopped_because}", None)
    found = judge_lines(lines, every, asked.name)
    guarded = guards(run).apply(found, guarded_by=(), checker=False)
    return unfinished(run, guarded, checker=False)


def _of_experiment(asked: AskedFor, rulings: list[Ruling]) -> AskedVerdict:
    own = own_verdict(rulings)
    counting = [one.verdict for one in rulings if one.decides and one.verdict.applies]
    failed = [one.verdict for one in rulings if one.verdict.judgement is Judgement.FAIL]
    held = sum(one.kind != "guard" and one.verdict.judgement is Judgement.PASS for one in rulings)
    holds = f"{held} judge{' holds' if held == 1 else 's hold'}"
    if own is Judgement.PASS:
        return _asked(asked, own, holds)
    rows = failed or [one for one in counting if one.judgement is Judgement.UNKNOWN]
    reasons = "; ".join(f"{one.name}: {one.reason}" for one in rows[:REASONS_MOST])
    more = f"; and {len(rows) - REASONS_MOST} more" if len(rows) > REASONS_MOST else ""
    counted = "" if failed else f"{holds}, {len(rows)} not decided: "
    lead = next((one for one in rows if one.figure), None)
    return _asked(asked, own, f"{counted}{reasons}{more}", figure=lead.figure if lead else "")


def _of_requirement(asked: AskedFor, row: RequirementVerdict | None) -> AskedVerdict:
    if row is None:
        return _asked(asked, Judgement.UNKNOWN, "this version has no such requirement")
    return _asked(asked, row.verdict, row.reason, figure=row.figure)


def _not_reached(asked: AskedFor, record: ReviewRecord) -> Verdict:
    why = "; ".join(record.stopped)
    return _unknown(asked, f"{ENDED_BEFORE}: {why}" if why else ENDED_BEFORE, None)


def _unknown(asked: AskedFor, reason: str, blame: Blame | None) -> Verdict:
    return Verdict(name=asked.name, judgement=Judgement.UNKNOWN, reason=reason, blame=blame)


def _made(asked: AskedFor, verdict: Verdict) -> AskedVerdict:
    return _asked(asked, verdict.judgement, verdict.reason, figure=verdict.figure)


def _asked(asked: AskedFor, verdict: Judgement, reason: str, *, figure: str = "") -> AskedVerdict:
    return AskedVerdict(
        kind=asked.kind,
        name=asked.name,
        verdict=verdict,
        reason=plain(reason),
        figure=figure,
        experiment=asked.experiment,
    )
