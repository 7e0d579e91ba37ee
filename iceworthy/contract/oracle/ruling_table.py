"""The table of differences: what the contract decides, what it allows, and what nobody decides.

Claim: an entry says "wrong" only where the specification's words, or those of the table format that
it refers to, leave one answer; they stand beside it in words of our own. What the specification
leaves open is "allowed" with the reason; "undecided" are those that people may well argue over.
The first entry that fits rules, so the order matters: exceptions first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["wrong", "allowed", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One entry: patterns (fnmatch) of what it is about, and what it says. ours is the reference's
    answer, theirs the target's; trait: something special that the step must have."""

    verdict: Verdict
    words: str
    operation: str = "*"
    shown_by: str = "*"
    kind: str = "*"
    path: str = "*"
    ours: str = "*"
    theirs: str = "*"
    trait: str = ""


def _allowed(words: str, **what: str) -> Ruling:
    return Ruling(verdict="allowed", words=words, **what)


def _wrong(words: str, **what: str) -> Ruling:
    return Ruling(verdict="wrong", words=words, **what)


def _undecided(words: str, **what: str) -> Ruling:
    return Ruling(verdict="undecided", words=words, **what)


_SPOILED = "wrong:*"

_NO_ANSWER = (
    _wrong(
        "an answer of 5xx says that the server failed; whatever a client sends gets a 4xx or is "
        "done",
        kind="status",
        theirs="5*",
    ),
    _wrong("every request gets a whole answer", kind="status", theirs="[a-z]*"),
)

_ALLOWED = (
    _allowed(
        "the type of an error is the server's own word for it; the status decides",
        kind="error-type",
    ),
    _allowed(
        "which of a request's mistakes is found first is open",
        kind="status",
        ours="4*",
        theirs="4*",
        trait=_SPOILED,
    ),
    _allowed(
        "names are not limited by the specification, but a catalog may refuse with 400 what "
        "it cannot store",
        kind="status",
        theirs="400*",
        trait="*name *",
    ),
    _allowed("the same", kind="status", theirs="400*", trait="an odd name"),
    _allowed(
        "the namespace is missing and a key is in both: either may be told",
        operation="updateProperties",
        kind="status",
        ours="422*",
        theirs="404*",
    ),
    _allowed(
        "a commit that changes nothing may leave the metadata file as it is, or write a new one",
        path="metadata.metadata-log*",
    ),
    _allowed("the same", kind="identity", path="metadata-location"),
    _allowed(
        "fields beyond those of the specification are allowed; clients leave them aside",
        kind="extra",
        path="[!m]*",
    ),
)

_PROPERTIES = (
    *(
        _wrong(
            "set-properties and remove-properties: the keys named are set or gone",
            path=f"metadata.properties.{key}",
        )
        for key in ("k", "l", "odd key")
    ),
    _allowed("a catalog may add properties of its own", kind="extra", path="*properties.*"),
    _wrong("the properties that a client gave are kept", path="*properties.*"),
)

_STRICTNESS = (
    _wrong(
        "an update or requirement of an unknown type cannot be carried out: 400",
        kind="status",
        ours="400*",
        theirs="20*",
        trait="*unknown*",
    ),
    _undecided(
        "the specification answers 400 to what its schemas refuse; how strictly a server "
        "reads is not said",
        kind="status",
        ours="400*",
        theirs="20*",
        trait=_SPOILED,
    ),
    _undecided(
        "the same, the other way round", kind="status", ours="*", theirs="*", trait=_SPOILED
    ),
    _undecided("format version 3 may be offered or not", trait="*version 3"),
    _undecided("format version 3 may be offered or not", trait="*format-version 3"),
)

_UNSAID = (
    _undecided(
        "a table that must not exist and must be such and such: both refuse",
        kind="status",
        ours="409*",
        theirs="400*",
        trait="assert-create",
    ),
    _undecided(
        "encryption keys are of format version 3; whether older tables take them is not said",
        trait="*encryption-key*",
    ),
    _undecided(
        "the specification does not say that field ids are counted afresh; the Java "
        "implementation does it",
        operation="createTable",
        trait="schema ids not in order",
    ),
    _undecided(
        "the same, of fields inside of others",
        operation="createTable",
        path="metadata.*",
        trait="nested schema",
    ),
    _undecided(
        "whether the first version of a view keeps its id, time and summary is not said; "
        "the Java server makes them anew",
        operation="createView",
        path="metadata.*ver*",
    ),
    _undecided(
        "whether a view version may be without any representation is not said", trait="0 dialects"
    ),
    _undecided(
        "a schema-id of -1 means the schema added last; whether there must be one is not said",
        operation="replaceView",
        kind="status",
        ours="400*",
        trait="new version",
    ),
    _undecided(
        "whether an update that can do nothing is refused is not said",
        kind="status",
        ours="400*",
        theirs="20*",
        trait="remove-*",
    ),
)

_STATUSES = (
    _wrong("404: what the request names does not exist", kind="status", ours="404*"),
    _wrong(
        "409: the name is taken, the namespace is not empty, or a requirement does not hold; "
        "nothing is changed",
        kind="status",
        ours="409*",
    ),
    _wrong(
        "422: a key is both to be set and to be removed",
        kind="status",
        ours="422*",
        operation="updateProperties",
    ),
    _wrong(
        "400: the request cannot be carried out as it is, whatever the catalog holds",
        kind="status",
        ours="400*",
        theirs="20*",
    ),
    _undecided(
        "both refuse; which 4xx it is follows from nothing", kind="status", ours="4*", theirs="4*"
    ),
    _wrong(
        "what is right and possible is done: the specification's success",
        kind="status",
        ours="20*",
        theirs="4*",
    ),
    _wrong("each operation has one status of success", kind="status", ours="20*", theirs="20*"),
)

_BODIES = (
    _wrong(
        "a listing, read through all its pages, names everything once and nothing else",
        path="names",
    ),
    _wrong(
        "updated, removed and missing name exactly the keys that were",
        operation="updateProperties",
        shown_by="answer",
    ),
    _wrong("a uuid is of one table or view, and stays with it", kind="identity"),
    _undecided("the format lets a field stay away or stand for nothing", kind="extra"),
    _wrong(
        "the metadata is what the updates make of it, applied in the order of the request",
        operation="updateTable",
    ),
    _wrong(
        "the metadata is what the updates make of it, all tables or none",
        operation="commitTransaction",
    ),
    _wrong(
        "a table is created as the request describes it, with field ids counted afresh",
        operation="createTable",
    ),
    _wrong("the view is what the updates make of it", operation="*View"),
    _wrong("what one operation was answered is what the next reader sees"),
)

RULINGS: tuple[Ruling, ...] = (
    *_NO_ANSWER,
    *_ALLOWED,
    *_PROPERTIES,
    *_STRICTNESS,
    *_UNSAID,
    *_STATUSES,
    *_BODIES,
)
