"""How a case asks: requests by operation, new names, and statements about what must hold.

Claim: a case ends in exactly one way, and never by a guess: it holds; it is Broken, with the
expected answer, the given answer and the request; it does not apply (Skipped); or it cannot be
decided (Unanswered, Needs). Every answer is checked against its schema. Method: each request is
sent once. Only a read whose kept connection the server had closed is sent again, never a change.
What it does NOT show: anything under load or over time.
"""

from __future__ import annotations

import itertools
import random
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, Unpack
from urllib.parse import urlencode

import orjson

from iceworthy.client.asker import NO_LOGIN, TOO_MANY, Asker, Reply
from iceworthy.client.auth import HeaderSource
from iceworthy.client.connect import Config
from iceworthy.client.manifest_lists import keeper_of, put_lists
from iceworthy.client.snapshots import snapshot_id
from iceworthy.client.wire import SCHEMA, Namespace, Wire
from iceworthy.contract.asks import Ask
from iceworthy.contract.comparing import alike, in_query, shown
from iceworthy.contract.endings import Broken, Kind, Needs, Opening, Skipped, Unanswered, all_busy
from iceworthy.contract.scene import Scene, Shared
from iceworthy.record.known import Known
from iceworthy.specification import Operation, operation, operations_offered
from iceworthy.words.errors import TargetError
from iceworthy.words.live import LiveTarget, Node

__all__ = ["Desk"]

ANSWER_S_MAX = 10.0
KEPT = 8
LOADS = {
    "namespaceExists": "loadNamespaceMetadata",
    "tableExists": "loadTable",
    "viewExists": "loadView",
}


