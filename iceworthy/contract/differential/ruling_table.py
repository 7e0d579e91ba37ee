"""The table of rulings: which differences the contract decides, allows, or leaves undecided.

Claim: an entry says "wrong" only if the words of the specification, or of the table format that it
refers to, permit one answer; the entry paraphrases these words. "allowed": the specification leaves
it open, with the reason. "undecided": experts may disagree. The first entry that matches decides,
so exceptions come first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["wrong", "allowed", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One entry: fnmatch patterns for a difference, and its verdict. ours: the reference's answer.
    theirs: the target's. trait: a special property that the step must have."""

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
        "a 5xx says that the server failed; every request must be refused with a 4xx or carried "
        "out",
        kind="status",
        theirs="5*",
    ),
    _wrong("every request must get a whole answer", kind="status", theirs="[a-z]*"),
)

_ALLOWED = (
    _allowed(
        "a server may choose the type of an error; the status decides",
        kind="error-type",
    ),
    _allowed(
        "if a request has several mistakes, a server may report any of them",
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
    _allowed(
        "a catalog may refuse an odd name with 400",
        kind="status",
        theirs="400*",
        trait="an odd name",
    ),
    _allowed(
        "the namespace is missing and a key is in both lists: either may be reported",
        operation="updateProperties",
        kind="status",
        ours="422*",
        theirs="404*",
    ),
    _allowed(
        "a commit that changes nothing may leave the metadata file as it is, or write a new one",
        path="metadata.metadata-log*",
    ),
    _allowed(
        "a commit that changes nothing may write a new metadata file",
        kind="identity",
        path="metadata-location",
    ),
    _allowed(
        "fields beyond those of the specification are allowed; clients ignore them",
        kind="extra",
        path="[!m]*",
    ),
)

_PROPERTIES = (
    *(
        _wrong(
            "set-properties and remove-properties: the named keys are set or removed",
            path=f"metadata.properties.{key}",
        )
        for key in ("k", "l", "odd key")
    ),
    _allowed("a catalog may add properties", kind="extra", path="*properties.*"),
    _wrong("the properties that a client set must be kept", path="*properties.*"),
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
        "the specification answers 400 to bodies that its schemas refuse; it does not say how "
        "strictly a server must parse",
        kind="status",
        ours="400*",
        theirs="20*",
        trait=_SPOILED,
    ),
    _undecided(
        "the specification does not say how strictly a server must parse",
        kind="status",
        ours="*",
        theirs="*",
        trait=_SPOILED,
    ),
    _undecided("format version 3 may be offered or not", trait="*version 3"),
    _undecided("format version 3 may be offered or not", trait="*format-version 3"),
)

_UNSAID = (
    _undecided(
        "assert-create beside a requirement on the existing table: both refuse",
        kind="status",
        ours="409*",
        theirs="400*",
        trait="assert-create",
    ),
    _undecided(
        "the specification does not say whether tables below version 3 accept encryption keys",
        trait="*encryption-key*",
    ),
    _undecided(
        "the specification does not say that field ids are assigned anew; the Java "
        "implementation does it",
        operation="createTable",
        trait="schema ids not in order",
    ),
    _undecided(
        "the specification does not say that ids of nested fields are assigned anew",
        operation="createTable",
        path="metadata.*",
        trait="nested schema",
    ),
    _undecided(
        "the specification does not say whether a view's first version keeps its id, time and "
        "summary; the Java server replaces them",
        operation="createView",
        path="metadata.*ver*",
    ),
    _undecided(
        "the specification does not say whether a view version needs a representation",
        trait="0 dialects",
    ),
    _undecided(
        "a schema-id of -1 means the schema added last; whether one must exist is not said",
        operation="replaceView",
        kind="status",
        ours="400*",
        trait="new version",
    ),
    _undecided(
        "the specification does not say whether an update without effect is refused",
        kind="status",
        ours="400*",
        theirs="20*",
        trait="remove-*",
    ),
)

_STATUSES = (
    _wrong(
        "404: the table, view or namespace that the request names does not exist",
        kind="status",
        ours="404*",
    ),
    _wrong(
        "409: the name is taken, the namespace is not empty, or a requirement does not hold; "
        "nothing is changed",
        kind="status",
        ours="409*",
    ),
    _wrong(
        "422: a key is in both removals and updates",
        kind="status",
        ours="422*",
        operation="updateProperties",
    ),
    _wrong(
        "400: the request is invalid in every state of the catalog",
        kind="status",
        ours="400*",
        theirs="20*",
    ),
    _undecided(
        "both refuse; no text decides which 4xx is right", kind="status", ours="4*", theirs="4*"
    ),
    _wrong(
        "a valid request that can be carried out must succeed",
        kind="status",
        ours="20*",
        theirs="4*",
    ),
    _wrong("each operation has one success status", kind="status", ours="20*", theirs="20*"),
)

_BODIES = (
    _wrong(
        "a listing over all its pages shows each name once and no other name",
        path="names",
    ),
    _wrong(
        "updated, removed and missing list exactly these keys",
        operation="updateProperties",
        shown_by="answer",
    ),
    _wrong("a uuid belongs to one table or view and never changes", kind="identity"),
    _undecided("the format permits omitting this field or writing an empty value", kind="extra"),
    _wrong(
        "the metadata must be the result of the updates, applied in request order",
        operation="updateTable",
    ),
    _wrong(
        "the metadata must be the result of the updates, for all tables or none",
        operation="commitTransaction",
    ),
    _wrong(
        "a table must be created as requested, with new field ids",
        operation="createTable",
    ),
    _wrong("the view must be the result of the updates", operation="*View"),
    _wrong("readers must see the state that an operation was answered with"),
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
