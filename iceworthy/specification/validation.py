"""Check bodies against the contract's schemas: what is wrong, in words, with the JSON path.

Claim: an answer is valid exactly if its status is listed for its operation (or left open), its body
matches the schema of that status, and an error's code equals the status. Method: one validator per
schema and direction, made on demand. If a schema offers alternatives by a tag, the tag decides, so
that a problem is reported where it is. Fields that no schema names are accepted. What it does NOT
show: whether a value makes sense.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from iceworthy.specification.notation import REFERENCE, Schema
from iceworthy.specification.open_statuses import is_open
from iceworthy.specification.operations import (
    EITHER_ERROR,
    ERROR,
    FORM,
    NO_BODY,
    Operation,
    operation,
)
from iceworthy.specification.schemas import SCHEMAS

PROBLEMS_MOST = 10
WORDS_MOST = 240
WORDS_END = 100
INT64 = 1 << 63


def validate_response(
    operation_id: str,
    status: int,
    body: bytes,
    *,
    media: str | None = None,
    most: int = PROBLEMS_MOST,
) -> list[str]:
    """The problems of an answer, at most `most`; [] if it is valid. KeyError: no such operation.

    media: its Content-Type; None if that is not known. A 400 may be "simple text/plain content" of
    the server's middleware (responses.BadRequestErrorResponse), so it has no schema then.
    """
    one = operation(operation_id)
    name = schema_of(one, status)
    if name is None:
        if not is_open(operation_id, status):
            return [f"status {status} is not among those of {operation_id}: {_listed(one)}"]
        name = "OAuthError" if one.media == FORM else EITHER_ERROR
    if one.method == "HEAD":
        return []
    if name == NO_BODY:
        return [f"a body of {len(body)} bytes with status {status}"] if body else []
    if not body:
        return [f"no body; status {status} requires {name}"]
    value, problem = parsed(body)
    if problem:
        return [] if status == 400 and is_plain_text(media) else [problem]
    found = problems_of(name, value, most=most)
    return found or (_code(value, status) if name in (ERROR, EITHER_ERROR) else [])


def is_plain_text(media: str | None) -> bool:
    """Whether a body may be text/plain: its Content-Type says so, or is not known."""
    return media is None or media.partition(";")[0].strip().lower() == "text/plain"


def validate_request(operation_id: str, body: bytes, *, most: int = PROBLEMS_MOST) -> list[str]:
    """The problems of a request's JSON body, at most `most`; [] if it is valid."""
    one = operation(operation_id)
    if not one.request:
        return []
    if not body:
        return ["no body, but the operation requires one"] if one.must_send else []
    value, problem = parsed(body)
    return [problem] if problem else problems_of(one.request, value, sent=True, most=most)


def schema_of(one: Operation, status: int) -> str | None:
    """The schema of the body that comes with a status; "" for no body, None where none is listed."""  # noqa: E501
    own = one.responses.get(str(status))
    return one.responses.get("5XX") if own is None and 500 <= status < 600 else own


def parsed(body: bytes) -> tuple[Any, str]:
    """(value, "") of JSON in UTF-8, else (None, what is wrong). A number beyond a double is JSON
    too (RFC 8259 6): its value is the largest double."""
    try:
        return orjson.loads(body), ""
    except ValueError as error:
        with suppress(ValueError, RecursionError):
            return _with_any_number(body), ""
        return None, f"the body is not JSON in UTF-8: {error}; it begins {body[:60]!r}"


def _with_any_number(body: bytes) -> Any:
    """The value of JSON whose numbers may be beyond a double; ValueError for what is no JSON."""
    value = json.loads(
        body.decode(), parse_int=_number, parse_float=_number, parse_constant=_no_number
    )
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError as error:  # half a surrogate pair, which json takes
        raise ValueError(str(error)) from None
    return value


def _number(text: str) -> int | float:
    """Infinity is clamped: the validator has no number for it."""
    if text.lstrip("-").isdigit() and len(text) <= len(str(-INT64)):
        return int(text)
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def problems_of(
    name: str, value: Any, *, sent: bool = False, most: int = PROBLEMS_MOST
) -> list[str]:
    """The problems of a parsed value. sent: it is a request, so fields of the server may be
    missing."""
    try:
        return _problems(_validator(name, sent), value, most)
    except ValueError as error:  # more brackets inside each other than the validator follows
        return [f"/: it cannot be held against its schema ({error})"]


def _problems(validator: jsonschema_rs.Validator, value: Any, most: int) -> list[str]:
    if validator.is_valid(value):
        return []
    found: list[str] = []
    for error in validator.iter_errors(value):
        if len(found) == most:
            found.append("and more")
            break
        words = _cut(str(error.message))
        found.append(f"/{'/'.join(map(str, error.instance_path))}: {words}")
    return found


def _cut(words: str) -> str:
    """Words of the validator. They begin with the value, however long, and end with what is wrong
    with it: the middle is left out."""
    if len(words) <= WORDS_MOST:
        return words
    return f"{words[: WORDS_MOST - WORDS_END - 1]}…{words[-WORDS_END:]}"


def _listed(one: Operation) -> str:
    return ", ".join(sorted(one.responses))


def _code(value: Any, status: int) -> list[str]:
    model = value.get("error", value)
    code = model.get("code")
    return [] if code == status else [f"/error/code: {code}, but the status is {status}"]


@cache
def _validator(name: str, sent: bool) -> jsonschema_rs.Validator:
    schema = {"$ref": f"{REFERENCE}{name}", "$defs": _needed(name, sent)}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def _needed(name: str, sent: bool) -> Schema:
    """A schema and all schemas that it refers to, in the form that a validator wants."""
    found: Schema = {}
    open_ones = [name]
    while open_ones:
        next_one = open_ones.pop()
        if next_one not in found:
            found[next_one] = _checked(SCHEMAS[next_one], sent)
            open_ones += references(SCHEMAS[next_one])
    return found


def references(schema: Any) -> list[str]:
    """The names of the schemas that a schema refers to, including those chosen by a tag."""
    if isinstance(schema, list):
        return [name for part in schema for name in references(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].removeprefix(REFERENCE)] if "$ref" in schema else []
    return own + [
        name for key, part in schema.items() if key != "$ref" for name in references(part)
    ]


def _checked(schema: Any, sent: bool) -> Any:
    """A schema for the validator: tags decide, integers have 64 bits, the server's fields may be
    missing."""
    if isinstance(schema, list):
        return [_checked(part, sent) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "discriminator" in schema:
        return _by_tag(schema)
    made = {
        # Field names are not schema keywords: one field is called "required".
        key: {name: _checked(of, sent) for name, of in part.items()}
        if key == "properties"
        else _checked(part, sent)
        for key, part in schema.items()
    }
    if schema.get("format") == "int64":
        made = {**made, "minimum": -INT64, "maximum": INT64 - 1}
    if "required" in schema:
        properties: Mapping[str, Any] = schema.get("properties", {})
        made["required"] = [
            field
            for field in schema["required"]
            if not (sent and properties.get(field, {}).get("readOnly"))
        ]
    return made


def _by_tag(schema: Schema) -> Schema:
    """Choose one alternative by its tag, so that the problems are those of the intended one."""
    tag, mapping = schema["discriminator"]["propertyName"], schema["discriminator"]["mapping"]
    return {
        "type": "object",
        "required": [tag],
        "properties": {tag: {"enum": list(mapping)}},
        "allOf": [
            {"if": {"properties": {tag: {"const": text}}, "required": [tag]}, "then": {"$ref": to}}
            for text, to in mapping.items()
        ],
    }