class Desk:
    """What every case gets. One object for the whole run; `begin` resets it for each case.

    stem: all names begin with it. Names and ids follow from the stem, which follows from the run's
    seed. known: what is known about the target; `learn` replaces it. first: the index of the node
    that cases call node 0. openings: how the nodes behaved when the desk was opened. early: this is
    the survey, which asks for less (example: 105 tables in a listing in place of 250). silent: the
    operations that were shown never to answer; they are not asked again.
    """

    def __init__(
        self,
        live: LiveTarget,
        wire: Wire,
        headers: Sequence[HeaderSource],
        *,
        config: Config,
        stem: str,
        known: Known,
        first: int = 0,
        openings: Sequence[Opening] = (),
        timeout_s: float = ANSWER_S_MAX,
        early: bool = False,
    ) -> None:
        self.live = live
        self.wire = wire
        self.config = config
        self.stem = stem
        self.known = known
        self.openings = tuple(openings)
        self.early = early
        self.nodes: list[Node] = [*live.nodes[first:], *live.nodes[:first]]
        self.random = random.Random(f"{stem}-desk")
        self.root: Namespace = tuple(live.spec.catalog.root_namespace)
        self.warehouse = live.warehouse_folder
        self._keep = keeper_of(live)
        self._headers = [*headers[first:], *headers[:first]]
        self.askers = [
            Asker(node.url, node=node.index, headers=login, timeout_s=timeout_s)
            for node, login in zip(self.nodes, self._headers, strict=True)
        ]
        self._twin: Callable[[], Desk] = lambda: Desk(
            live,
            wire,
            headers,
            config=config,
            stem=stem,
            known=self.known,
            first=first,
            timeout_s=timeout_s,
        )
        self._names, self.kept = itertools.count(1), KEPT
        self.requests = Scene()
        self.silent: set[str] = set()
        self.recent: list[Reply] = []
        self.remarks: list[Broken] = []
        self.answers, self.about, self._races = 0, "", False

    def begin(self, about: str = "") -> None:
        """Start a new case, about this operation: clear the evidence and close connections."""
        self.recent, self.remarks, self.answers, self.about = [], [], 0, about
        self.requests.begin()
        self.close()

    def close(self) -> None:
        for asker in self.askers:
            asker.close()

    def learn(self, known: Known) -> None:
        """From now on this is known about the target, here and in later experiments."""
        self.known = known

    @property
    def serves(self) -> bool:  # whether a node answered when the desk was opened
        return not self.openings or any(one.served for one in self.openings)

    @property
    def config_query(self) -> dict[str, str] | None:
        """The query of getConfig: the target's warehouse, where it has one."""
        warehouse = self.live.spec.catalog.warehouse
        return {"warehouse": warehouse} if warehouse else None

    @property
    def ca_file(self) -> str:  # to check the nodes' certificate with; "" for the system's
        return self._headers[0].ca_file

    # asking

    def offers(self, operation_id: str) -> bool:
        """Whether the target advertises an operation, or must have it by default."""
        return operation_id in operations_offered(self.config.endpoints, self.wire.prefix)

    def do(
        self,
        operation_id: str,
        *parts: Namespace | str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        node: int = 0,
        auth: bool = True,
        login: HeaderSource | None = None,
        anyway: bool = False,
    ) -> Reply:
        """Send one operation. parts: its path parameters after the prefix, a namespace as a tuple.

        body: a JSON value, or bytes that are sent unchanged. auth: whether to send the target's
        login, or `login` in its place; `headers` override it. Unanswered if no whole answer comes.
        Needs, and nothing is sent, if it is not advertised; anyway: it is sent, with no schema."""
        if operation_id in self.silent:
            raise Needs(f"{operation_id} never answers", operation_id)
        if not (anyway or self.offers(operation_id)):
            raise Needs(f"{operation_id} is not advertised", operation_id)
        one = operation(operation_id)
        put_lists(self._keep, body)
        path = self.wire.path_of(one.template, *parts)
        if query:
            path += "?" + urlencode({key: in_query(value) for key, value in query.items()})
        return self.send(
            one.method,
            path,
            body=body,
            headers=headers,
            node=node,
            auth=auth,
            login=login,
            about=one if self.offers(one.id) else None,
        )

    def login(self, node: int = 0) -> dict[str, str]:
        """The headers of the target's login, for connections that are not requests."""
        try:
            return dict(self._headers[node % len(self._headers)].headers())
        except TargetError as error:
            raise Unanswered(f"no login: {error}") from None

    def at_once(self, *asks: Ask) -> list[Reply | None]:
        """Write the manifest lists that they name, then send all at the same moment, each on a new
        connection; None for a missing answer."""
        for one in asks:
            put_lists(self._keep, one.body)
        barrier = threading.Barrier(len(asks))

        def ask(one: Ask) -> Reply | None:
            own = self._twin()
            own._keep = None  # written already
            own._races = True  # which a server may refuse with 429
            try:
                barrier.wait(ANSWER_S_MAX)
                return own.do(
                    one.operation,
                    *one.parts,
                    body=one.body,
                    query=one.query,
                    node=one.node,
                    headers=one.headers,
                )
            except Unanswered:
                return None
            finally:
                own.close()

        with ThreadPoolExecutor(max_workers=len(asks)) as threads:
            replies = list(threads.map(ask, asks))
        answered = [one for one in replies if one is not None]
        self.recent = [*self.recent, *answered][-self.kept :]
        self.requests.add_at_once(answered)
        self.answers += len(answered)
        return replies

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        node: int = 0,
        auth: bool = True,
        login: HeaderSource | None = None,
        about: Operation | None = None,
    ) -> Reply:
        """Send a request to any path of a node."""
        asker = self.askers[node % len(self.askers)]
        reply = asker.send(
            method,
            path,
            body=body if body is None or isinstance(body, bytes) else orjson.dumps(body),
            headers=headers,
            login=login,
            auth=auth,
            operation=about.id if about else "",
        )
        if reply.undecided and not (self._races and reply.status == TOO_MANY):
            sent = not reply.whole and reply.exchange.error != NO_LOGIN
            raise Unanswered(reply.undecided, reply.asked if sent else None)
        self.answers += about is not None
        self.recent = [*self.recent[-self.kept + 1 :], reply]
        self.requests.add((reply,))
        return reply

    # what must hold

    def expect(self, reply: Reply, *statuses: int, error: str | Sequence[str] = "") -> Reply:
        """The status must be one of these; in a case about another operation, any 2xx is as good.
        The error's type should be (one of) `error`: another type is a remark (they are "not
        presently prescriptive"), and so is 422 in place of 400."""
        kinds = (error,) if isinstance(error, str) else tuple(error)
        expected, named = f"status {' or '.join(map(str, statuses))}", kinds != ("",)
        if named:
            expected += f" with error type {' or '.join(kinds)}"
        if reply.ok and self.about not in ("", reply.asked.operation) and min(statuses) < 300:
            return reply
        if reply.status not in statuses and not (reply.status == 422 and 400 in statuses):
            raise Broken(expected, reply.said, reply, expected_statuses=statuses)
        if reply.status not in statuses or (named and reply.error_type not in kinds):
            self.remark(expected, reply.said, reply)
        return reply

    def accepted(self, reply: Reply) -> Reply:
        """The status must be a 2xx."""
        if not reply.ok:
            good = operation(reply.asked.operation).good if reply.asked.operation else ()
            raise Broken("a status 2xx", reply.said, reply, expected_statuses=good)
        return reply

    def remark(self, expected: str, got: Any, reply: Reply | None = None) -> None:
        """Note what is not as expected where another reading allows it; the case goes on."""
        self.remarks.append(Broken(expected, shown(got), self._deciding(reply)))

    def is_there(self, operation_id: str, *parts: Namespace | str, there: bool = True) -> None:
        """namespaceExists, tableExists or viewExists must say that the entity exists (or not).

        Any 2xx counts as "exists" here; other cases check that the status is 204. Where the
        operation is not advertised, the entity is loaded in its place, as clients do.
        """
        if not self.offers(operation_id) or operation_id in self.silent:
            operation_id = LOADS[operation_id]
        if not self.offers(operation_id):
            return
        reply = self.do(operation_id, *parts)
        if reply.ok if there else reply.status == 404:
            return
        if there:
            raise Broken("to be there (2xx)", reply.said, reply, evidence=all_busy([reply]))
        raise Broken("to be gone (404)", reply.said, reply, expected_statuses=(404,))

    def refused(self, reply: Reply) -> Reply:
        """The status must be a 4xx."""
        if not 400 <= reply.status < 500:
            raise Broken("a status 4xx", reply.said, reply, evidence=all_busy([reply]))
        return reply

    def same(
        self, what: str, expected: Any, got: Any, reply: Reply | None = None, **kind: Unpack[Kind]
    ) -> None:
        """Both must be equal and of the same type: 1 is not true, and 1.0 is not 1."""
        if expected != got or not alike(expected, got):
            self.broken(f"{what}: {shown(expected)}", got, reply, **kind)

    def that(
        self,
        what: str,
        holds: bool,
        *,
        expected: str,
        got: Any,
        reply: Reply | None = None,
        **kind: Unpack[Kind],
    ) -> None:
        """The condition must hold. evidence: its kind, where no single answer shows it."""
        if not holds:
            self.broken(f"{what}: {expected}", got, reply, **kind)

    def broken(
        self, expected: str, got: Any, reply: Reply | None = None, **kind: Unpack[Kind]
    ) -> NoReturn:
        """End the case as broken."""
        raise Broken(expected, shown(got), self._deciding(reply), **kind)

    def skip(self, why: str, *, left_to: str = "") -> NoReturn:
        """The case does not apply to this target. left_to: as in Skipped."""
        raise Skipped(why, left_to)

    def _deciding(self, reply: Reply | None) -> Reply | None:
        return reply or (self.recent[-1] if self.recent else None)

    # scenes

    def name(self, hint: str = "n") -> str:
        """A new name."""
        return f"{self.stem}_{hint}{next(self._names)}"

    def fresh(self, hint: str = "ns", properties: Mapping[str, str] | None = None) -> Namespace:
        """A new namespace; Needs if it cannot be created."""
        return self.namespace((*self.root, self.name(hint)), properties)

    def namespace(
        self, levels: Namespace, properties: Mapping[str, str] | None = None
    ) -> Namespace:
        """Create this namespace; Needs if that fails."""
        body = {"namespace": list(levels), "properties": dict(properties or {})}
        self.need(self.do("createNamespace", body=body))
        return levels

    def shared(self, key: str, make: Callable[[], Shared]) -> Shared:
        """A value that several cases share and none changes; the first of them makes it."""
        return self.requests.shared(key, make)

    def table_body(self, name: str, space: Namespace = (), **fields: Any) -> dict[str, Any]:
        """The body of a createTable as clients send it, with a small schema and these fields."""
        body: dict[str, Any] = {"name": name, "schema": dict(SCHEMA)}
        body |= {"stage-create": False, "properties": {}}
        if location := self.wire.location_of(space, name):
            body["location"] = location
        return body | fields

    def table(self, space: Namespace, name: str = "t", **fields: Any) -> dict[str, Any]:
        """Create a table; returns its metadata. Needs if that fails."""
        body = self.table_body(name, space, **fields)
        return self.need(self.do("createTable", space, body=body)).metadata

    def commit(
        self,
        space: Namespace,
        name: str,
        updates: Sequence[Mapping[str, Any]],
        requirements: Sequence[Mapping[str, Any]] = (),
        **options: Any,
    ) -> Reply:
        """Send a commit to one table once; any answer is accepted."""
        body = {"requirements": list(requirements), "updates": list(updates)}
        return self.do("updateTable", space, name, body=body, **options)

    def load(self, space: Namespace, name: str = "t", **options: Any) -> Reply:
        """The table's current state; Broken if it cannot be loaded."""
        return self.expect(self.do("loadTable", space, name, **options), 200)

    def need(self, reply: Reply) -> Reply:
        """The status must be a 2xx; otherwise the case cannot be tried."""
        if not reply.ok:
            what, method = reply.asked.operation, reply.asked.method
            raise Needs(f"needs {what or method} to work, but: {reply.said}", what, reply.status)
        return reply

    def snapshot_id(self) -> int:
        """A new snapshot id, as wide as the target stores exactly."""
        return snapshot_id(self.random, self.known.id_bits)

    def uuid(self) -> str:
        """A new random UUID (version 4)."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
