"""The contract against the official document, in both directions.

Method: every fact of either side is wanted on the other; what differs is listed here with its
reason, and a listed difference that is none any more is an error too. Each leaf of the contract is
altered in turn, and the comparison must see it.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from iceworthy.specification import OPERATIONS, Operation
from iceworthy.specification.schemas import SCHEMAS
from tests.iceworthy.specification.official import (
    Book,
    Facts,
    contract_operation,
    document_operations,
)

Difference = tuple[Any, Any]  # (the document's, the contract's); None where one side has none
_CHOICE = ("oneOf", "anyOf")
LISTED: Mapping[str, tuple[Difference, str]] = {
    "Type choice": (_CHOICE, '"variant" is a text: exactly one of the two never holds'),
    "PrimitiveTypeValue choice": (_CHOICE, "most values are of several: a text of ten of them"),
    "FailedPlanningResult closed": ((True, None), "closed, the error would forbid the status"),
    "TableMetadata/current-snapshot-id null": (
        (None, True),
        "the Java implementation writes null for a table of version 3 without snapshots",
    ),
    "ContentFile tag": (("content", None), "every place that holds a file names its kinds"),
    "ContentFile tag data": (("DataFile", None), "the same"),
    "ContentFile tag position-deletes": (("PositionDeleteFile", None), "the same"),
    "ContentFile tag equality-deletes": (("EqualityDeleteFile", None), "the same"),
}
ONLY_THEIRS = {
    "BaseUpdate": "every update says its action itself; the tags are compared where they are used",
    "ExpressionType": "a text, written where it is used",
    "PlanStatus": "the statuses are compared where they are used",
}
IN_THE_BASE = {"DataFile", "PositionDeleteFile", "EqualityDeleteFile"}
"""What they say is required is so by ContentFile, too: left out, nothing changes."""
ONLY_OURS = {"EitherError": "where the document's schema is the bare error, its example wrapped"}


@cache
def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return found


@pytest.fixture(scope="module")
def document(official_document: str) -> dict[str, Any]:
    return _read(official_document)


@pytest.fixture(scope="module")
def theirs(document: dict[str, Any]) -> Book:
    return Book(document["components"]["schemas"])


def differences(theirs: Facts, ours: Facts) -> dict[str, Difference]:
    """What one says and the other does not, or otherwise; a bare error is ours in either form."""
    return {
        place: (theirs.get(place), ours.get(place))
        for place in (*theirs, *(ours.keys() - theirs.keys()))
        if theirs.get(place) != ours.get(place)
        and (theirs.get(place), ours.get(place)) != ("ErrorModel", "EitherError")
    }


def unlisted(found: Mapping[str, Difference]) -> dict[str, Difference]:
    return {p: both for p, both in found.items() if p not in LISTED or LISTED[p][0] != both}


def test_every_schema_of_one_side_is_one_of_the_other(theirs: Book) -> None:
    assert set(theirs.schemas) - set(SCHEMAS) == set(ONLY_THEIRS)
    assert set(SCHEMAS) - set(theirs.schemas) == set(ONLY_OURS)


def test_every_schema_says_what_the_documents_says(theirs: Book) -> None:
    found: dict[str, Difference] = {}
    for name in theirs.schemas.keys() & SCHEMAS.keys():
        found |= differences(theirs.facts(name), Book(SCHEMAS).facts(name))
    assert unlisted(found) == {}
    assert not set(LISTED) - set(found), "a listed difference is none any more"


def test_every_tag_of_an_update_is_an_update_of_tables_or_views(theirs: Book) -> None:
    tags = {k: v for k, v in theirs.facts("BaseUpdate").items() if k.startswith("BaseUpdate tag ")}
    ours = Book(SCHEMAS).facts("TableUpdate") | Book(SCHEMAS).facts("ViewUpdate")
    assert {k.split()[-1]: v for k, v in tags.items()} == {
        place.split()[-1]: v for place, v in ours.items() if " tag " in place
    }


def test_every_operation_says_what_the_documents_says(
    document: dict[str, Any], theirs: Book
) -> None:
    wanted = document_operations(document, theirs)
    ours = {one.id: contract_operation(one, Book(SCHEMAS)) for one in OPERATIONS}
    assert set(wanted) == set(ours)
    assert len(wanted) == len(OPERATIONS) == 35
    found = {name: differences(wanted[name], ours[name]) for name in wanted}
    assert {name: both for name, both in found.items() if both} == {}


def leaves(schema: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all that is neither a mapping nor a list, and of what is empty."""
    if isinstance(schema, dict) and schema:
        for key, part in schema.items():
            yield from leaves(part, (*path, key))
    elif isinstance(schema, list):
        for index, part in enumerate(schema):
            yield from leaves(part, (*path, index))
    else:
        yield path


