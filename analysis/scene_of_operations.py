"""The scene of a finding of the history: curl lines from a catalog without it to the fault.

Claim: pasted in their order, the lines make the namespaces, tables and snapshots on which the
finding's operations rest, send these operations in the order of the history, and read what they
changed on every node. Operations that overlapped there are sent at the same moment. Example, of a
lost update: a namespace, a table, two commits at once that assert the same parent, two reads.
Method: the operations that the finding names about one table or namespace, at most NAMED_MOST; for
reads alone, the last acknowledged write before them; for one acknowledged write, the nearest write
that competed with it; for a write that asserts nothing, the nearest CROWD_MOST, all sent at the
same moment, since a race of two is seldom lost. A fault between two of them is a comment, since no
line can inject it.
What this does NOT show: that a race ends alike each time. A commit asserts no table uuid, which is
another for each table; its manifest list is named and not written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import numpy as np

from analysis.curl_words import login_of, shell_path, start_of_paths
from analysis.fault_spans import fault_spans
from analysis.history import History
from analysis.requests_of_operations import BY_ID, OF_TABLES, facts_seen, request_of
from analysis.run import Run
from iceworthy.client.curl import curl_line
from iceworthy.client.snapshots import append_requirements, append_updates
from iceworthy.record.history import FLAG_MEMBER, NO_ASSERTION, NULL_PARENT, UNIT
from iceworthy.words.finding import Finding, Request
from iceworthy.words.foreign import quoted
from iceworthy.words.operation import OF_VIEWS, is_mutation
from iceworthy.words.outcome import Outcome

NAMED_MOST = 4
CROWD_MOST = 7
LINES_MOST = 20
LISTED_MOST = 3
# A listing -> what makes an entry of it, and what stands between its key and the entry's.
LISTED = {"listTables": ("createTable", "/"), "listNamespaces": ("createNamespace", UNIT)}
BLIND = frozenset({"updateProperties"})  # writes that merge, and assert nothing
NOW = "@now@"  # the time at which the line is sent, where the body has it
SOMEWHERE = "http://somewhere"  # in place of the node's URL, which a variable holds
SHELL_NOW = "'\"$(date +%s)999\"'"
SCHEMA = {
    "type": "struct",
    "schema-id": 0,
    "fields": [{"id": 1, "name": "id", "required": True, "type": "long"}],
}
Facts = Mapping[str, Any]


def with_scenes(findings: Iterable[Finding], run: Run) -> tuple[Finding, ...]:
    """The findings; one whose requests are of the history, without a line to paste, gets the lines
    of its scene. It stays as it is where the history keeps too little of a body."""
    return tuple(
        replace(one, requests=requests_to_paste(one.operations, run) or one.requests)
        if one.operations and not any(request.curl for request in one.requests)
        else one
        for one in findings
    )


def requests_to_paste(operations: Iterable[str], run: Run) -> tuple[Request, ...]:
    """The requests of the scene of these operations (ids of the history); () where none can be
    made."""
    history = run.history
    found = (history.row_of(one) for one in operations)
    first = (_first_of(history, row) for row in found if row is not None)
    named = list(dict.fromkeys(first))
    if not named:
        return ()
    kept = facts_seen(history, set(named))
    keys = _keys(history, named[0], kept[named[0]])
    about = [row for row in named if _keys(history, row, kept[row]) & keys][:NAMED_MOST]
    rows = sorted({*about, *_more(history, about)})
    kept |= facts_seen(history, set(rows) - set(kept))
    rows = [row for row in rows if row in about or _is_whole(_name(history, row), kept[row])]
    try:
        return _Scene(run=run, kept=kept).lines(rows)
    except _TooLittle:
        return ()


def _is_whole(name: str, kept: Facts) -> bool:
    """Whether a blind write can be sent again; of other operations the rows have enough."""
    return name not in BLIND or "set" in kept or "removed" in kept


class _TooLittle(Exception):
    """The history keeps too little of an operation to send it again."""


def _first_of(history: History, row: int) -> int:
    """The record of the whole request: a transaction's further tables stand right behind it."""
    number = int(history.number[row])
    while number and int(history.ops["flags"][row]) & FLAG_MEMBER:
        number -= 1
        before = (history.worker == history.worker[row]) & (history.number == number)
        row = int(np.flatnonzero(before)[0])
    return row


