"""Calls as prepared bytes: the request of a session, without its node's header lines.

Claim: the bytes of a Request are those of its Call.
Method: start line, then the node's prepared header block (engine.peer), then the rest. Reads of the
unchanged data set are prepared once and kept, since quoting and joining a path costs more than
sending.
What it does NOT show: whether the catalog understands them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from iceworthy.client.asker import Asked
from iceworthy.client.observe import TableFacts
from iceworthy.client.wire import Call, Namespace, Wire
from iceworthy.record.history import Recorder
from iceworthy.words.operation import SHOW_TABLE, is_mutation
from scenarios.engine.full_reads import FullReads
from scenarios.engine.load_statistics import LoadStatistics, OperationStatistics

KEPT_MAX = 5_000


class Request:
    """One call, ready: start + header block + rest. operation_id, key_id: ids of the recorder.

    full_reads: when an answer to it is next written in full.
    last_body, last_facts: its last answer, so that an unchanged table is not parsed again.
    """

    __slots__ = (
        "full_reads",
        "is_kept",
        "is_mutation",
        "key_id",
        "last_body",
        "last_facts",
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
