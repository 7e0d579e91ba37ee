"""The short notation of the contract's schemas, compiled to JSON Schema 2020-12.

Claim: every expression of the grammar gives one schema; anything else is an error that names the
part that was not understood. Method: a value is written as

    text int long float double number bool       scalars (long, float, double: with their format)
    uuid date duration base64                    text in a format
    'asc'|'desc'                                 one of these strings; a single one is a constant
    int(1..3) text(1..)                          bounds of a number, or of a string's length
    [T]  [T]!  {T}                               a list, a list without repeats, a map from text to
    T
    T|null                                       T or null
    Name                                         another schema
    T = value                                    with a default, as JSON

and a record is a mapping of field to value. `field?` is optional. `field~` is set by the server:
required in answers, not in requests. What it does NOT show: the meaning of the schemas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]
REFERENCE = "#/$defs/"
UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

_SCALARS: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "duration": {"type": "string", "format": "duration"},
    "base64": {"type": "string", "format": "byte", "contentEncoding": "base64"},
}
_WORD = re.compile(r"([A-Za-z0-9]+)(?:\((\d*)\.\.(\d*)\))?")
_FIELD = re.compile(r"([^?~]+)(\??)(~?)")


def value(said: str) -> Schema:
    """The schema of one value; ValueError if the grammar does not have it."""
    text, has_default, default = said.partition(" = ")
    text = text.strip()
    schema = _nullable(text) if text.endswith("|null") else _plain(text)
    return {**schema, "default": json.loads(default)} if has_default else schema


def _nullable(text: str) -> Schema:
    inner = _plain(text.removesuffix("|null"))
    if "$ref" in inner:
        return {"anyOf": [inner, {"type": "null"}]}
    return {**inner, "type": [inner["type"], "null"]}


def _plain(text: str) -> Schema:
    if text.startswith("'"):
        return _texts([word.strip() for word in text.split("|")])
    if text.startswith("[") and text.endswith("]!"):
        return {"type": "array", "items": value(text[1:-2]), "uniqueItems": True}
    if text.startswith("[") and text.endswith("]"):
        return {"type": "array", "items": value(text[1:-1])}
    if text.startswith("{") and text.endswith("}"):
        return {"type": "object", "additionalProperties": value(text[1:-1])}
    word = _WORD.fullmatch(text)
    if word is None:
        raise ValueError(f"{text!r} is not a value of the notation")
    name, low, high = word.groups()
    if name in _SCALARS:
        return _bounded(_SCALARS[name], low, high)
    if name[0].isupper() and low is None:
        return {"$ref": f"{REFERENCE}{name}"}
    raise ValueError(f"{name!r} is not a scalar; known: {', '.join(_SCALARS)}")


def _texts(words: Sequence[str]) -> Schema:
    if any(len(word) < 2 or word[0] != "'" or word[-1] != "'" for word in words):
        raise ValueError(f"{'|'.join(words)!r} mixes strings with something else")
    bare = [word[1:-1] for word in words]
    return {"type": "string", **({"const": bare[0]} if len(bare) == 1 else {"enum": bare})}


def _bounded(schema: Schema, low: str | None, high: str | None) -> Schema:
    least, most = (
        ("minLength", "maxLength") if schema["type"] == "string" else ("minimum", "maximum")
    )
    bounds = {least: low, most: high}
    return {**schema, **{name: int(bound) for name, bound in bounds.items() if bound}}


def record(
    fields: Mapping[str, str | Schema], *, also: Sequence[str] = (), closed: bool = False
) -> Schema:
    """An object. also: schemas that it must also satisfy. closed: no other fields are allowed."""
    properties: Schema = {}
    required = []
    for said, kind in fields.items():
        found = _FIELD.fullmatch(said)
        if found is None:
            raise ValueError(f"{said!r} is not a field of the notation")
        name, optional, given = found.groups()
        schema = value(kind) if isinstance(kind, str) else kind
        properties[name] = {**schema, "readOnly": True} if given else schema
        if not optional:
            required.append(name)
    schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if closed:
        schema["additionalProperties"] = False
    if also:
        schema["allOf"] = [{"$ref": f"{REFERENCE}{name}"} for name in also]
    return schema


def one_of(*kinds: str | Schema) -> Schema:
    """Exactly one of these."""
    return {"oneOf": [value(kind) if isinstance(kind, str) else kind for kind in kinds]}


def any_of(*kinds: str | Schema) -> Schema:
    """At least one of these."""
    return {"anyOf": [value(kind) if isinstance(kind, str) else kind for kind in kinds]}


def by_tag(tag: str, of: Mapping[str, str]) -> Schema:
    """The schema depends on the string in field `tag`: `of` maps that string to a schema's name."""
    names = list(dict.fromkeys(of.values()))
    return {
        "type": "object",
        "oneOf": [{"$ref": f"{REFERENCE}{name}"} for name in names],
        "discriminator": {
            "propertyName": tag,
            "mapping": {text: f"{REFERENCE}{name}" for text, name in of.items()},
        },
    }
