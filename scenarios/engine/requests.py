"""Calls turned into bytes once: what a session sends, with a hole for its node's header lines.

Claim: a Request's bytes are those of its Call. Method: start line, then the node's prebuilt header
block (engine.peer), then the rest. Reads of the standing world are made once and kept, since
quoting and joining a path costs more than sending it.
What it does NOT show: whether the catalog understands them.
"""

from __future__ import annotations

from collections.abc import Mapping

from iceworthy.client.curl import curl_line
from iceworthy.client.wire import Call, Namespace, Wire
from iceworthy.record.history import Recorder
from iceworthy.words.operation import is_mutation
from scenarios.engine.load_statistics import KindStatistics, LoadStatistics
from scenarios.engine.table_facts import TableFacts

KEPT_MAX = 5_000
_SHOW_TABLE = frozenset({"load_table", "create_table", "commit_table"})


class Request:
    """One call, ready: start + header block + rest. kind_id, key_id: the recorder's string ids.

    brief_left: answers that need not be written in full before the next one that must.
    last_body, last_facts: its last answer, so that an unchanged table is not parsed again.
    """

    __slots__ = (
        "brief_left",
        "is_kept",
        "is_mutation",
        "key_id",
        "kind",
        "kind_id",
        "last_body",
        "last_facts",
        "method",
        "rest",
        "shows_table",
        "start",
        "tally",
        "to_head",
    )

    def __init__(self, call: Call, recorder: Recorder, tally: LoadStatistics) -> None:
        self.tally: KindStatistics = tally.of(call.kind, call.method)
        self.brief_left = 0
        self.is_kept = False
        self.last_body = b""
        self.last_facts: TableFacts | None = None
        self.kind = call.kind
        self.method = call.method
        self.kind_id = recorder.intern(call.kind)
        self.key_id = recorder.intern(call.key)
        self.is_mutation = is_mutation(call.kind)
        self.shows_table = call.kind in _SHOW_TABLE
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

    def curl(self, url: str, headers: Mapping[str, str]) -> str:
        """The line that repeats it; what it is made of is read back from its bytes."""
        path = self.start.decode().split(" ")[1]
        body = self.rest.partition(b"\r\n\r\n")[2] or None
        call = Call(kind=self.kind, method=self.method, path=path, key="", body=body)
        return curl_line(url, call, headers)


class KeptReads:
    """Requests for reads of the standing world, each made once for all sessions of a process."""

    def __init__(self, wire: Wire, recorder: Recorder, tally: LoadStatistics) -> None:
        self._wire = wire
        self._recorder = recorder
        self._tally = tally
        self._kept: dict[tuple[str, Namespace, str], Request] = {}

    def prepare(self, call: Call) -> Request:
        """The Request of any call; not kept."""
        return Request(call, self._recorder, self._tally)

    def load_table(self, namespace: Namespace, table: str) -> Request:
        return self._get("load_table", namespace, table)

    def table_exists(self, namespace: Namespace, table: str) -> Request:
        return self._get("table_exists", namespace, table)

    def load_namespace(self, namespace: Namespace) -> Request:
        return self._get("load_namespace", namespace)

    def list_tables(self, namespace: Namespace) -> Request:
        return self._get("list_tables", namespace)

    def list_namespaces(self, parent: Namespace) -> Request:
        return self._get("list_namespaces", parent)

    def _get(self, kind: str, namespace: Namespace, table: str = "") -> Request:
        kept = self._kept.get((kind, namespace, table))
        if kept is None:
            parts = (namespace, table) if table else (namespace,)
            kept = self.prepare(getattr(self._wire, kind)(*parts))
            if len(self._kept) < KEPT_MAX:
                kept.is_kept = True
                self._kept[kind, namespace, table] = kept
        return kept
