"""Whether two values are equal and of the same type, and how a value is written."""

from __future__ import annotations

from typing import Any


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return all(alike(a, b) for a, b in zip(one, other, strict=True))
    return isinstance(one, bool) == isinstance(other, bool)


def shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 600 else text[:600] + "…"


def in_query(value: Any) -> str:
    """A value as a query has it: true and false in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
