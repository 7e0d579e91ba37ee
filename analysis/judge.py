"""Judges a review from its folder alone: each experiment, then each requirement, then the whole.

Claim: the whole fails if anything failed anywhere. It passes only if every requirement in scope has
all of its evidence. In scope are the requirements that this version can confirm and the profile's
experiments decide, or exactly the ids that the user asked for. All others are listed apart, as
unknown with the reason. docs/judging.md has the rules.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.asked import cases_asked, with_asked
from analysis.declarations import declared_in_content
from analysis.findings import gather
from analysis.headline import largest, weight
from analysis.judge_experiment import Ruling, judge_one, own_verdict
from analysis.requirements import (
    NOT_YET,
    REQUIREMENTS,
    Requirement,
    named_experiments,
    requirement_ids,
)
from analysis.review_damage import damage_of, with_damage
from analysis.run import Run
from analysis.run_again import run_again, target_name, target_words
from analysis.shared_cause import (
    FaultTimes,
    Red,
    by_judge,
    fault_times,
    has_own_evidence,
    reds_of,
    same_cause,
)
from analysis.verdict_json import plain, verdict_fields
from iceworthy.record.findings_file import write_findings
from iceworthy.record.plan import Plan
from iceworthy.record.review import ReviewRecord, review_of
from iceworthy.record.verdicts import (
    VERDICTS_FILE,
    ExperimentVerdict,
    RequirementPart,
    RequirementVerdict,
    ReviewVerdicts,
    write_review_verdicts,
    write_rulings,
)
from iceworthy.words.asked import AskedFor
from iceworthy.words.experiment import Declared
from iceworthy.words.finding import Finding
from iceworthy.words.foreign import shell_line
from iceworthy.words.verdict import Judgement, Verdict, merge

EXPERIMENTS = "experiments"
EVIDENCE_EACH = 6
EVIDENCE_MOST = 24
NOT_RUN = "not run: outside the scope asked for"
NUMBERS = ("figure", "limit", "measures", "limits")
SAME_CAUSE = "same cause as"
ENDED_BEFORE = "the review ended before it ran"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One judge's verdict in one experiment, and how it counts for a requirement."""

    judge: str
    experiment: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The record of a review, its plans, and the verdicts of each experiment's judges.

    planned: what each experiment of the profile declares; all standard ones where the folder does
    not say. ran: the same of those that ran. times: when their faults could act.
    """

    record: ReviewRecord
    plans: dict[str, Plan]
    rulings: dict[str, list[Ruling]]
    planned: dict[str, Declared]
    ran: dict[str, Declared] = field(default_factory=dict)
    times: dict[str, FaultTimes] = field(default_factory=dict)

    @property
    def asked(self) -> frozenset[str]:
        """Requirements asked for by id; empty: no restriction."""
        only = {item.upper() for item in self.record.only}
        return frozenset(only & set(requirement_ids()))

    def fails_when_calm(self, judge: str) -> bool:
        """Whether a judge fails where nothing was broken: under a load without a fault."""
        return any(
            ruling.verdict.name == judge and ruling.verdict.judgement is Judgement.FAIL
            for name, rulings in self.rulings.items()
            if (declared := self.ran.get(name)) and declared.scenario and not declared.faults
            for ruling in rulings
        )


def judge_run(root: Path) -> list[Verdict]:
    """Judge one experiment's folder and write its verdicts.json."""
    return [ruling.verdict for ruling in _judge_and_write(Run(Path(root)))]


