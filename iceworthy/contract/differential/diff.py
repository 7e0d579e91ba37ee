"""Compare two answers to the same step, except for values that a catalog may choose.

Claim: the result is exactly what differs: status, error type, a field that is missing, extra or has
another value. Free values are: identifiers (paired one to one: if the reference's X once matched
the target's Y, it must always do so), locations (paired in the same way, by prefix), the server's
time, the order of sets, and the words of messages. What it does NOT do: decide which side is right
(rulings.py does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

CLOCK_MS_MAX = 10 * 60 * 1000
"""Differences below this are accepted: two clocks of one machine, and a sequence's length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer of one side. status 0: no whole answer was received; `error` says why."""

    status: int
    body: Any = None
    error: str = ""
    error_type: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """One difference. kind: status, error-type, missing, extra, value or identity."""

    kind: str
    path: str
    ours: str
    theirs: str


IDENTIFIERS = ("metadata.table-uuid", "metadata.view-uuid")
FILES = ("metadata-location", "metadata.metadata-log[[]].metadata-file")
TIMES = (
    "metadata.last-updated-ms",
    "metadata.snapshot-log[[]].timestamp-ms",
    "metadata.metadata-log[[]].timestamp-ms",
    "metadata.version-log[[]].timestamp-ms",
)
FREE = ("config", "storage-credentials", "next-page-token", "pages")
SETS = ("updated", "removed", "missing", "names", "*identifier-field-ids")
KEYED: Mapping[str, str] = {
    "metadata.schemas": "schema-id",
    "metadata.partition-specs": "spec-id",
    "metadata.sort-orders": "order-id",
    "metadata.snapshots": "snapshot-id",
    "metadata.statistics": "snapshot-id",
    "metadata.partition-statistics": "snapshot-id",
    "metadata.versions": "version-id",
    "metadata.encryption-keys": "key-id",
}
OPEN_MAPS = ("properties", "metadata.properties", "metadata.refs")
CURRENT = "metadata.current-snapshot-id"
TYPES = ("*.type", "*.element", "*.key", "*.value")
NOTHING: tuple[Any, ...] = (None, [], {})


@dataclass(slots=True)
class Twins:
    """Pairs of identifiers: which of the target's stands for which of the reference's, both
    ways."""

    ours: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)

    def pair(self, one: str, other: str) -> bool:
        """Pair two identifiers; False if one of them is already paired with another."""
        return self.ours.setdefault(one, other) == other and (
            self.theirs.setdefault(other, one) == one
        )

    def placed(self, one: str, other: str) -> bool:
        """Whether two locations may match. A target may reuse a location that is free again. A
        location below a known one of the reference must be below its counterpart."""
        if one not in self.ours:
            for known in sorted(self.ours, key=len, reverse=True):
                if one.startswith(f"{known}/"):
                    return other == self.ours[known] + one[len(known) :]
            self.ours[one], self.theirs[other] = other, one
        return self.ours[one] == other

    def translated(self, text: str) -> str:
        """A text of the target in which its locations are replaced by the reference's."""
        for theirs in sorted(self.theirs, key=len, reverse=True):
            if "/" in theirs and text.startswith(theirs):
                return self.theirs[theirs] + text[len(theirs) :]
        return text


def differences(ours: Answered, theirs: Answered, twins: Twins) -> list[Differs]:
    """ours: the reference's answer; theirs: the target's."""
    if ours.status != theirs.status:
        return [Differs(kind="status", path="", ours=_status(ours), theirs=_status(theirs))]
    if not ours.good:
        if ours.error_type == theirs.error_type:
            return []
        return [
            Differs(
                kind="error-type",
                path="error.type",
                ours=ours.error_type,
                theirs=theirs.error_type or "(none)",
            )
        ]
    return list(_walk("", ours.body, theirs.body, twins))


def _status(answered: Answered) -> str:
    if not answered.status:
        return answered.error or "no answer"
    return f"{answered.status} {answered.error_type}".strip()


def _is(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else text[:300] + "…"


def _walk(path: str, one: Any, other: Any, twins: Twins) -> Iterator[Differs]:
    if _is(path, FREE) or (one in NOTHING and other in NOTHING):
        return
    if path == CURRENT:  # older Java servers write -1 for "none"
        one, other = None if one == -1 else one, None if other == -1 else other
        if one is None and other is None:
            return
    if path in OPEN_MAPS:
        one, other = one or {}, other or {}
    if path not in OPEN_MAPS and (one in NOTHING or other in NOTHING):
        kind = "extra" if one in NOTHING else "missing"
        yield Differs(kind=kind, path=path, ours=_short(one), theirs=_short(other))
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys(), key=_locations_first):
            inside = f"{path}.{key}" if path else key
            yield from _walk(inside, one.get(key), other.get(key), twins)
    elif isinstance(one, list) and isinstance(other, list):
        yield from _lists(path, one, other, twins)
    elif not _same_value(path, one, other, twins):
        kind = "identity" if _is(path, IDENTIFIERS + FILES) else "value"
        yield Differs(kind=kind, path=path, ours=_short(one), theirs=_short(other))


def _locations_first(key: str) -> tuple[bool, str]:
    return (key != "location", key)


def _lists(path: str, one: list[Any], other: list[Any], twins: Twins) -> Iterator[Differs]:
    if key := KEYED.get(path):
        ours, theirs = _by(key, one), _by(key, other)
        if len(theirs) == len(other) and len(ours) == len(one):
            for number in [*ours, *(n for n in theirs if n not in ours)]:
                yield from _walk(f"{path}[]", ours.get(number), theirs.get(number), twins)
            return
    if _is(path, SETS):
        one, other = sorted(one, key=repr), sorted(other, key=repr)
        if one != other:
            yield Differs(kind="value", path=path, ours=_short(one), theirs=_short(other))
        return
    if len(one) != len(other):
        yield Differs(
            kind="value",
            path=f"{path}[]",
            ours=f"{len(one)} entries",
            theirs=f"{len(other)} entries",
        )
        return
    for left, right in zip(one, other, strict=True):
        yield from _walk(f"{path}[]", left, right, twins)


def _by(key: str, entries: list[Any]) -> dict[Any, Any]:
    return {entry[key]: entry for entry in entries if isinstance(entry, dict) and key in entry}


def _same_value(path: str, one: Any, other: Any, twins: Twins) -> bool:
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if _is(path, TIMES):
        return type(one) is type(other) is int and abs(one - other) <= CLOCK_MS_MAX
    if _is(path, IDENTIFIERS) and isinstance(one, str) and isinstance(other, str):
        return twins.pair(one.lower(), other.lower())
    if _is(path, FILES) and isinstance(one, str) and isinstance(other, str):
        return twins.pair(one, other)
    if path == "metadata.location" and isinstance(one, str) and isinstance(other, str):
        return twins.placed(one.rstrip("/"), other.rstrip("/"))
    if isinstance(one, str) and isinstance(other, str):
        if _is(path, TYPES):  # decimal(9, 2) equals decimal(9,2)
            one, other = one.replace(" ", ""), other.replace(" ", "")
        return bool(one == other or one == twins.translated(other))
    return type(one) is type(other) and bool(one == other)


_INDEX = re.compile(r"\[\d+\]")


def cause_path(path: str) -> str:
    """A path without parts that differ from run to run: property keys and branch names."""
    for prefix in ("metadata.properties.", "properties.", "metadata.refs."):
        if path.startswith(prefix):
            return prefix + "*" + ("." + path.rsplit(".", 1)[1] if prefix.endswith("refs.") else "")
    return _INDEX.sub("[]", path)
