"""Calls as prepared bytes: the request of a session, without its node's header lines.

Claim: the bytes of a Request are those of its Call.
Method: start line, then the node's prepared header block (engine.peer), then the rest. Reads of the
unchanged data set are prepared once and kept, since quoting and joining a path costs more than
sending.
What it does NOT show: whether the catalog understands them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from iceworthy.client.asker import Asked
from iceworthy.client.observe import TableFacts
from iceworthy.client.wire import Call, Namespace, Wire
from iceworthy.record.history import Recorder
from iceworthy.words.operation import SHOW_TABLE, is_mutation
from scenarios.engine.full_reads import FullReads
from scenarios.engine.load_statistics import LoadStatistics, OperationStatistics

KEPT_MAX = 5_000


class Member:
    """A further table of a transaction: its record beside the first table's. See Request.members.

    value: the snapshot id that is added to it; parent: the id that is asserted as its head.
    """

    __slots__ = ("is_mutation", "key_id", "operation_id", "parent", "shows_table", "value")

    def __init__(self, operation_id: int, key_id: int, value: int, parent: int) -> None:
        self.operation_id = operation_id
        self.key_id = key_id
        self.value = value
        self.parent = parent
        self.is_mutation = True
        self.shows_table = False


class Request:
    """One call, ready: start + header block + rest. operation_id, key_id: ids of the recorder.

    full_reads: when an answer to it is next written in full.
    members: the tables of a transaction after its first; each gets a record like the first's.
    last_body, last_facts: its last answer, so that an unchanged table is not parsed again.
    """

    __slots__ = (
        "full_reads",
        "is_kept",
        "is_mutation",
        "key_id",
        "last_body",
        "last_facts",
        "members",
        "method",
        "operation",
        "operation_id",
        "rest",
        "shows_table",
        "start",
        "tally",
        "to_head",
    )

    def __init__(self, call: Call, recorder: Recorder, tally: LoadStatistics) -> None:
        self.tally: OperationStatistics = tally.of(call.operation, call.method)
        self.full_reads = FullReads()
        self.is_kept = False
        self.members: tuple[Member, ...] = ()
        self.last_body = b""
        self.last_facts: TableFacts | None = None
        self.operation = call.operation
        self.method = call.method
        self.operation_id = recorder.intern(call.operation)
        self.key_id = recorder.intern(call.key)
        self.is_mutation = is_mutation(call.operation)
        self.shows_table = call.operation in SHOW_TABLE
        self.to_head = call.method == "HEAD"
        self.start = f"{call.method} {call.path} HTTP/1.1\r\n".encode()
        self.rest = b"\r\n"
        if call.body is not None:
            self.rest = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
                len(call.body),
                call.body,
            )
        elif call.method == "POST":
            self.rest = b"Content-Length: 0\r\n\r\n"

    def asked(self, url: str, login: Mapping[str, str]) -> Asked:
        """The record of this request, for a curl line; its parts are parsed from the bytes."""
        path = self.start.decode().split(" ")[1]
        body = self.rest.partition(b"\r\n\r\n")[2] or None
        kind = {"Content-Type": "application/json"} if body is not None else {}
        return Asked(
            url=url.rstrip("/"), method=self.method, path=path, body=body, login=login, headers=kind
        )


class KeptReads:
    """Requests for reads of the standing world, each made once for all sessions of a process."""

    def __init__(self, wire: Wire, recorder: Recorder, tally: LoadStatistics) -> None:
        self._make: Mapping[str, Callable[..., Call]] = {
            "loadTable": wire.load_table,
            "tableExists": wire.table_exists,
            "loadNamespaceMetadata": wire.load_namespace,
            "listTables": wire.list_tables,
            "listNamespaces": wire.list_namespaces,
        }
        self._recorder = recorder
        self._tally = tally
        self._kept: dict[tuple[str, Namespace, str], Request] = {}

    def prepare(self, call: Call) -> Request:
        """The Request of any call; not kept."""
        return Request(call, self._recorder, self._tally)

    def prepare_transaction(self, call: Call, others: Iterable[tuple[str, int, int]]) -> Request:
        """The Request of a transaction. others: (key, value, parent) of each table but the first,
        as Session.ask takes value and parent for the first.
        """
        request = self.prepare(call)
        request.members = tuple(
            Member(request.operation_id, self._recorder.intern(key), value, parent)
            for key, value, parent in others
        )
        return request

    def load_table(self, namespace: Namespace, table: str) -> Request:
        return self._get("loadTable", namespace, table)

    def table_exists(self, namespace: Namespace, table: str) -> Request:
        return self._get("tableExists", namespace, table)

    def load_namespace(self, namespace: Namespace) -> Request:
        return self._get("loadNamespaceMetadata", namespace)

    def list_tables(self, namespace: Namespace) -> Request:
        return self._get("listTables", namespace)

    def list_namespaces(self, parent: Namespace) -> Request:
        return self._get("listNamespaces", parent)

    def _get(self, operation: str, namespace: Namespace, table: str = "") -> Request:
        kept = self._kept.get((operation, namespace, table))
        if kept is None:
            parts = (namespace, table) if table else (namespace,)
            kept = self.prepare(self._make[operation](*parts))
            if len(self._kept) < KEPT_MAX:
                kept.is_kept = True
                self._kept[operation, namespace, table] = kept
        return kept
