"""verdicts.json of an experiment and of a review: their only writer and reader.

Claim: what is read is what was written; a file of a format that this version does not know is an
UnknownFormat. Method: `format` in the file. A file without it is of the time before it had a
number: it has the same fields, and an experiment's file is a bare list.
What this does NOT show: how the verdicts were reached; docs/judging.md says that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from iceworthy.record.json_file import read_json, write_json
from iceworthy.record.typed_json import from_object, to_object
from iceworthy.record.units import Seconds
from iceworthy.words.asked import AskedKind
from iceworthy.words.blame import Blame
from iceworthy.words.errors import RecordError, UnknownFormat
from iceworthy.words.foreign import quoted
from iceworthy.words.verdict import Judgement

VERDICTS_FORMAT = 1
VERDICTS_FILE = "verdicts.json"
Scope = Literal["judged", "refutable", "later"]
JudgeKind = Literal["guard", "checker", "criterion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredValue:
    """One measured number."""

    name: str
    """What was measured, the same in every run."""
    value: float | None = None
    """The number; null: it was looked for and did not come."""
    unit: str = ""
    """Its unit, or what is counted."""
    low: float | None = None
    """Lower end of the 95 % interval; null: not known."""
    high: float | None = None
    """Upper end of the 95 % interval; null: not known."""
    of: int | None = None
    """The count that `value` is a part of; null: it is no part of anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitValue:
    """What the measured number of the same name was held against."""

    name: str
    """Name of the measured number."""
    relation: Literal["<", "<=", ">=", "all"]
    """How the number must stand to `value`; all: it must equal its `of`."""
    value: float | None = None
    """The limit; null where the relation is all."""
    unit: str = ""
    """Its unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeVerdict:
    """One judge's verdict in one experiment."""

    judge: str
    """The judge, with its argument in brackets where it has one."""
    verdict: Judgement
    """pass, fail or unknown."""
    reason: str = ""
    """Why, in a sentence."""
    figure: str = ""
    """The measured numbers as text."""
    limit: str = ""
    """The limits as text."""
    measures: tuple[MeasuredValue, ...] = ()
    """The measured numbers."""
    limits: tuple[LimitValue, ...] = ()
    """The limits."""
    judged: int = 0
    """How many operations, samples or events it stands on."""
    blame: Blame | None = None
    """Whose doing a fail or an unknown is; null: nobody's, or a pass."""
    rests_on: Mapping[str, int] = field(default_factory=dict)
    """Kind of evidence (docs/judging.md) -> number of its samples that a fail rests on."""
    evidence: tuple[Mapping[str, Any], ...] = ()
    """Facts that show it; their keys are the judge's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRuling(JudgeVerdict):
    """A line of an experiment's verdicts.json: one judge's verdict, and how it counts."""

    kind: JudgeKind = "criterion"
    """What kind of judge it is."""
    decides: bool = False
    """Whether it counts fully here, not only as a fail."""
    seconds: Seconds = 0.0
    """How long judging took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementPart(JudgeVerdict):
    """One of the verdicts that a requirement stands on, with less evidence."""

    experiment: str = ""
    """The experiment in which it was judged."""
    file: str = ""
    """The file that has all of its evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementVerdict:
    """The verdict of one requirement."""

    id: str
    """Its id, such as FR-004."""
    verdict: Judgement
    """pass, fail or unknown."""
    reason: str = ""
    """Why, in a sentence."""
    blame: Blame | None = None
    """Whose doing it is, by the deciding verdict; null: nobody's."""
    figure: str = ""
    """The measured numbers of the deciding verdict as text."""
    limit: str = ""
    """Its limits as text."""
    measures: tuple[MeasuredValue, ...] = ()
    """The measured numbers of the deciding verdict."""
    limits: tuple[LimitValue, ...] = ()
    """Its limits."""
    evidence: tuple[RequirementPart, ...] = ()
    """The verdicts that it stands on, the worst first."""
    reproduce: str = ""
    """The command that runs the deciding experiment again; empty: none did."""
    title: str = ""
    """Its title."""
    text: str = ""
    """Its words."""
    scope: Scope = "judged"
    """judged; refutable: a part of it is not tried yet; later: nobody judges it yet."""
    in_scope: bool = True
    """Whether it counts for the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentVerdict:
    """The verdict of one experiment."""

    verdict: Judgement
    """pass, fail or unknown."""
    complete: bool = False
    """Whether it reached its end."""
    stopped_because: str = ""
    """Why it did not, in words."""
    judges: int = 0
    """How many judges looked at it."""
    failed: tuple[str, ...] = ()
    """The judges that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedVerdict:
    """The verdict of one thing that the command asked for."""

    kind: AskedKind
    """case, experiment, scenario or requirement."""
    name: str
    """Its name or id."""
    verdict: Judgement
    """pass, fail or unknown."""
    reason: str = ""
    """Why, in a sentence."""
    figure: str = ""
    """The measured numbers as text."""
    experiment: str = ""
    """The experiment that answered it; empty: several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewVerdicts:
    """The verdicts of a review."""

    verdict: Judgement
    """pass, fail or unknown: the whole, which is that of `asked` where something was asked for."""
    asked: tuple[AskedVerdict, ...] = ()
    """What the command asked for, with its verdicts; empty: the review as a whole."""
    target: str = ""
    """Name of the target."""
    seed: int | None = None
    """What everything random of the review follows from."""
    requirements: tuple[RequirementVerdict, ...] = ()
    """Every requirement."""
    experiments: Mapping[str, ExperimentVerdict] = field(default_factory=dict)
    """Every experiment that ran, by its name."""
    planned: tuple[str, ...] = ()
    """The experiments that were planned."""
    judged_s: Seconds = 0.0
    """How long judging took."""
    damage: str = ""
    """What in the folder is not as a review left it, so that nothing passes; empty: nothing."""


def write_review_verdicts(root: Path, verdicts: ReviewVerdicts) -> None:
    """Write verdicts.json of the results folder `root`; OSError where the disk refuses."""
    write_json(root / VERDICTS_FILE, {"format": VERDICTS_FORMAT, **to_object(verdicts)})


def read_review_verdicts(root: Path) -> ReviewVerdicts:
    """The verdicts of a judged review; RecordError where there are none that can be read."""
    path = root / VERDICTS_FILE
    return from_object(
        ReviewVerdicts, _facts(path, f"run: iceworthy judge {quoted(root)}"), where=str(path)
    )


def write_rulings(path: Path, rulings: Iterable[ExperimentRuling]) -> None:
    """Write the verdicts.json of an experiment; OSError where the disk refuses."""
    write_json(path, {"format": VERDICTS_FORMAT, "verdicts": list(rulings)})


def read_rulings(path: Path) -> tuple[ExperimentRuling, ...]:
    """The lines of an experiment's verdicts.json; RecordError where none can be read."""
    facts = _facts(path, "judge its review again: iceworthy judge")
    return from_object(_Rulings, facts, where=str(path)).verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rulings:
    verdicts: tuple[ExperimentRuling, ...]


def _facts(path: Path, then: str) -> Mapping[str, Any]:
    facts = read_json(path, expected="the verdicts of a judged run", then=then)
    if isinstance(facts, list):  # the file of an older run
        return {"verdicts": facts}
    if not isinstance(facts, Mapping):
        raise RecordError(f"{path}: expected an object; got {type(facts).__name__}; {then}")
    if facts.get("format", VERDICTS_FORMAT) != VERDICTS_FORMAT:
        raise UnknownFormat(str(path), expected=VERDICTS_FORMAT, got=facts["format"])
    return facts
