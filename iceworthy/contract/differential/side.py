"""One side of the comparison: a running catalog to which steps are sent one by one.

Claim: a step is sent exactly as it is written, once; its answer is recorded if it is whole. Method:
connections are kept. A listing is read through all its pages, as long as no token comes twice and
LISTING_S_MAX is not over; a repeated step has the first of its answers that is not a 2xx. What it
does NOT do: judge.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from iceworthy.client.asker import Asked, Asker
from iceworthy.client.auth import header_source
from iceworthy.client.catalog_client import CatalogClient
from iceworthy.client.connect import ask_config, read_config, wire_of
from iceworthy.client.pages import LISTING_S_MAX
from iceworthy.client.wire import Call, Wire
from iceworthy.contract.differential.diff import Answered
from iceworthy.contract.differential.steps import (
    LISTS,
    OPERATIONS,
    Levels,
    Place,
    SideState,
    Step,
    Touch,
    requests,
)
from iceworthy.specification import operations_offered
from iceworthy.words.errors import TargetError
from iceworthy.words.target import TargetSpec

REQUEST_S_MAX = 10.0
SHOWS_RELATION = frozenset(
    (
        "createTable",
        "registerTable",
        "loadTable",
        "updateTable",
        "createView",
        "registerView",
        "loadView",
        "replaceView",
    )
)


@dataclass(slots=True, kw_only=True)
class Side:
    """One catalog. operations: those that it advertises, among the compared operations."""

    name: str
    wire: Wire
    root: Levels
    operations: frozenset[str]
    asker: Asker
    requests: int = 0
    asked: list[Asked] = field(default_factory=list)

    def send(self, state: SideState, step: Step) -> Answered:
        """The step's answer; for a listing {"names": …} over all pages."""
        if step.operation in LISTS:
            return self._list(state, step)
        answered = Answered(status=0, error="nothing was sent")
        for call in requests(state, step):
            answered = self._ask(call)
            if not answered.good:
                break
        if answered.good and step.operation in SHOWS_RELATION and isinstance(answered.body, dict):
            state.said[Place(step.space, _named(step))] = answered.body
        return answered

    def _list(self, state: SideState, step: Step) -> Answered:
        names: list[Any] = []
        query = dict(step.query)
        if step.operation == "listNamespaces" and step.space:
            query["parent"] = self.wire.separator.join(state.levels(step.space))
        tokens: set[str] = set()
        ends_at = time.monotonic() + LISTING_S_MAX
        while True:
            answered = self._ask(state.call(replace(step, query=tuple(query.items()))))
            if not answered.good or not isinstance(answered.body, dict):
                return answered
            shown = answered.body.get(LISTS[step.operation])
            names += shown if isinstance(shown, list) else []
            token = answered.body.get("next-page-token")
            if not token:
                mine = [name for name in names if _is_mine(state, name)]
                return replace(answered, body={"names": mine})
            query["pageToken"] = token = str(token)
            if token in tokens:
                return Answered(status=0, error="the same next-page-token twice")
            if time.monotonic() > ends_at:
                return Answered(status=0, error=f"no end of the listing in {LISTING_S_MAX:g} s")
            tokens.add(token)

    def _ask(self, call: Call) -> Answered:
        self.requests += 1
        reply = self.asker.send(call.method, call.path, body=call.body)
        self.asked.append(reply.asked)
        exchange = reply.exchange
        if exchange.status >= 500:
            self.asker.close()  # many a server does, after an error that it did not foresee
        if not exchange.complete:
            return Answered(status=0, error=exchange.error or "torn")
        return _answered(exchange.status, exchange.body, head=call.method == "HEAD")

    def read_back(self, state: SideState, touch: Touch) -> Answered:
        """The state that a reader sees."""
        step = Step(operation=touch.operation, space=touch.space, name=touch.name)
        return self.send(state, step)

    def can(self, operation: str) -> bool:
        return operation in self.operations


def _answered(status: int, raw: bytes, *, head: bool) -> Answered:
    body: Any = None
    if raw and not head:
        try:
            body = orjson.loads(raw)
        except ValueError:
            if 200 <= status < 300:
                return Answered(status=status, body={"not JSON": raw[:200].decode("latin-1")})
    if 200 <= status < 300:
        return Answered(status=status, body=body)
    said = body.get("error") if isinstance(body, dict) else None
    kind = said.get("type") if isinstance(said, dict) else ""
    shown = "" if head else str(kind or "")
    return Answered(status=status, body=body, error_type=shown)


def _named(step: Step) -> str:
    """The name that a step creates or refers to."""
    if step.operation in ("createTable", "registerTable", "createView", "registerView"):
        name = step.body.get("name") if isinstance(step.body, dict) else None
        return name if isinstance(name, str) else ""
    return step.name


def _is_mine(state: SideState, name: Any) -> bool:
    """Whether a listed name is of this run: the top level may contain namespaces of others."""
    if not isinstance(name, list) or len(name) <= len(state.root):
        return True
    return str(name[len(state.root)]).startswith(state.stem)


@contextlib.contextmanager
def open_side(name: str, spec: TargetSpec, url: str) -> Iterator[Side]:
    """A side with its configuration loaded; TargetError if it gives none."""
    headers = header_source(spec, url)
    with CatalogClient(url, node=0, headers=headers, timeout_s=REQUEST_S_MAX) as client:
        answer = ask_config(spec, client)
    config = read_config(answer.json()) if answer.ok else None
    if config is None:
        raise TargetError(f"{name}: {url} gave no configuration: {answer.status} {answer.error}")
    offered = operations_offered(config.endpoints, config.prefix).intersection(OPERATIONS)
    asker = Asker(url, headers=headers, timeout_s=REQUEST_S_MAX)
    try:
        yield Side(
            name=name,
            wire=wire_of(spec, config),
            root=tuple(spec.catalog.root_namespace),
            operations=offered,
            asker=asker,
        )
    finally:
        asker.close()


def clean(side: Side, state: SideState, spaces: frozenset[Levels]) -> None:
    """Drop what a sequence's run created, deepest namespace first; failures are ignored."""
    for space in sorted(spaces, key=len, reverse=True):
        for lists, drops in (("listTables", "dropTable"), ("listViews", "dropView")):
            if not (side.can(lists) and side.can(drops)):
                continue
            found = side.send(state, Step(operation=lists, space=space))
            for entry in _names(found.body):
                side.send(state, Step(operation=drops, space=space, name=entry))
        if side.can("dropNamespace"):
            side.send(state, Step(operation="dropNamespace", space=space))


def _names(body: Any) -> list[str]:
    entries = body.get("names") if isinstance(body, Mapping) else None
    return [str(e["name"]) for e in entries or () if isinstance(e, dict) and "name" in e]
