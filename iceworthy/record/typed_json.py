"""Dataclasses to JSON and back: the text of plan.json, of review.json and of each stream's lines.

Claim: `from_object(kind, to_object(value)) == value` for the dataclasses of this room, and a value
of a wrong type raises a RecordError that names the field. Method: a reader for each annotation is
made at the first use and kept. A field that a file lacks takes its default; a field that the
dataclass lacks is ignored, so a newer version may write more (docs/decisions/0016).
What this does NOT show: that the values are sensible, such as a heal after its injection.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from iceworthy.words.errors import RecordError

T = TypeVar("T")
_WORDS = {int: "an integer", float: "a number", str: "a text", bool: "true or false"}


class _Mismatch(Exception):
    """A value that is not as its annotation says; `path` grows while the readers unwind."""

    def __init__(self, expected: str, got: Any) -> None:
        super().__init__(expected)
        self.expected, self.got, self.path = expected, got, ""


def to_object(value: Any) -> Any:
    """Plain JSON values of a dataclass and of all that it holds; other objects become text. A field
    that its repr leaves out is left out too: it holds a secret."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shown = [field.name for field in dataclasses.fields(value) if field.repr]
        return {name: to_object(getattr(value, name)) for name in shown}
    if isinstance(value, Mapping):
        return {str(key): to_object(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_object(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, str | int | float) else str(value)


def from_object(kind: type[T], found: Any, *, where: str) -> T:
    """`found` as the dataclass `kind`; `where` names the file in the RecordError."""
    kind_: Any = kind  # mypy holds no type[T] to be hashable
    try:
        value: T = _reader(kind_)(found)
        return value
    except _Mismatch as error:
        got = repr(error.got)
        raise RecordError(
            f"{where}: expected {error.expected} at {error.path.lstrip('.') or 'the top'}; got "
            f"{got if len(got) <= 80 else got[:80] + '…'}; the file is damaged or was changed: "
            "run the experiment again, or judge a copy that is whole"
        ) from error


@cache
def _reader(annotation: Hashable) -> Callable[[Any], Any]:
    """A function that gives back a value as the annotation describes it."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return lambda value: value
    if origin in (Union, types.UnionType):
        return _optional(_reader(next(arg for arg in args if arg is not type(None))))
    if origin is Literal:
        return _one_of(args)
    if origin is tuple:
        return _tuple(args)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(args[1])
    assert isinstance(annotation, type), annotation
    if dataclasses.is_dataclass(annotation):
        return _dataclass(annotation)
    if issubclass(annotation, Enum):
        return _one_of(tuple(annotation), {member.value: member for member in annotation})
    return _scalar(annotation)


def _scalar(kind: type[Any]) -> Callable[[Any], Any]:
    allowed = (float, int) if kind is float else (kind,)

    def read(value: Any) -> Any:
        if type(value) not in allowed:  # a boolean is no number
            raise _Mismatch(_WORDS[kind], value)
        return value

    return read


def _optional(inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else inner(value)


def _one_of(
    values: tuple[Any, ...], members: Mapping[Any, Any] | None = None
) -> Callable[[Any], Any]:
    known = {value: value for value in values} if members is None else members

    def read(value: Any) -> Any:
        try:
            return known[value]
        except (KeyError, TypeError):
            raise _Mismatch(f"one of {', '.join(map(repr, known))}", value) from None

    return read


def _tuple(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    each = _reader(args[0]) if args[-1] is Ellipsis else None
    readers = () if each is not None else tuple(_reader(arg) for arg in args)

    def read(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _Mismatch("a list", value)
        if each is None and len(value) != len(readers):
            raise _Mismatch(f"a list of {len(readers)}", value)
        return tuple(_inside(each or readers[i], item, f"[{i}]") for i, item in enumerate(value))

    return read


def _mapping(of: Any) -> Callable[[Any], Any]:
    inner = _reader(of)

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _Mismatch("an object", value)
        if of is Any:
            return dict(value)
        return {str(key): _inside(inner, item, f".{key}") for key, item in value.items()}

    return read


def _dataclass(kind: type[Any]) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    written = [field.name for field in dataclasses.fields(kind) if field.repr]
    readers = [(name, _reader(hints[name])) for name in written]
    needed = {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _Mismatch("an object", value)
        facts = {}
        for name, reader in readers:
            if name in value:
                facts[name] = _inside(reader, value[name], f".{name}")
            elif name in needed:
                raise _Mismatch(f"the field {name!r}", dict(value))
        return kind(**facts)

    return read


def _inside(reader: Callable[[Any], Any], value: Any, step: str) -> Any:
    try:
        return reader(value)
    except _Mismatch as error:
        error.path = step + error.path
        raise