def _keys(history: History, row: int, kept: Facts) -> set[str]:
    """The tables or namespaces of an operation: of a transaction, all of its tables."""
    worker, numbers = history.worker[row], kept.get("transaction", ())
    members = np.flatnonzero((history.worker == worker) & np.isin(history.number, list(numbers)))
    return {history.key(row), *(history.key(int(one)) for one in members)}


def _more(history: History, rows: list[int]) -> list[int]:
    """The write that reads alone should show, or the one that competed with a lone write."""
    ops = history.ops
    writes = [row for row in rows if is_mutation(_name(history, row))]
    first = writes[0] if writes else rows[0]
    alike = (ops["key"] == ops["key"][first]) & (ops["outcome"] == int(Outcome.OK))
    alike &= (ops["flags"] & FLAG_MEMBER) == 0
    alike[first] = False
    if not writes and _name(history, first) in LISTED:
        return _listed(history, first)
    if not writes:
        found = np.flatnonzero(alike & (ops["completed_ns"] < ops["sent_ns"][first]))
        before = [int(row) for row in found if is_mutation(_name(history, int(row)))]
        return before[-1:]
    if len(writes) > 1:
        return []
    same = alike & (ops["operation"] == ops["operation"][first])
    if _name(history, first) in BLIND:
        return _nearest(ops, np.flatnonzero(same), first)[:CROWD_MOST]
    overlaps = (ops["sent_ns"] < ops["completed_ns"][first]) & (
        ops["completed_ns"] > ops["sent_ns"][first]
    )
    is_parent = (ops["parent"] == ops["parent"][first]) & (ops["parent"][first] != NO_ASSERTION)
    return _nearest(ops, np.flatnonzero(same & (overlaps | is_parent)), first)[:1]


def _nearest(ops: np.ndarray, rows: Iterable[Any], first: int) -> list[int]:
    """These rows, the nearest to the first in time at the beginning."""
    sent = ops["sent_ns"]
    return sorted(map(int, rows), key=lambda row: abs(int(sent[row]) - int(sent[first])))


def _listed(history: History, row: int) -> list[int]:
    """The first creations of what a listing shows, before it."""
    made, mark = LISTED[_name(history, row)]
    space, ops = history.key(row), history.ops
    inside = f"{space}{mark}" if space else ""
    found = np.flatnonzero(
        history.of_operation(made)
        & (ops["outcome"] == int(Outcome.OK))
        & (ops["completed_ns"] < ops["sent_ns"][row])
    )
    return [int(one) for one in found if history.key(int(one)).startswith(inside)][:LISTED_MOST]


def _name(history: History, row: int) -> str:
    return history.strings[int(history.ops["operation"][row])]


