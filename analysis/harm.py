"""The harm that a failure shows: by the statuses, or by harms.toml where they do not say it.

Claim: harm is what was seen, not what may follow. A write that is acknowledged and then not found
lost data; a refusal where nothing is read back did not.
What this does NOT show: how much is lost, and by whom it is missed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from iceworthy.specification.operations import BY_DEFAULT, known_operation, match
from iceworthy.words.finding import Harm

TABLE = Path(__file__).with_name("harms.toml")
CONFLICT = 409
NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Harms:
    """One table of harms.toml."""

    harm: Harm
    cases: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()


def _tables() -> tuple[Harms, ...]:
    tables = tomllib.loads(TABLE.read_text("utf-8"))
    return tuple(
        Harms(harm=Harm(name), **{key: tuple(value) for key, value in rows.items()})
        for name, rows in tables.items()
    )


TABLES = _tables()


def harm_of_judge(judge: str) -> Harm:
    """The harm of a judge's fail; judge: its name, with or without its argument in brackets."""
    bare = judge.partition("[")[0]
    return next((one.harm for one in TABLES if bare in one.judges), Harm.CLIENTS)


def harm_of_case(case: str, harm: Harm, *, is_refusal: bool, is_acknowledged: bool) -> Harm:
    """The harm of a broken case. harm: what its statuses say. is_refusal: a lawful request got a
    4xx; is_acknowledged: the answer that decided was a 2xx."""
    for one in TABLES:
        names = (*one.cases, *one.refusals) if is_acknowledged else one.refusals
        if (is_refusal or is_acknowledged) and any(fnmatchcase(case, name) for name in names):
            return one.harm
    return harm


def harm_of_status(about: str, asked: str, expected: Sequence[int], given: int) -> Harm:
    """The harm of a wrong status. about: the operation that the rule is about; asked: the operation
    that was answered so, a read where the effect of a write was looked for. expected: the statuses
    that had to come; empty: any 4xx."""
    wants_success = any(is_success(status) for status in expected)
    reads_back = about != asked and changes(about) and not changes(asked)
    if wants_success and reads_back and given == NOT_FOUND:
        return Harm.LOST
    if wants_success and not is_success(given):
        return Harm.UNAVAILABLE
    if wants_success:
        return Harm.CLIENTS if _has_body(asked) else Harm.SHAPE
    if is_success(given) and reads_back and NOT_FOUND in expected:
        return Harm.TORN
    if is_success(given) and changes(about) and tuple(expected) == (CONFLICT,):
        return Harm.UNGUARDED
    return Harm.CLIENTS


def is_success(status: int) -> bool:
    """Whether a status is a 2xx."""
    return 200 <= status <= 299


def changes(operation: str) -> bool:
    """Whether an operation of the specification can change the catalog."""
    known = known_operation(operation)
    return known is not None and known.mutation


def is_optional(operation: str) -> bool:
    """Whether the document's default list of endpoints lacks an operation. HEAD counts as GET."""
    read = {"namespaceExists": "loadNamespaceMetadata", "tableExists": "loadTable"}
    is_known = known_operation(operation) is not None
    return is_known and read.get(operation, operation) not in BY_DEFAULT | ALWAYS


ALWAYS = frozenset({"getConfig"})


def is_documented(operation: str, status: int) -> bool:
    """Whether the document names this status for an operation; true of an unknown operation."""
    known = known_operation(operation)
    return known is None or str(status) in known.responses


def operation_asked(method: str, path: str) -> str:
    """The operationId of a request as it was sent, whatever precedes its path; "" for none."""
    segments = path.partition("?")[0].partition("/v1/")[2].split("/")
    for first in range(min(len(segments), PREFIX_MOST)):
        if one := match(method, "/" + "/".join(segments[first:])):
            return one.id
    return ""


PREFIX_MOST = 4


def _has_body(operation: str) -> bool:
    known = known_operation(operation)
    return known is None or any(
        schema for status, schema in known.responses.items() if status.startswith("2")
    )