def altered(schema: Any, path: tuple[Any, ...]) -> Any:
    """A copy with one leaf changed: another text, number or truth; another name referred to."""
    made = copy.deepcopy(schema)
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    if path[-1] == "$ref" or "mapping" in path:
        holder[path[-1]] = "#/$defs/" + ("Snapshot" if not old.endswith("/Snapshot") else "Schema")
    elif isinstance(old, bool):
        holder[path[-1]] = not old
    elif isinstance(old, int):
        holder[path[-1]] = old + 1
    elif isinstance(old, dict):
        holder[path[-1]] = {"type": "object"}
    elif isinstance(path[-1], int) and path[-2] == "required":
        del holder[path[-1]]
    else:
        holder[path[-1]] = f"{old}x"
    return made


def test_a_leaf_of_a_schema_that_is_altered_is_seen(theirs: Book) -> None:
    tried, unseen = 0, []
    for name in theirs.schemas.keys() & SCHEMAS.keys():
        facts = theirs.facts(name)
        for path in leaves(SCHEMAS[name]):
            if name in IN_THE_BASE and path[0] == "required":
                continue
            tried += 1
            try:
                book = Book({**SCHEMAS, name: altered(SCHEMAS[name], path)})
                found = differences(facts, book.facts(name))
            except (AssertionError, KeyError):
                continue
            if not unlisted(found) and set(found) >= {
                p for p in LISTED if re.split("[ /]", p)[0] == name
            }:
                unseen.append((name, path))
    assert tried > 1000
    assert unseen == []


def test_a_field_that_is_left_out_or_added_is_seen(theirs: Book) -> None:
    unseen = []
    for name in theirs.schemas.keys() & SCHEMAS.keys():
        schema = SCHEMAS[name]
        for field in (*schema.get("properties", {}), "a-new-one"):
            fields = {k: v for k, v in schema.get("properties", {}).items() if k != field}
            if field == "a-new-one":
                fields["a-new-one"] = {"type": "string"}
            required = [one for one in schema.get("required", ()) if one != field]
            changed = {**schema, "properties": fields, "required": required}
            found = Book({**SCHEMAS, name: changed}).facts(name)
            if not unlisted(differences(theirs.facts(name), found)):
                unseen.append((name, field))
    assert unseen == []


def changes(one: Operation) -> Iterator[Operation]:
    """The operation with one thing changed, for each thing."""
    yield dataclasses.replace(one, method="PUT")
    yield dataclasses.replace(one, template=one.template + "s")
    yield dataclasses.replace(one, deprecated=not one.deprecated)
    yield dataclasses.replace(one, request="Snapshot" if one.request else "Schema")
    if one.request:
        yield dataclasses.replace(one, must_send=not one.must_send)
        yield dataclasses.replace(one, media="text/plain")
    yield dataclasses.replace(one, gives_headers=(*one.gives_headers, "vary"))
    for status in (*one.responses, "418"):
        rest = {key: name for key, name in one.responses.items() if key != status}
        yield dataclasses.replace(one, responses={**rest, "418": ""})
        yield dataclasses.replace(one, responses={**rest, status: "Snapshot"})
    for kind in ("query", "headers"):
        own = getattr(one, kind)
        for name in own:
            rest = {key: schema for key, schema in own.items() if key != name}
            yield dataclasses.replace(one, **{kind: rest})
            yield dataclasses.replace(one, **{kind: {**rest, name: {"type": "boolean"}}})
        yield dataclasses.replace(one, **{kind: {**own, "new": {"type": "string"}}})


def test_anything_of_an_operation_that_is_altered_is_seen(
    document: dict[str, Any], theirs: Book
) -> None:
    wanted, ours = document_operations(document, theirs), Book(SCHEMAS)
    tried, unseen = 0, []
    for one in OPERATIONS:
        for changed in changes(one):
            tried += 1
            if not differences(wanted[one.id], contract_operation(changed, ours)):
                unseen.append(changed)
    assert tried > 500
    assert unseen == []