def judge_review(root: Path) -> ReviewVerdicts:
    """Judge a whole results folder; writes its verdicts.json and returns the same object."""
    started = time.monotonic()
    root = Path(root)
    rulings: dict[str, list[Ruling]] = {}
    plans: dict[str, Plan] = {}
    ran: dict[str, Declared] = {}
    times: dict[str, FaultTimes] = {}
    record = review_of(root)
    cases: dict[AskedFor, Verdict] = {}
    for folder in experiment_folders(root):
        run = Run(folder)  # one experiment at a time, so that only one history is in memory
        rulings[run.name] = _judge_and_write(run)
        cases |= cases_asked(run, record.asked)
        plans[run.name] = run.plan
        ran[run.name] = run.declared
        times[run.name] = FaultTimes() if run.damage else fault_times(run)
    said = {one.experiment: one for one in record.declared} | ran
    named = record.experiments or (*named_experiments(), *plans)
    planned = {name: said.get(name) or declared_in_content(name) for name in named}
    review = Review(
        record=record, plans=plans, rulings=rulings, planned=planned, ran=ran, times=times
    )
    found = with_asked(_verdicts(review), record, rulings, cases)
    found = with_damage(found, damage_of(root, record, tuple(plans)))
    write_findings(root, _findings(review, found))
    found = replace(found, judged_s=round(time.monotonic() - started, 2))
    write_review_verdicts(root, found)
    return found


def experiment_folders(root: Path) -> list[Path]:
    """The experiments' folders of a review, in the order in which they are run."""
    folder = root / EXPERIMENTS
    has_them = folder.is_dir() and not folder.is_symlink()
    inside = folder.iterdir() if has_them else ()
    found = [path for path in inside if path.is_dir() and not path.is_symlink()]
    ordered = review_of(root).known_experiments
    order = {name: position for position, name in enumerate(ordered)}
    return sorted(found, key=lambda path: (order.get(path.name, len(order)), path.name))


def _judge_and_write(run: Run) -> list[Ruling]:
    rulings = judge_one(run)
    write_rulings(run.folder.verdicts, (ruling.recorded for ruling in rulings))
    return rulings


def _verdicts(review: Review) -> ReviewVerdicts:
    requirements = _requirements(review)
    seeds = (plan.seed for plan in review.plans.values())
    return ReviewVerdicts(
        verdict=_whole(requirements, review),
        target=target_name(review.plans, review.record),
        seed=next(seeds, None) if review.record.seed is None else review.record.seed,
        requirements=requirements,
        experiments={name: _experiment(name, review) for name in review.rulings},
        planned=tuple(review.planned),
    )


def _requirements(review: Review) -> tuple[RequirementVerdict, ...]:
    """All of them: first those about no fault, which the others may name as their cause."""
    reds: dict[str, list[Red]] = {}
    found: dict[str, RequirementVerdict] = {}
    for one in sorted(REQUIREMENTS, key=lambda one: bool(one.about)):
        parts = _parts(one, review)
        own = [_judged_by_its_fault(one, part, review, reds) for part in parts]
        foreign = [part for part in _elsewhere(one, review) if not _concerns(one, part, review)]
        found[one.id] = _requirement(one, review, own, foreign, reds)
        if found[one.id].verdict is Judgement.FAIL:
            reds[one.id] = reds_of((part.experiment, part.verdict) for part in own)
    return tuple(found[one.id] for one in REQUIREMENTS)


def _experiment(name: str, review: Review) -> ExperimentVerdict:
    plan, verdicts = review.plans[name], [one.verdict for one in review.rulings[name]]
    return ExperimentVerdict(
        verdict=own_verdict(review.rulings[name]),
        complete=plan.complete,
        stopped_because=plan.stopped_because,
        judges=len(verdicts),
        failed=tuple(one.name for one in verdicts if one.judgement is Judgement.FAIL),
    )


def _whole(requirements: Iterable[RequirementVerdict], review: Review) -> Judgement:
    judgements = [one.verdict for one in requirements if one.in_scope]
    if review.asked:  # --only ID: the whole is the verdict of these ids alone
        return merge(judgements)
    judgements += [one.verdict for one in requirements if one.verdict is Judgement.FAIL]
    for name in dict.fromkeys((*review.planned, *review.rulings)):
        ran = name in review.rulings
        judgements.append(own_verdict(review.rulings[name]) if ran else Judgement.UNKNOWN)
    return merge(judgements)


