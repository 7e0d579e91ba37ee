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

    def __init__(self, wanted: str, came: Any) -> None:
        super().__init__(wanted)
        self.expected, self.got, self.path = wanted, came, ""


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
        came = repr(error.got)
        raise RecordError(
            f"{where}: wanted {error.expected} at {error.path.lstrip('.') or 'the top'}; got "
            f"{came if len(came) <= 80 else came[:80] + '…'}; the file is damaged or was changed: "
            "run the experiment again, or judge a copy that is whole"
        ) from error


@cache
def _reader(wanted: Hashable) -> Callable[[Any], Any]:
    """A function that gives back a value as the annotation `wanted` describes it."""
    origin, args = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return lambda came: came
    if origin in (Union, types.UnionType):
        return _optional(_reader(next(arg for arg in args if arg is not type(None))))
    if origin is Literal:
        return _one_of(args)
    if origin is tuple:
        return _tuple(args)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(args[1])
    assert isinstance(wanted, type), wanted
    if dataclasses.is_dataclass(wanted):
        return _dataclass(wanted)
    if issubclass(wanted, Enum):
        return _one_of(tuple(wanted), {member.value: member for member in wanted})
    return _scalar(wanted)


def _scalar(wanted: type[Any]) -> Callable[[Any], Any]:
    allowed = (float, int) if wanted is float else (wanted,)

    def read(came: Any) -> Any:
        if type(came) not in allowed:  # a boolean is no number
            raise _Mismatch(_WORDS[wanted], came)
        return came

    return read


def _optional(inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda came: None if came is None else inner(came)


def _one_of(
    values: tuple[Any, ...], members: Mapping[Any, Any] | None = None
) -> Callable[[Any], Any]:
    known = {value: value for value in values} if members is None else members

    def read(came: Any) -> Any:
        try:
            return known[came]
        except (KeyError, TypeError):
            raise _Mismatch(f"one of {', '.join(map(repr, known))}", came) from None

    return read


def _tuple(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    each = _reader(args[0]) if args[-1] is Ellipsis else None
    readers = () if each is not None else tuple(_reader(arg) for arg in args)

    def read(came: Any) -> Any:
        if not isinstance(came, list | tuple):
            raise _Mismatch("a list", came)
        if each is None and len(came) != len(readers):
            raise _Mismatch(f"a list of {len(readers)}", came)
        return tuple(_inside(each or readers[i], item, f"[{i}]") for i, item in enumerate(came))

    return read


def _mapping(of: Any) -> Callable[[Any], Any]:
    inner = _reader(of)

    def read(came: Any) -> Any:
        if not isinstance(came, Mapping):
            raise _Mismatch("an object", came)
        if of is Any:
            return dict(came)
        return {str(key): _inside(inner, item, f".{key}") for key, item in came.items()}

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

    def read(came: Any) -> Any:
        if not isinstance(came, Mapping):
            raise _Mismatch("an object", came)
        facts = {}
        for name, reader in readers:
            if name in came:
                facts[name] = _inside(reader, came[name], f".{name}")
            elif name in needed:
                raise _Mismatch(f"the field {name!r}", dict(came))
        return kind(**facts)

    return read


def _inside(reader: Callable[[Any], Any], came: Any, step: str) -> Any:
    try:
        return reader(came)
    except _Mismatch as error:
        error.path = step + error.path
        raise
