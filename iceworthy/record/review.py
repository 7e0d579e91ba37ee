"""review.json: what a review was asked to do, where it ran, and how it ended. Its only writer and
reader.

Claim: `read_review` returns the ReviewRecord that `write_review` got; one of a format that this
version does not know is an UnknownFormat.
Method: `format` in the file. One without it is of the time before it had a number;
`review_before_1` converts it.
What this does NOT show: what the experiments were; the plan.json of each does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from iceworthy.record.json_file import read_json, write_json
from iceworthy.record.seal import mark_of, own_mark
from iceworthy.record.tested import UnderTest
from iceworthy.record.typed_json import from_object, to_object
from iceworthy.record.units import Seconds
from iceworthy.words.asked import AskedFor
from iceworthy.words.errors import RecordError, UnknownFormat
from iceworthy.words.experiment import Declared
from iceworthy.words.target import TargetSpec

REVIEW_FORMAT = 1
REVIEW_FILE = "review.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRecord:
    """The request, the machine and the versions of one review; written at its start and its end."""

    iceworthy: str = ""
    """Version of the suite."""
    commit: str = ""
    """Commit of the suite; empty outside a checkout."""
    target: str = ""
    """Name of the target, from its file."""
    target_name: str = ""
    """The target as the command line named it: a name or the path of a file."""
    target_spec: TargetSpec | None = None
    """The target file as it was understood (docs/targets.md)."""
    seed: int | None = None
    """What everything random of the review follows from."""
    sessions: int | None = None
    """Sessions that the command line asked for; null: as many as each scenario says."""
    quick: bool = False
    """Whether it is the quick review."""
    only: tuple[str, ...] = ()
    """Experiments and requirements that were asked for; empty: no restriction."""
    lie: str | None = None
    """The lie (deliberate defect) with which the reference catalog ran; null: none."""
    runtime: str = ""
    """How the stack runs."""
    allow_hosts: tuple[str, ...] = ()
    """Hosts beside loopback that the suite was allowed to connect to."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Fields of the experiments that the command line replaced, as text."""
    started: str = ""
    """When it began, in UTC (ISO 8601)."""
    ended: str = ""
    """When its last experiment ended, in UTC; empty: it has not, or it was killed."""
    took_s: Mapping[str, Seconds] = field(default_factory=dict)
    """How long each experiment took, its stack included."""
    stopped: tuple[str, ...] = ()
    """Why experiments did not reach their end, in words."""
    python: str = ""
    """Version of Python."""
    platform: str = ""
    """The machine and its system."""
    cpus: int | None = None
    """Its cores; null: not known."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Version of each library that the suite leans on."""
    tested: UnderTest = field(default_factory=UnderTest)
    """The catalog's version and program, and the machine at the start."""
    known_experiments: tuple[str, ...] = ()
    """All experiments of this version, in the order in which they run."""
    experiments: tuple[str, ...] = ()
    """The experiments that were planned, in order; empty: all standard ones."""
    asked: tuple[AskedFor, ...] = ()
    """What the command asked for and the verdict answers; empty: the review as a whole."""
    command: str = ""
    """The command line that repeats the review with the same options and seed; empty: not known."""
    declared: tuple[Declared, ...] = ()
    """What the files of the planned experiments declare; empty in an older run."""
    sealed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """File -> [bytes, CRC-32] of each plan.json, and of this file without this entry, when the
    review ended; empty: it was killed, or is older."""


def write_review(root: Path, record: ReviewRecord) -> None:
    """Write review.json of the results folder `root`; OSError where the disk refuses."""
    write_json(root / REVIEW_FILE, {"format": REVIEW_FORMAT, **to_object(record)})


def sealed_review(root: Path, record: ReviewRecord) -> ReviewRecord:
    """The record of a review that has ended, with the seal of its plans and of itself."""
    plans = sorted(root.glob("experiments/*/plan.json"))
    marks = {path.relative_to(root).as_posix(): mark_of(path) for path in plans}
    facts = {"format": REVIEW_FORMAT, **to_object(replace(record, sealed=marks))}
    return replace(record, sealed={**marks, REVIEW_FILE: own_mark(facts, REVIEW_FILE)})


def read_review(root: Path) -> ReviewRecord:
    """The record of a review.

    Raises RecordError when the file is missing or damaged, and UnknownFormat, a RecordError, when a
    version of Iceworthy wrote it that this one cannot read.
    """
    path = root / REVIEW_FILE
    facts = read_json(path, expected="the record of a review", then="judge a copy that is whole")
    if not isinstance(facts, Mapping):
        raise RecordError(f"{path}: expected an object; got {type(facts).__name__}")
    if "format" not in facts:
        facts = review_before_1(facts)
    elif facts["format"] != REVIEW_FORMAT:
        raise UnknownFormat(str(path), expected=REVIEW_FORMAT, got=facts["format"])
    record = from_object(ReviewRecord, facts, where=str(path))
    mark = own_mark(facts, REVIEW_FILE)
    if record.sealed.get(REVIEW_FILE, mark) != mark:
        raise RecordError(f"{path}: it is not what the review wrote; judge a copy that is whole")
    return record


def review_of(root: Path) -> ReviewRecord:
    """The record of a review; where it is missing or damaged, one that says nothing, so that all
    standard experiments count as planned. UnknownFormat as read_review raises it."""
    try:
        return read_review(root)
    except UnknownFormat:
        raise
    except RecordError:
        return ReviewRecord()


def review_before_1(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A review.json without a number of its format, as plain values of format 1: `target` could be
    the whole target file, and null stood for an empty list."""
    now = {key: value for key, value in facts.items() if value is not None}
    target = now.get("target")
    if isinstance(target, Mapping):
        now["target"] = str(target.get("name", ""))
    return now
