"""A variant: a lawful change of the reference catalog, which no check may turn red."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Lack", "Variant"]


def unchanged(seams: Any) -> None:
    """The `install` of a variant that consists of options alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A requirement of the project that a lawful catalog need not meet. judge: the judge of that
    requirement that fails. why: what the catalog leaves out, and which words allow it. Example:
    FR-001 wants all operations; the specification lets a catalog offer some."""

    requirement: str
    judge: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """places: where the specification allows it: "operationId.responses.401", "schemas.PageToken",
    "parameters.page-size", or "RFC 9110 15.2" for what HTTP allows. install: called once in each
    node's process, before it serves, with the reference catalog's seams. options: further options
    of each node (prefix: "a"). target: the shipped target that it changes. experiments: those that
    it goes through beside the common ones, with the fields of each that are changed there. lacks:
    exactly these judges fail on it, without a broken case; nothing else may. front: where the suite
    finds the nodes, as nodes that run already: "one address" before all, an "IPv6" address of
    each, or "": where they listen.
    """

    places: tuple[str, ...]
    install: Callable[[Any], None] = unchanged
    options: Mapping[str, str] = field(default_factory=dict)
    target: str = "reference"
    experiments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lacks: tuple[Lack, ...] = ()
    front: Literal["", "one address", "IPv6"] = ""
