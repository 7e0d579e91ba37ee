"""Where a survey's checks ask and write down: one client, fresh names, findings with their request.

Claim: a finding is `works` true or false only when a whole answer decided it; where no answer came,
or a step before could not be had, it is null with the reason. Method: asking raises Unanswered, and
setting a scene raises Needs; the survey turns both into findings. What it does NOT show: anything
under load or over time; a survey is small and sequential.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from iceworthy.client.asker import Asked
from iceworthy.client.auth import HeaderSource
from iceworthy.client.catalog_client import Answer, CatalogClient
from iceworthy.client.connect import Config
from iceworthy.client.observe import TableSeen
from iceworthy.client.pages import Listing, list_namespaces, list_tables
from iceworthy.client.wire import Call, Namespace, Wire
from iceworthy.contract.desk import Needs, Unanswered
from iceworthy.record.history import NO_ASSERTION, key_of
from iceworthy.specification import validate_response
from iceworthy.words.live import LiveTarget

GONE_AFTER = 3  # requests in a row without an answer
CAME_CHARACTERS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of findings.jsonl. works None: nobody can tell, `came` says why."""

    requirement: str
    what: str
    wanted: str
    came: str
    request: str
    works: bool | None
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReply:
    """A whole answer, with the call that it is of."""

    call: Call
    answer: Answer

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def ok(self) -> bool:
        return self.answer.ok

    @property
    def table(self) -> TableSeen | None:
        return self.answer.table

    @property
    def body(self) -> Any:
        """The parsed body; None when it is not JSON."""
        return self.answer.json()

    def metadata(self) -> Mapping[str, Any]:
        """The table metadata as it came; empty when there is none."""
        found = self.body.get("metadata") if isinstance(self.body, dict) else None
        return found if isinstance(found, dict) else {}