def _requirement(
    one: Requirement,
    review: Review,
    parts: list[Part],
    foreign: list[Part],
    reds: dict[str, list[Red]],
) -> RequirementVerdict:
    """foreign: fails of its judges that have nothing to do with it. reds: of those before it."""
    applies = [part for part in parts if part.verdict.applies]
    parts = applies or parts
    found = merge(part.verdict.judgement for part in parts)
    if one.scope == "refutable" and found is Judgement.PASS:
        found = Judgement.UNKNOWN
    lead = _leading(parts)
    numbers = verdict_fields(lead.verdict) if lead else {}
    reason = _reason(one, found, parts)
    same = same_cause(reds_of((part.experiment, part.verdict) for part in parts), reds)
    if found is Judgement.FAIL and same:
        reason = f"same cause as {same}: {reason}"
    elif found is Judgement.UNKNOWN and foreign and not reason.startswith(SAME_CAUSE):
        reason = f"{_foreign_reason(foreign[0], reds)}; {reason}"
    return RequirementVerdict(
        id=one.id,
        verdict=found,
        reason=plain(reason),
        blame=lead.verdict.blame if lead else None,
        evidence=_evidence(parts),
        reproduce=_reproduce(one, lead, review),
        title=one.title,
        text=one.text,
        scope=one.scope,
        in_scope=_in_scope(one, review, applies=bool(applies)),
        **{name: numbers[name] for name in NUMBERS if numbers},
    )


def _parts(one: Requirement, review: Review) -> list[Part]:
    """The verdicts that count: of required and planned experiments, and fails of any other
    experiment, if that experiment had the fault that the requirement is about.
    """
    return [
        *_counted_parts(one, review),
        *(p for p in _elsewhere(one, review) if _concerns(one, p, review)),
    ]


def _concerns(one: Requirement, part: Part, review: Review) -> bool:
    return one.concerns(review.ran.get(part.experiment, Declared(experiment=part.experiment)))


def _counted_parts(one: Requirement, review: Review) -> list[Part]:
    parts: list[Part] = []
    for basis in one.bases:
        experiments = basis.experiments(review.planned.values())
        for name in experiments:
            parts.append(
                Part(
                    judge=str(basis.judge),
                    experiment=name,
                    verdict=_verdict_of(str(basis.judge), name, review),
                )
            )
    return parts


def _elsewhere(one: Requirement, review: Review) -> list[Part]:
    """The fails of its judges in the experiments where they do not count fully."""
    return [
        Part(judge=str(basis.judge), experiment=name, verdict=ruling.verdict)
        for basis in one.bases
        for name, rulings in review.rulings.items()
        if name not in basis.experiments(review.planned.values())
        for ruling in rulings
        if ruling.verdict.name == str(basis.judge) and ruling.verdict.judgement is Judgement.FAIL
    ]


def _judged_by_its_fault(
    one: Requirement, part: Part, review: Review, reds: dict[str, list[Red]]
) -> Part:
    """The part as it counts for a requirement about a fault: a fail that is there without the
    fault is its own doing, and leaves the requirement unknown.
    """
    verdict = part.verdict
    if not one.about or verdict.judgement is not Judgement.FAIL:
        return part
    times = review.times.get(part.experiment, FaultTimes())
    if has_own_evidence(verdict, times) and not review.fails_when_calm(part.judge):
        return part
    reason = _foreign_reason(part, reds)
    return replace(part, verdict=replace(verdict, judgement=Judgement.UNKNOWN, reason=reason))


def _foreign_reason(part: Part, reds: dict[str, list[Red]]) -> str:
    cause = by_judge(part.judge, reds) or f"{part.judge} in {part.experiment}"
    return f"{SAME_CAUSE} {cause}, which fails where this fault was not: {part.verdict.reason}"


