"""One operation of a sequence as data, and the request that it becomes on one side.

Claim: the same step sends the same request to both sides. Method: a value that each side chooses by
itself (uuid, location, next sequence number) is written in a step as Known, and replaced by what
that side has answered. Names begin with a stem, so that two runs never use the same name. What it
does NOT do: send.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from iceworthy.client.wire import Call, Wire
from iceworthy.specification import operation

Levels = tuple[str, ...]
NOWHERE_UUID = "6f1e2d3c-0000-4000-8000-00000000abcd"


class Place(NamedTuple):
    """A table or view of a sequence, without the run's stem."""

    space: Levels
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """A value that a side has answered for a table: a metadata field, or one of `_DERIVED`."""

    field: str
    of: Place
    plus: int = 0
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Space:
    """A namespace in a body; its first level gets the run's stem."""

    levels: Levels


@dataclass(frozen=True, slots=True)
class Touch:
    """What a step may have changed. kind: the operation that reads it back."""

    operation: str
    space: Levels
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operation. traits: special properties by which causes are told apart. times: repeat it
    for so many names, `name` with a number appended."""

    operation: str
    space: Levels = ()
    name: str = ""
    body: Any = None
    query: tuple[tuple[str, str], ...] = ()
    traits: frozenset[str] = frozenset()
    touches: tuple[Touch, ...] = ()
    times: int = 1


Sequence = tuple[Step, ...]
OPERATIONS = (
    "listNamespaces",
    "createNamespace",
    "loadNamespaceMetadata",
    "namespaceExists",
    "dropNamespace",
    "updateProperties",
    "listTables",
    "createTable",
    "registerTable",
    "loadTable",
    "updateTable",
    "dropTable",
    "tableExists",
    "unregisterTable",
    "renameTable",
    "commitTransaction",
    "listViews",
    "createView",
    "registerView",
    "loadView",
    "replaceView",
    "dropView",
    "viewExists",
    "renameView",
)
"""The operationIds of the specification that a sequence may contain."""
LISTS = {"listNamespaces": "namespaces", "listTables": "identifiers", "listViews": "identifiers"}
READS = frozenset(
    (
        *LISTS,
        "loadNamespaceMetadata",
        "namespaceExists",
        "loadTable",
        "tableExists",
        "loadView",
        "viewExists",
    )
)


@dataclass(slots=True, kw_only=True)
class SideState:
    """The answers of one side during one run. said: the last LoadTableResult of each table or view;
    kept after a drop, so that the table can be registered again."""

    wire: Wire
    stem: str
    root: Levels = ()
    clock_ms: int = 0
    said: dict[Place, Mapping[str, Any]] = field(default_factory=dict)

    def levels(self, levels: Levels) -> Levels:
        """The namespace on the server for the `levels` of a sequence."""
        return (*self.root, self.stem + levels[0], *levels[1:]) if levels else self.root

    def resolve(self, value: Any) -> Any:
        """A body with every Known replaced by its value on this side."""
        if isinstance(value, Known):
            return self._known(value)
        if isinstance(value, Space):
            return list(self.levels(value.levels))
        if isinstance(value, dict):
            found = {key: self.resolve(item) for key, item in value.items()}
            return {key: item for key, item in found.items() if item is not LEFT_OUT}
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        return value

    def _known(self, known: Known) -> Any:
        said = self.said.get(known.of, {})
        metadata = said.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        if known.field == "metadata-location":
            return said.get("metadata-location") or f"file:///nowhere/{known.of.name}.metadata.json"
        if known.field == "now":
            return self.clock_ms + known.plus
        found = _derived(known.field, metadata)
        if isinstance(found, int):
            return found + known.plus
        return f"{found}{known.suffix}" if isinstance(found, str) else found

    def _placed(self, step: Step, body: dict[str, Any]) -> dict[str, Any]:
        """The body with the location that this target's file requests, if it does."""
        name = body.get("name")
        where = (
            self.wire.location_of(self.levels(step.space), name)
            if (isinstance(name, str) and name)
            else ""
        )
        return {"location": where, **body} if where else body

    def call(self, step: Step, name: str = "") -> Call:
        """The request of a step for this side."""
        one = operation(step.operation)
        parts = (
            self.levels(step.space) if parameter == "namespace" else name or step.name
            for parameter in one.parameters
            if parameter != "prefix"
        )
        path = self.wire.path_of(one.template, *parts)
        query = f"?{urlencode(step.query)}" if step.query else ""
        body = None
        if step.body is not None:
            resolved = self.resolve(step.body)
            if name and isinstance(resolved, dict):
                resolved = {**resolved, **_named(resolved, name)}
            if step.operation == "createTable" and isinstance(resolved, dict):
                resolved = self._placed(step, resolved)
            body = resolved if isinstance(resolved, bytes) else orjson.dumps(resolved)
        return Call(
            operation=step.operation,
            method=one.method,
            path=f"{path}{query}",
            key="",
            body=body,
        )


class _LeftOut:
    """The marker of a field that is not sent."""


LEFT_OUT = _LeftOut()
_FALLBACKS: Mapping[str, Any] = {
    "table-uuid": NOWHERE_UUID,
    "view-uuid": NOWHERE_UUID,
    "location": "file:///nowhere",
    "last-column-id": 2,
    "last-partition-id": 999,
    "current-schema-id": 0,
    "default-spec-id": 0,
    "default-sort-order-id": 0,
    "current-version-id": 1,
}


def _derived(name: str, metadata: Mapping[str, Any]) -> Any:
    if name == "next-sequence":
        last = metadata.get("last-sequence-number")
        return (last if isinstance(last, int) else 0) + 1
    if name in ("current-snapshot", "current-snapshot-or-null"):
        found = metadata.get("current-snapshot-id")
        if isinstance(found, int) and found >= 0:
            return found
        return LEFT_OUT if name == "current-snapshot" else None
    found = metadata.get(name)
    return _FALLBACKS[name] if found is None else found


def _named(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The body of a repeated step with its name inserted."""
    if isinstance(body.get("namespace"), list):
        return {"namespace": [*body["namespace"][:-1], f"{body['namespace'][-1]}{name}"]}
    return {"name": name}


def requests(state: SideState, step: Step) -> Iterator[Call]:
    """The requests of a step that is not a listing: one, or one per name."""
    if step.times == 1:
        yield state.call(step)
        return
    for number in range(step.times):
        yield state.call(step, f"{step.name}{number:03d}")