class SurveyDesk:
    """What every check is given."""

    def __init__(
        self,
        live: LiveTarget,
        client: CatalogClient,
        wire: Wire,
        headers: HeaderSource,
        *,
        config: Config | None,
        config_answer: Answer,
        stem: str,
        ends_at: float,
    ) -> None:
        self.live = live
        self.client = client
        self.wire = wire
        self.config = config
        self.config_answer = config_answer
        self.stem = stem
        self.random = random.Random(f"{stem}-survey")
        self.root: Namespace = tuple(live.spec.catalog.root_namespace)
        self.snapshot_ids: Any = (
            None  # iceworthy.contract.survey.snapshot_range keeps its result here
        )
        self._headers = headers
        self._names = 0
        self._silent = 0
        self._ends_at = ends_at

    @property
    def gone(self) -> bool:
        """The target has stopped answering, or the survey has run out of time."""
        return self._silent >= GONE_AFTER or time.monotonic() >= self._ends_at

    # asking

    def ask(self, call: Call, *, value: int = 0, parent: int = NO_ASSERTION) -> SeenReply:
        """One call; Unanswered when no whole answer came."""
        answer = self.client.ask(call, value=value, parent=parent)
        if answer.may_be_sent_again:
            answer = self.client.ask(call, value=value, parent=parent)
        self._note(call, answer)
        return SeenReply(call=call, answer=answer)

    def namespaces(self, parent: Namespace = (), *, page_size: int = 0) -> Listing:
        """All namespaces under a parent; Unanswered when a page did not come."""
        listing = list_namespaces(
            self.client, self.wire, parent, page_size=page_size, pages_max=100
        )
        self._note(self.wire.list_namespaces(parent, page_size=page_size), listing.last)
        return listing

    def tables(self, namespace: Namespace, *, page_size: int = 0) -> Listing:
        """All tables of a namespace; Unanswered when a page did not come."""
        listing = list_tables(self.client, self.wire, namespace, page_size=page_size, pages_max=100)
        self._note(self.wire.list_tables(namespace, page_size=page_size), listing.last)
        return listing

    def _note(self, call: Call, answer: Answer) -> None:
        if not answer.answered:
            self._silent += 1
            said = f" ({answer.detail[:120]})" if answer.detail else ""
            raise Unanswered(f"{call.method} {call.path}: {answer.error}{said}", self.asked(call))
        self._silent = 0

    def raw(
        self, operation: str, namespace: Namespace, table: str, body: Mapping[str, Any]
    ) -> Call:
        """A POST below a namespace's tables with a body that Wire does not build."""
        if location := self.wire.location_of(namespace, table):
            body = {"location": location, **body}
        return Call(
            operation=operation,
            method="POST",
            path=f"{self.wire.namespace_path(namespace)}/tables",
            key=key_of(namespace, table),
            body=orjson.dumps(body),
        )

    def headers_for(self, endpoint: str) -> dict[str, str]:
        """Credentials for a path on the catalog's own port; none for somebody else's URL."""
        return {} if "://" in endpoint else self._headers.headers()

    # scenes

    def name(self, hint: str = "ns") -> Namespace:
        """A namespace name that nobody has used; not created."""
        self._names += 1
        return (*self.root, f"{self.stem}_{hint}{self._names}")

    def fresh(self, hint: str = "ns") -> Namespace:
        """A namespace of its own; Needs when it cannot be created."""
        return self.namespace(self.name(hint))

    def namespace(self, name: Namespace) -> Namespace:
        """Create this namespace; Needs when it cannot be."""
        reply = self.ask(self.wire.create_namespace(name))
        if not reply.ok:
            raise Needs(f"needs the namespace {'.'.join(name)}, refused: {said(reply)}")
        return name

    def table(self, namespace: Namespace, name: str) -> TableSeen:
        """Create a table; Needs when it cannot be, or its answer shows none."""
        reply = self.ask(self.wire.create_table(namespace, name))
        if reply.table is None:
            raise Needs(f"needs a table, refused: {said(reply)}")
        return reply.table

    def read(self, namespace: Namespace, name: str) -> SeenReply:
        """The table as it is now; Needs when it cannot be loaded."""
        reply = self.ask(self.wire.load_table(namespace, name))
        if reply.table is None:
            raise Needs(f"needs to load the table, but: {said(reply)}")
        return reply

    # findings

    def finding(
        self,
        requirement: str,
        what: str,
        *,
        wanted: str,
        came: str,
        works: bool | None,
        call: Call | Asked,
    ) -> Finding:
        """A finding with the curl line of the call that decided it."""
        return Finding(
            requirement=requirement,
            what=what,
            wanted=wanted,
            came=came[:CAME_CHARACTERS],
            request=(call if isinstance(call, Asked) else self.asked(call)).curl,
            works=works,
        )

    def status(self, requirement: str, what: str, reply: SeenReply, *wanted: int) -> Finding:
        """Whether the status is one that the specification gives for this."""
        return self.finding(
            requirement,
            what,
            wanted=f"status {_either(wanted)}",
            came=said(reply),
            works=reply.status in wanted,
            call=reply.call,
        )

    def shape(self, what: str, reply: SeenReply, also: Sequence[str] = ()) -> Finding:
        """Whether the body is as its schema says: always FR-002. also: problems of its meaning."""
        problems = (*self.problems(reply), *also)
        return self.finding(
            "FR-002",
            f"body of the answer: {what}",
            wanted="as the specification's schema says",
            came="; ".join(problems) or "as it says",
            works=not problems,
            call=reply.call,
        )

    @staticmethod
    def problems(reply: SeenReply) -> list[str]:
        """How an answer differs from the schema of its operation and status, in words."""
        return validate_response(reply.call.operation, reply.status, reply.answer.body)

    def asked(self, call: Call) -> Asked:
        """The record of a call, for its curl line; nothing is sent."""
        return self.client.asked(call)


def said(reply: SeenReply) -> str:
    """A reply in a few words."""
    message = f": {reply.answer.detail[:160]}" if reply.answer.detail else ""
    return f"status {reply.status}{message}"


def other_name(levels: Namespace, reply: SeenReply) -> list[str]:
    """The problem of a namespace's body that names another; [] when it is this one."""
    found = reply.body.get("namespace") if isinstance(reply.body, dict) else None
    return [] if found == list(levels) else [f"namespace is {found!r:.80}, not {list(levels)}"]


def _either(statuses: Sequence[int]) -> str:
    return " or ".join(str(status) for status in statuses)