@dataclass(slots=True, kw_only=True)
class _Scene:
    """The lines so far, and what is there when they were sent. snapshots: table -> id -> sequence
    number; variables: number of a node -> the variable of its address."""

    run: Run
    kept: dict[int, Facts]
    sent: list[Request] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    snapshots: dict[str, dict[int, int]] = field(default_factory=dict)
    variables: dict[int, str] = field(default_factory=dict)

    def lines(self, rows: list[int]) -> tuple[Request, ...]:
        """The whole scene; () where it is too long to be pasted."""
        ops = self.run.history.ops
        faults = [span for span in fault_spans(self.run) if span.inject_ns]
        groups: list[list[int]] = []
        for row in rows:
            last = groups[-1] if groups else []
            if last and (self._is_blind(last[0], row) or self._overlaps(last, row)):
                last.append(row)
            else:
                groups.append([row])
        since = int(ops["sent_ns"][rows[0]])
        for group in groups:
            until = int(ops["sent_ns"][group[0]])
            for span in faults:
                if since < span.inject_ns <= until:
                    node = "" if span.node is None else f" on node {span.node}"
                    self._say(f"# the fault {span.fault}{node} was injected here")
            since = until
            self._group(group)
        self._read_back(rows)
        return tuple(self.sent) if len(self.sent) <= LINES_MOST else ()

    def _is_blind(self, *rows: int) -> bool:
        """Whether the writes assert nothing, so that they can be sent in any order."""
        return all(_name(self.run.history, row) in BLIND for row in rows)

    def _overlaps(self, others: list[int], row: int) -> bool:
        ops = self.run.history.ops
        return bool(ops["sent_ns"][row] < max(ops["completed_ns"][one] for one in others))

    def _group(self, rows: list[int]) -> None:
        bodies = [self._body(row) for row in rows]
        for row, body in zip(rows, bodies, strict=True):
            again = " &" if row != rows[-1] else " & wait" if len(rows) > 1 else ""
            history = self.run.history
            whole = request_of(history, self.run.plan, row, self.kept[row])
            node = int(history.ops["node"][row])
            self._send(node, whole.method, whole.path, body, again, whole.answer)

    def _body(self, row: int) -> dict[str, Any] | None:
        """The whole body of an operation, when what it rests on is there."""
        history, kept = self.run.history, self.kept[row]
        name, (space, table) = _name(history, row), _split(history, row)
        if name not in BY_ID or name in OF_VIEWS:
            raise _TooLittle
        if name == "createNamespace":
            self._space(space[:-1])
            self.made.add(UNIT.join(space))
            return {"namespace": space, "properties": {}}
        self._space(space)
        if name == "createTable":
            self.made.add(history.key(row))
            return _table(table)
        if name not in OF_TABLES and name != "commitTransaction":
            return self._of_namespace(name, kept)
        if name == "commitTransaction":
            keys = sorted(_keys(history, row, kept))
            return {"table-changes": [self._change(row, key) for key in keys]}
        self._table(history.key(row))
        if name == "renameTable":
            return self._rename(space, table, kept)
        return self._commit(row, history.key(row)) if name == "updateTable" else None

    def _of_namespace(self, name: str, kept: Facts) -> dict[str, Any] | None:
        if name != "updateProperties":
            return None
        if "set" not in kept and "removed" not in kept:
            raise _TooLittle
        return {"updates": kept.get("set", {}), "removals": kept.get("removed", [])}

    def _rename(self, space: list[str], table: str, kept: Facts) -> dict[str, Any]:
        to_space, _, to_table = str(kept.get("destination", "")).partition("/")
        if not to_table:
            raise _TooLittle
        self._space(to_space.split(UNIT))
        self.made.add(str(kept["destination"]))
        return {
            "source": {"namespace": space, "name": table},
            "destination": {"namespace": to_space.split(UNIT), "name": to_table},
        }

    def _change(self, row: int, key: str) -> dict[str, Any]:
        """A transaction's part about one table."""
        space, _, table = key.partition("/")
        self._table(key)
        history = self.run.history
        ids = history.worker == history.worker[row]
        ids &= np.isin(history.number, list(self.kept[row].get("transaction", ())))
        members = [int(one) for one in np.flatnonzero(ids) if history.key(int(one)) == key]
        own = row if history.key(row) == key else members[0]
        return {"identifier": {"namespace": space.split(UNIT), "name": table}} | self._commit(
            own, key
        )

    def _commit(self, row: int, key: str) -> dict[str, Any]:
        op, kept = self.run.history.ops[row], self.kept.get(row, {})
        if "set" in kept or "removed" in kept:
            updates = [{"action": "set-properties", "updates": kept.get("set", {})}]
            if kept.get("removed"):
                updates.append({"action": "remove-properties", "removals": kept["removed"]})
            return {"requirements": [], "updates": updates}
        value, parent = int(op["value"]), int(op["parent"])
        if not value or parent == NO_ASSERTION:
            raise _TooLittle
        there = self.snapshots.setdefault(key, {})
        if parent != NULL_PARENT and parent not in there:
            head = max(there, key=lambda one: there[one], default=NULL_PARENT)
            body = self._append(key, parent, head)
            space, _, table = key.partition("/")
            self._send(0, "POST", self._path(_space_path(space), "tables", table), body)
        return self._append(key, value, parent)

    def _append(self, key: str, value: int, parent: int) -> dict[str, Any]:
        there = self.snapshots.setdefault(key, {})
        there[value] = there.get(parent, 0) + 1
        after = None if parent == NULL_PARENT else parent
        listed = f"file:///tmp/snap-{value}.avro"
        updates = append_updates(
            snapshot_id=value, parent=after, sequence=there[value], location="", listed=listed
        )
        updates[0]["snapshot"]["timestamp-ms"] = NOW
        return {"requirements": append_requirements("", after)[1:], "updates": updates}

    def _space(self, levels: list[str]) -> None:
        """Make a namespace and its parents, unless an earlier line has."""
        for depth in range(1, len(levels) + 1):
            name = UNIT.join(levels[:depth])
            if name and name not in self.made:
                self.made.add(name)
                body = {"namespace": levels[:depth], "properties": {}}
                self._send(0, "POST", self._path(), body)

    def _table(self, key: str) -> None:
        space, _, table = key.partition("/")
        self._space(space.split(UNIT))
        if key not in self.made:
            self.made.add(key)
            self._send(0, "POST", self._path(_space_path(space), "tables"), _table(table))

    def _read_back(self, rows: list[int]) -> None:
        """What the writes left, on every node; nothing where the operations end with a read."""
        history = self.run.history
        if not is_mutation(_name(history, rows[-1])):
            return
        last = rows[-1]
        nodes = sorted({int(history.ops["node"][row]) for row in rows} | {0})
        for key in sorted(_keys(history, last, self.kept[last])):
            space, _, table = key.partition("/")
            inside = ("tables", table) if table else ()
            for node in nodes:
                self._send(node, "GET", self._path(_space_path(space), *inside))

    def _path(self, space: str = "", *parts: str) -> str:
        words = ("", space, *(quote(part, safe="") for part in parts)) if space else ()
        return f"{start_of_paths(self.run.plan)}/namespaces{'/'.join(words)}"

    def _say(self, line: str) -> None:
        self.sent.append(Request(method="", path="", body="", curl=line, answer=""))

    def _send(
        self,
        node: int,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        again: str = "",
        answer: str = "",
    ) -> None:
        number = len(self.variables) + 1
        name = self.variables.setdefault(node, "CATALOG" if number == 1 else f"CATALOG_{number}")
        text = "" if body is None else json.dumps(body, separators=(",", ":"))
        url = f"{SOMEWHERE}{path}"
        line = curl_line(
            method,
            url,
            login=login_of(self.run.plan),
            headers={"Content-Type": "application/json"} if text else {},
            body=text.replace(f'"{NOW}"', NOW).encode() if text else None,
        )
        curl = line.replace(quoted(url), f'"${name}"{shell_path(path)}', 1) + again
        curl = curl.replace(NOW, SHELL_NOW)
        self.sent.append(Request(method=method, path=path, body=text, curl=curl, answer=answer))


def _split(history: History, row: int) -> tuple[list[str], str]:
    """The levels of an operation's namespace, and its table."""
    space, _, table = history.key(row).partition("/")
    if not space:
        return [], ""
    return space.split(UNIT), table


def _space_path(space: str) -> str:
    return quote(space, safe="")


def _table(name: str) -> dict[str, Any]:
    return {"name": name, "schema": SCHEMA, "properties": {}}
