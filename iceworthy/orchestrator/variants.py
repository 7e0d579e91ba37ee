"""Proves that no check accuses lawful behaviour: each variant goes through survey, contract, load.

Claim: a variant is right if no case of the contract is broken, the judges that fail are exactly
those that it declares (`lacks`; mostly none), and each experiment has a judge that passed. Unknown
is lawful where what a judge asks about does not apply.
Method: the experiments of the review, shortened, on the reference catalog with one variant.
What it does NOT show: faults on a variant that names no experiment with them, and lawful behaviour
that no variant has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.judge import judge_run
from iceworthy import discovery
from iceworthy.orchestrator.conduct import run_experiment
from iceworthy.orchestrator.fronts import reachable
from iceworthy.orchestrator.interrupt import held, telling, was_asked
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.review import (
    environment,
    new_folder,
    opening,
    record_review,
)
from iceworthy.orchestrator.settings import Settings
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import IceworthyError, PlanError
from iceworthy.words.target import TargetSpec
from iceworthy.words.target_file import load_target
from iceworthy.words.variant import Lack, Variant
from iceworthy.words.verdict import Verdict

OPTION = "ICEWORTHY_REF_"
SHOWN_MOST = 20
UNDECIDED_SHARE_MAX = 0.05
SHORT: Mapping[str, Mapping[str, Any]] = {
    "contract": {},
    "steady": {"sessions": 40, "warmup_s": 1.0, "duration_s": 5.0},
    "contention": {"sessions": 20, "warmup_s": 1.0, "duration_s": 4.0},
}
"""Experiment -> what is shorter in it here. The experiments that open every run come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Red:
    """A judge that failed, with its reason."""

    experiment: str
    judge: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """One variant's result. broken: cases of the contract, whatever they count for. lacks: what the
    variant declares. passed, undecided: how many judges. problem: why an experiment did not come to
    its end, or judged nothing."""

    variant: str
    reds: tuple[Red, ...]
    broken: tuple[str, ...] = ()
    lacks: tuple[Lack, ...] = ()
    passed: int
    undecided: int
    seconds: float
    problem: str = ""

    @property
    def right(self) -> bool:
        """A lawful variant must be accused by nothing, and must have been judged."""
        accused = self.accusations or self.broken or self.unseen
        return not accused and not self.problem and self.passed > 0

    @property
    def accusations(self) -> tuple[Red, ...]:
        """The judges that fail without a word of the variant that they must."""
        declared = {one.judge for one in self.lacks}
        return tuple(red for red in self.reds if red.judge not in declared)

    @property
    def unseen(self) -> tuple[Lack, ...]:
        """What the variant declares to lack, and no judge saw."""
        red = {one.judge for one in self.reds}
        return tuple(one for one in self.lacks if one.judge not in red)


def chosen_variants(requested: Iterable[str]) -> list[str]:
    """All variants, or those named; PlanError names the nearest to an unknown one."""
    asked = list(requested)
    for name in asked:
        discovery.path_of("variant", name)
    return asked or [*discovery.names("variant")]


def run_variants(
    settings: Settings,
    asked: Iterable[str],
    progress: Progress,
    *,
    experiments: Mapping[str, Mapping[str, Any]] = SHORT,
    keep: Callable[[Sequence[VariantRow]], None] = lambda rows: None,
) -> tuple[Path, list[VariantRow]]:
    """Run each variant; returns the results folder and a row for each (fewer when interrupted).

    keep: called with all rows so far after each variant, so that a run that is ended leaves them.
    """
    if settings.target_name != "reference":
        raise PlanError("selftest varies the reference catalog; it takes no other target")
    names = chosen_variants(asked)
    loaded: dict[str, Variant] = {name: discovery.load("variant", name) for name in names}
    for variant in loaded.values():
        load_target(variant.target)
    root = new_folder(settings)  # not results/latest, which is a review
    record_review(root, environment(settings))
    rows: list[VariantRow] = []
    with telling("stopping everything", f"what was recorded is kept in {root}"):
        for number, (name, variant) in enumerate(loaded.items(), start=1):
            try:
                row = _one(name, variant, settings, root, progress, experiments)
            except KeyboardInterrupt:
                break
            rows.append(row)
            keep(rows)
            progress.say(
                f"{number}/{len(loaded)} {name}: {'right' if row.right else 'WRONG'}, "
                f"{row.passed} pass, {row.undecided} unknown, {row.seconds:.1f} s {row.problem}"
            )
            if was_asked():
                break
    return root, rows


