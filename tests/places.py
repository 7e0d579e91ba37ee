"""Finds the places of the official document that variants and cases name.

A place is "operationId.responses.404", "operationId.parameters.NAME", "schemas.NAME.properties.X",
"responses.NAME", "parameters.NAME", "security", or "RFC 9110 15.2" for a section of an RFC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

RFC = re.compile(r"RFC \d{4}( \d+(\.\d+)*)?")
TABLE_FORMAT = re.compile(r"table format: [A-Z][A-Za-z0-9 ,-]+")
COMPONENTS = ("schemas", "responses", "parameters", "securitySchemes")


def is_place(document: Mapping[str, Any], place: str) -> bool:
    """Whether the document has this place; a section of an RFC or of the table format is taken by
    its form."""
    if RFC.fullmatch(place) or TABLE_FORMAT.fullmatch(place):
        return True
    head, *rest = place.split(".")
    if head in COMPONENTS:
        return _below(document, document["components"][head], rest)
    if head in document and not rest:
        return True
    for path in document["paths"].values():
        for one in path.values():
            if isinstance(one, dict) and one.get("operationId") == head:
                shared = path.get("parameters") or []
                whole = {**one, "parameters": [*shared, *(one.get("parameters") or [])]}
                return _below(document, whole, rest)
    return False


def is_place_of(document: Mapping[str, Any], operation_id: str, place: str) -> bool:
    """Whether the words at a place can decide about an operation: they are in its own description,
    or in a component that its parameters, requests and answers lead to; a place in another document
    is taken."""
    head, _, rest = place.partition(".")
    if head not in COMPONENTS:
        return head == operation_id or " " in place or head in document
    named = (head, rest.partition(".")[0])
    return named in _leads_to(document, operation_id)


def _leads_to(document: Mapping[str, Any], operation_id: str) -> set[tuple[str, str]]:
    path, own = next(
        (path, one)
        for path in document["paths"].values()
        for one in path.values()
        if isinstance(one, dict) and one.get("operationId") == operation_id
    )
    found: set[tuple[str, str]] = set()
    left = [*_references(path.get("parameters")), *_references(own)]
    while left:
        _, _, kind, name = left.pop().split("/")
        if (kind, name) not in found:
            found.add((kind, name))
            left += _references(document["components"][kind][name])
    return found


def _references(part: Any) -> list[str]:
    """The components that a part of the document refers to, those chosen by a tag among them."""
    if isinstance(part, list):
        return [one for each in part for one in _references(each)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if "$ref" in part else []
    tags = [*part["mapping"].values()] if isinstance(part.get("mapping"), dict) else []
    rest = [each for key, each in part.items() if key not in ("$ref", "mapping")]
    return own + tags + _references(rest)


def _below(document: Mapping[str, Any], found: Any, steps: list[str]) -> bool:
    for step in steps:
        found = _resolved(document, found)
        if isinstance(found, list):
            named = [_resolved(document, one) for one in found]
            found = next((one for one in named if one.get("name") == step), None)
        elif isinstance(found, dict):
            found = found.get(step, found.get(int(step)) if step.isdigit() else None)
        else:
            return False
        if found is None:
            return False
    return True


def _resolved(document: Mapping[str, Any], found: Any) -> Any:
    reference = found.get("$ref") if isinstance(found, dict) else None
    if reference is None:
        return found
    _, _, kind, name = reference.split("/")
    return document["components"][kind][name]