def _verdict_of(judge: str, experiment: str, review: Review) -> Verdict:
    for ruling in review.rulings.get(experiment, []):
        if ruling.verdict.name == judge:
            return ruling.verdict
    if experiment in review.rulings:
        reason = "this judge said nothing about the run"
    elif experiment in review.planned:
        reason = ENDED_BEFORE
    else:
        reason = NOT_RUN
    return Verdict(name=judge, judgement=Judgement.UNKNOWN, reason=reason)


def _in_scope(one: Requirement, review: Review, *, applies: bool) -> bool:
    if review.asked:
        return one.id in review.asked
    return applies and one.scope == "judged" and set(one.experiments) <= set(review.planned)


def _leading(parts: list[Part]) -> Part | None:
    """The deciding part: of the fails the one that weighs most, else the first unknown, else the
    largest check."""
    fails = [part for part in parts if part.verdict.judgement is Judgement.FAIL]
    if fails:
        return max(fails, key=lambda part: weight(part.verdict))
    unknown = [part for part in parts if part.verdict.judgement is Judgement.UNKNOWN]
    if unknown or not parts:
        return next(iter(unknown), None)
    return parts[largest([part.verdict for part in parts])]


def _reason(one: Requirement, found: Judgement, parts: list[Part]) -> str:
    if not parts:
        return NOT_YET
    counted = {j: [p for p in parts if p.verdict.judgement is j] for j in Judgement}
    if found is Judgement.PASS:
        lead = _leading(parts)
        more = f" (and {len(parts) - 1} more verdicts hold)" if len(parts) > 1 else ""
        return (lead.verdict.reason if lead else "") + more
    if found is Judgement.UNKNOWN and not counted[Judgement.UNKNOWN]:
        return f"{parts[0].verdict.reason}; {NOT_YET}: {one.leaves_open}"
    worst = counted[found]
    where: dict[str, list[str]] = {}
    for part in worst:
        said = part.verdict.reason
        is_whole = said in (NOT_RUN, ENDED_BEFORE) or said.startswith(SAME_CAUSE)
        words = said if is_whole else f"{part.judge}: {said}"
        where.setdefault(words, []).append(part.experiment)
    shown = [f"{', '.join(dict.fromkeys(names))}: {words}" for words, names in where.items()]
    return "; ".join(shown[:2]) + (f"; and {len(shown) - 2} more" if len(shown) > 2 else "")


def _evidence(parts: list[Part]) -> tuple[RequirementPart, ...]:
    order = {Judgement.FAIL: 0, Judgement.UNKNOWN: 1, Judgement.PASS: 2}
    ranked = sorted(parts, key=lambda part: order[part.verdict.judgement])[:EVIDENCE_MOST]
    return tuple(
        RequirementPart(
            **verdict_fields(replace(part.verdict, evidence=part.verdict.evidence[:EVIDENCE_EACH])),
            experiment=part.experiment,
            file=f"{EXPERIMENTS}/{part.experiment}/{VERDICTS_FILE}",
        )
        for part in ranked
    )


def _findings(review: Review, found: ReviewVerdicts) -> tuple[Finding, ...]:
    verdicts = {
        name: [ruling.verdict for ruling in rulings] for name, rulings in review.rulings.items()
    }

    def again(experiment: str, one: Finding) -> str:
        if one.again:
            words = target_words(experiment, review.plans, review.record)
            return f"{one.again} {shell_line(*words)}"
        requirement = next(iter(one.requirements), "")
        return run_again(experiment, requirement, review.plans, review.record)

    about = {one.id for one in REQUIREMENTS if one.about}
    held = {one.id for one in found.requirements if one.verdict is not Judgement.FAIL}
    began = {name: plan.t0_ns for name, plan in review.plans.items() if plan.t0_ns}
    targets = {name: plan.target for name, plan in review.plans.items()}
    needs = {name: spec.variables for name, spec in targets.items() if spec}
    return gather(verdicts, again, spared=frozenset(about & held), began=began, needs=needs)


def _reproduce(one: Requirement, lead: Part | None, review: Review) -> str:
    """The command that runs the deciding experiment again."""
    return run_again(lead.experiment, one.id, review.plans, review.record) if lead else ""
