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