def varied(name: str, variant: Variant) -> TargetSpec:
    """The target that this variant changes, with the environment that makes its nodes vary."""
    spec = load_target(variant.target)
    options = {**variant.options, "variant": name}
    environment = {f"{OPTION}{key.upper()}": text for key, text in options.items()}
    node = replace(spec.node, environment={**spec.node.environment, **environment})
    return replace(spec, node=node)


def _one(
    name: str,
    variant: Variant,
    settings: Settings,
    root: Path,
    progress: Progress,
    experiments: Mapping[str, Mapping[str, Any]],
) -> VariantRow:
    started = time.monotonic()
    reds: list[Red] = []
    broken: list[str] = []
    problems: list[str] = []
    judged: list[Verdict] = []
    review = root / "variants" / name
    review.mkdir(parents=True)
    experiments = {**experiments, **variant.experiments}
    with reachable(varied(name, variant), variant.front, RunFolder(review / "stack")) as target:
        settings_of_target = replace(settings, target=target, target_name=variant.target)
        for experiment in dict.fromkeys((*opening(), *experiments)):
            changes = {**dict(experiments.get(experiment, {})), **settings.overrides}
            folder = RunFolder(review / "experiments" / experiment)
            try:
                own = replace(settings_of_target, overrides=changes)
                run_experiment(experiment, own, folder, progress, review=review)
            except PlanError:
                raise
            except IceworthyError as error:
                problems.append(f"({experiment}: {str(error).partition(chr(10))[0]})")
            with held():
                verdicts = judge_run(folder.root)
            judged += verdicts
            if not any(one.judgement == "pass" for one in verdicts):
                problems.append(f"({experiment}: nothing passed)")
            ends = {one.case: one.ended for one in folder.read(CaseResult)}
            broken += [case for case, ended in ends.items() if ended == "broken"]
            problems += undecided(experiment, ends.values())
            reds += [
                Red(experiment=experiment, judge=one.name, reason=one.reason)
                for one in verdicts
                if one.judgement == "fail"
            ]
    return VariantRow(
        variant=name,
        reds=tuple(reds),
        broken=tuple(dict.fromkeys(broken)),
        lacks=variant.lacks,
        passed=sum(one.judgement == "pass" for one in judged),
        undecided=sum(one.judgement == "unknown" for one in judged),
        seconds=round(time.monotonic() - started, 1),
        problem=" ".join(problems),
    )


def undecided(experiment: str, ends: Collection[str]) -> list[str]:
    """The problem of an experiment in which too many cases were not decided: it shows nothing.
    Example: the machine is so busy that the time for all cases is over before they are asked."""
    count = sum(ended == "unknown" for ended in ends)
    if count <= UNDECIDED_SHARE_MAX * len(ends):
        return []
    return [f"({experiment}: {count} of {len(ends)} cases were not decided)"]


def as_json(rows: Iterable[VariantRow]) -> list[dict[str, Any]]:
    """The objects that --json writes."""
    return [
        {
            "variant": row.variant,
            "red": [
                {"experiment": red.experiment, "judge": red.judge, "reason": red.reason}
                for red in row.reds
            ],
            "broken": [*row.broken],
            "lacks": [
                {"requirement": one.requirement, "judge": one.judge, "why": one.why}
                for one in row.lacks
            ],
            "passed": row.passed,
            "unknown": row.undecided,
            "seconds": row.seconds,
            "problem": row.problem,
        }
        for row in rows
    ]


def table(rows: Iterable[VariantRow]) -> str:
    """The text for the terminal: one line a row, and below it what accuses the variant."""
    lines = []
    rows = list(rows)
    width = max((len(row.variant) for row in rows), default=0)
    for row in rows:
        mark = "✓ right" if row.right else "✕ WRONG"
        lines.append(
            f"{mark} {row.variant:<{width}}  {row.passed:>3} pass  {row.undecided:>2} unknown  "
            f"{len(row.accusations):>2} fail  {len(row.broken):>2} broken cases  "
            f"{row.seconds:>5.1f} s"
        )
        lines += [f"        {red.experiment}: {red.judge}: {red.reason}" for red in row.accusations]
        lines += [f"        broken: {case}" for case in row.broken[:SHOWN_MOST]]
        for one in row.lacks:
            seen = ", and no judge saw it" if one in row.unseen else ""
            lines.append(f"        lacks {one.requirement} ({one.judge}){seen}: {one.why}")
        if row.problem:
            lines.append(f"        {row.problem}")
    return "\n".join(lines)
