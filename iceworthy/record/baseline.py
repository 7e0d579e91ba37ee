"""A baseline: the failures of a catalog that are known, so that a build fails only on new ones.

Claim: `read_baseline` gives what `write_baseline` was given, or raises RecordError. A failure is
known by its cause (findings.json, `key`), which is the same in every run.
What this does NOT show: that a known failure is harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from iceworthy.record.json_file import read_json, write_json
from iceworthy.record.typed_json import from_object, to_object
from iceworthy.words.errors import RecordError, UnknownFormat
from iceworthy.words.finding import Finding

BASELINE_FORMAT = 1
THEN = "write one with: iceworthy judge latest --write-baseline FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFailure:
    """One known failure. cause: its key. experiments: where it was seen."""

    cause: str
    title: str = ""
    experiments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Baseline:
    known: tuple[KnownFailure, ...]


def write_baseline(path: Path, findings: Iterable[Finding]) -> None:
    """Write these failures as known; OSError where the disk refuses."""
    known = tuple(
        KnownFailure(cause=one.cause.key, title=one.title, experiments=one.experiments)
        for one in findings
    )
    write_json(path, {"format": BASELINE_FORMAT, **to_object(_Baseline(known=known))})


def read_baseline(path: Path) -> tuple[KnownFailure, ...]:
    """The known failures; RecordError where the file holds none that can be read."""
    facts = read_json(path, expected="a baseline of known failures", then=THEN)
    if not isinstance(facts, Mapping):
        raise RecordError(f"{path}: expected an object; got {type(facts).__name__}; {THEN}")
    if facts.get("format") != BASELINE_FORMAT:
        raise UnknownFormat(str(path), expected=BASELINE_FORMAT, got=facts.get("format"))
    return from_object(_Baseline, facts, where=str(path)).known
