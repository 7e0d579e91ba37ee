"""Invalid input: a valid body with one thing spoiled.

Claim: one field of the body is omitted or has another type, or the whole body is replaced. The
trait names the field, so that causes can be told apart.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

_VALUES: tuple[tuple[str, Any], ...] = (
    ("null", None),
    ("a number", 7),
    ("a text", "x"),
    ("a list", []),
    ("an object", {}),
    ("true", True),
    ("a fraction", 1.5),
    ("a negative number", -5),
    ("2^63", 2**63),
    ("an empty text", ""),
    ("a list of null", [None]),
)
_WHOLE: tuple[tuple[str, bytes], ...] = (
    ("no JSON", b"{"),
    ("nothing", b""),
    ("a list", b"[]"),
    ("null", b"null"),
    ("NUL", b'"\\u0000"'),
    ("a key twice", b'{"name":"t","name":"u"}'),
    ("no UTF-8", b'{"name":"\xff"}'),
    ("deep nesting", b"[" * 2000 + b"]" * 2000),
)
WHOLE_ONE_IN = 6


def spoiled(draw: DrawFn, body: Any) -> tuple[Any, str]:
    """(the body with one thing spoiled, a description of it)."""
    if draw(st.integers(0, WHOLE_ONE_IN - 1)) == WHOLE_ONE_IN - 1:
        word, raw = draw(st.sampled_from(_WHOLE))
        return raw, f"wrong: the body is {word}"
    places = list(_places(body, ()))
    place = draw(st.sampled_from(places))
    shown = ".".join("[]" if isinstance(key, int) else key for key in place)
    if isinstance(place[-1], str) and draw(st.booleans()):
        return _changed(body, place, None, leave_out=True), f"wrong: no {shown}"
    word, value = draw(st.sampled_from(_VALUES))
    return _changed(body, place, value), f"wrong: {shown} is {word}"


def _places(value: Any, path: tuple[Any, ...]) -> Any:
    if path and not (isinstance(path[-1], str) and len(path) > 1 and path[-2] == "properties"):
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from _places(value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


def _changed(value: Any, path: tuple[Any, ...], new: Any, *, leave_out: bool = False) -> Any:
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, dict):
        if not rest and leave_out:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: _changed(value[key], rest, new, leave_out=leave_out)}
    kept = list(value)
    kept[key] = _changed(kept[key], rest, new, leave_out=leave_out)
    return kept
