"""Change events under load: each node sends each acknowledged change once, in commit order.

Claim: while a subscriber was connected to a node, every acknowledged commit to a table that was
neither renamed nor dropped, every creation of a table that was not renamed, every rename and drop
of a table, every creation, replacement, rename and drop of a view, and every creation, drop and
change of properties of a namespace arrived on that connection once; no more messages arrived than
changes were made; the changes of one table, view or namespace arrived in an order in which they can
have happened.
Example: commit b asserts that the head is a's snapshot; its event comes before a's: out of order.
Method: a message is joined to its operation by the metadata-location or the snapshot id in it. In a
stream whose messages hold neither, the messages about one table are counted. Operations of unknown
outcome may have an event or none. Where as many messages tell a kind of change as were made, one
after the other, the first tells the first: kinds of one entity are then held in order.
Minimal evidence: LEAST changes on each node while its subscriber was connected. Where connections
broke (example: each login ends after 15 s), a quarter of all changes must have been made while one
was open; what was made shortly before a break, or between two connections, is not looked for.
What it does NOT show: the other fields of a message; replacements of a view that was renamed, since
a stream may tell a rename as a change too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._event_messages import Heard, Message, messages_of, names_in
from analysis.checkers._model import Model, model_of
from analysis.criteria._ruling import inapplicable, lacks, unknown
from analysis.evidence_kinds import absent_endpoints
from analysis.run import Run
from iceworthy.record.sample_lines import EventConnection
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Measure
from iceworthy.words.operation import COMMITS
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "events"
HARM = Harm.CLIENTS
NEEDS_RUN = True

LEAST = 20
COVERED_LEAST = 0.25
SETTLE_NS = 150_000_000
"""A server may register a subscriber some time after the handshake."""
LATE_NS = 3_000_000_000
"""How late an event may be: changes so shortly before a connection broke are not looked for."""
KINDS = {
    "updateTable": ("committed", "table"),
    "commitTransaction": ("committed", "table"),
    "createTable": ("created", "table"),
    "createNamespace": ("created", "namespace"),
    "updateProperties": ("updated", "namespace"),
    "dropNamespace": ("dropped", "namespace"),
    "renameTable": ("renamed", "table"),
    "dropTable": ("dropped", "table"),
    "createView": ("created", "view"),
    "replaceView": ("replaced", "view"),
    "renameView": ("renamed", "view"),
    "dropView": ("dropped", "view"),
}
RENAMES = frozenset({"renameTable", "renameView"})
NOT_SENT = "an acknowledged change was not sent"
TWICE = "a change was sent more than once"
TOO_MANY = "more changes were sent than were made"
EARLY = "a change was sent before one that precedes it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One operation that changed one entity, or may have. done: it was acknowledged."""

    row: int
    done: bool
    sent_ns: int
    done_ns: int
    value: int
    parent: int
    location: int


def check(run: Run) -> Verdict:
    """Compare the messages of every connection with the operations of the history."""
    connections = run.read(EventConnection)
    if not connections:
        why = lacks(run, "events") or "no subscriber listened to change events in this experiment"
        return inapplicable(NAME, why)
    opened = [one for one in connections if one.opened_ns is not None]
    if closed := {one.node for one in connections} - {one.node for one in opened}:
        first = next(one for one in connections if one.node in closed)
        absent = (Ground(kind=EvidenceKind.ABSENT),) if NAME in absent_endpoints(run) else ()
        why = f"node {first.node} let no subscriber in: {first.why}"
        return unknown(NAME, why, grounds=absent)
    changes = _changes(model_of(run.history))
    by_connection = messages_of(run, {key for _, key in changes})
    problems = Anomalies(run.history)
    looked_for: dict[int, set[int]] = {one.node: set() for one in opened}
    for one in opened:
        heard = by_connection.get((one.node, one.connection), {})
        known = _known_messages(changes, heard)
        for (operation, key), made in changes.items():
            kind, subject = KINDS[operation]
            about = heard.get((kind, subject, key), ())
            until_ns = max((other.sent_ns for _, other in known.get((subject, key), ())), default=0)
            looked_for[one.node] |= _compare(problems, one, made, about, until_ns)
        for change in _out_of_turn(known):
            where = {"on_node": one.node, "connection": one.connection}
            problems.add(EARLY, change.row, **where)
    judged = sum(map(len, looked_for.values()))
    nodes = counted(len(looked_for), "node")
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"{nodes} sent {counted(judged, 'change')}, each once and in order",
        bad=f"of {counted(judged, 'change')} that {nodes} had to send, some were sent wrongly",
        too_little=_too_little(looked_for, opened, changes),
        measures=(
            Measure(
                name="wrong",
                value=sum(problems.counts.values()),
                unit="changes",
                of=judged,
                shown="{value} of {of} sent wrongly",
            ),
        ),
        facts={"looked_for": {str(node): len(rows) for node, rows in looked_for.items()}},
    )


def _changes(model: Model) -> Mapping[tuple[str, str], list[_Change]]:
    """(operation, key) -> the operations that changed it, or may have; a transaction's commits are
    with those of updateTable."""
    history, ops, outcome = model.history, model.ops, model.tables.outcome
    moved = {history.strings[int(ops["key"][row])] for row in _rows(model, *RENAMES)}
    reached = {*model.facts.destinations.values(), *model.facts.view_destinations.values()}
    gone = moved | {history.strings[int(ops["key"][row])] for row in _rows(model, "dropTable")}
    # A stream may tell a rename as a creation, a change or a drop too.
    left_out = {
        **dict.fromkeys(COMMITS, gone | reached),
        **dict.fromkeys(("createTable", "replaceView"), moved | reached),
        **dict.fromkeys(("dropTable", "dropView"), moved),
        "createView": reached,
    }
    found: dict[tuple[str, str], list[_Change]] = defaultdict(list)
    for row in _rows(model, *KINDS):
        key = history.strings[int(ops["key"][row])]
        operation = history.strings[int(ops["operation"][row])]
        is_plain = all(re.fullmatch(r"\w+", name) for name in names_in(key))
        is_moved = key in left_out.get(operation, ())
        if is_moved or outcome[row] == Outcome.FAIL or not is_plain:
            continue
        found["updateTable" if operation in COMMITS else operation, key].append(
            _Change(
                row=row,
                done=bool(outcome[row] == Outcome.OK),
                sent_ns=int(ops["sent_ns"][row]),
                done_ns=int(ops["completed_ns"][row]),
                value=int(ops["value"][row]),
                parent=int(ops["parent"][row]),
                location=int(ops["metadata"][row]),
            )
        )
    return found


def _rows(model: Model, *operations: str) -> list[int]:
    return [int(row) for row in np.flatnonzero(model.history.of_operation(*operations))]


def _compare(
    problems: Anomalies,
    connection: EventConnection,
    made: Sequence[_Change],
    heard: Sequence[Message],
    until_ns: int,
) -> set[int]:
    """Compare the changes of one kind to one entity with the messages about them on a connection;
    returns the rows of those that had to be sent. until_ns: when the last of its changes of another
    kind was made whose message is there."""
    due = _due(connection, made)
    marks = {one.location: one for one in made if one.location}
    marks |= {one.value: one for one in made if one.value > 0}
    joined = [(_joined(one, marks), one.kind) for one in heard]
    where = {"on_node": connection.node, "connection": connection.connection}
    messages = Counter((change.row, kind) for change, kind in joined if change is not None)
    for (row, kind), times in messages.items():
        if times > 1:
            problems.add(TWICE, row, kind=kind, times=times, **where)
    in_order = list(dict.fromkeys(change for change, _ in joined if change is not None))
    shown = {one.row for one in in_order}
    rest = max(Counter(kind for change, kind in joined if change is None).values(), default=0)
    left = [one for one in made if one.row not in shown]
    missing = [one for one in due if one.row not in shown]
    if in_order:  # messages name their change: only one whose answer named no location may be in
        nameless = [one for one in missing if not one.location]  # the rest
        missing = [one for one in missing if one.location]
    else:
        nameless, missing = missing, []
    last_sent_ns = max((one.sent_ns for one in in_order), default=0)
    for one in (*missing, *nameless[: max(0, len(nameless) - rest)]):
        # A later change was sent, so this one is not late. Otherwise it may be.
        passed = bool(one.location) and last_sent_ns > one.done_ns
        passed = passed or until_ns > one.done_ns
        kind_of = EvidenceKind.CONTENT if passed else EvidenceKind.SILENCE
        problems.add_fact(NOT_SENT, one.row, kind_of, (one.done_ns, connection.closed_ns), **where)
    if rest > len(left):
        problems.add(TOO_MANY, (left or made)[-1].row, more=rest - len(left), **where)
    for one in _early(in_order):
        problems.add(EARLY, one.row, **where)
    return {one.row for one in due}


def _due(connection: EventConnection, made: Sequence[_Change]) -> list[_Change]:
    """The acknowledged changes that were made while the connection was surely open."""
    from_ns = (connection.opened_ns or 0) + SETTLE_NS
    until_ns = connection.closed_ns - LATE_NS * connection.lost
    return [one for one in made if one.done and from_ns <= one.sent_ns and one.done_ns <= until_ns]


def _joined(message: Message, marks: Mapping[int, _Change]) -> _Change | None:
    """The operation whose metadata-location or snapshot a message names; the latest, where it
    names those before too."""
    named = [marks[one] for one in message.locations | message.numbers if one in marks]
    return max(named, key=lambda one: one.sent_ns, default=None)


def _early(changes: Sequence[_Change]) -> list[_Change]:
    """The changes whose message follows that of an operation that began after they were answered,
    and those whose message precedes that of a concurrent operation on which they build."""
    place = {one.value: at for at, one in enumerate(changes) if one.value > 0}
    overtaken, latest_sent_ns = [False] * len(changes), 0
    for at, one in enumerate(changes):
        overtaken[at] = one.done_ns < latest_sent_ns
        latest_sent_ns = max(latest_sent_ns, one.sent_ns)
    bases = [place.get(one.parent, -1) for one in changes]
    return [
        one
        for at, (one, base) in enumerate(zip(changes, bases, strict=True))
        if overtaken[at] or (base > at and not overtaken[base])
    ]


def _known_messages(
    changes: Mapping[tuple[str, str], Sequence[_Change]], heard: Heard
) -> dict[tuple[str, str], list[tuple[int, _Change]]]:
    """(subject, key) -> the changes whose message is known, each with the place of its message.
    Commits are left out: their messages name them, and _compare looks at those."""
    known: dict[tuple[str, str], list[tuple[int, _Change]]] = defaultdict(list)
    for (operation, key), made in changes.items():
        kind, subject = KINDS[operation]
        messages = heard.get((kind, subject, key), ())
        in_turn = sorted(made, key=lambda one: one.sent_ns)
        alone = all(one.done_ns < after.sent_ns for one, after in pairwise(in_turn))
        if operation in COMMITS or len(messages) != len(made) or not alone:
            continue
        known[subject, key] += [
            (message.at, one) for message, one in zip(messages, in_turn, strict=True) if one.done
        ]
    return known


def _out_of_turn(known: Mapping[tuple[str, str], Sequence[tuple[int, _Change]]]) -> list[_Change]:
    """The changes whose message follows that of a later change, of another kind, to their
    entity."""
    found = []
    for pairs in known.values():
        latest_sent_ns = 0
        for _, one in sorted(pairs, key=lambda pair: pair[0]):
            if one.done_ns < latest_sent_ns:
                found.append(one)
            latest_sent_ns = max(latest_sent_ns, one.sent_ns)
    return found


def _too_little(
    looked_for: Mapping[int, set[int]],
    opened: Sequence[EventConnection],
    changes: Mapping[tuple[str, str], Sequence[_Change]],
) -> str:
    first_ns = min(one.opened_ns or 0 for one in opened)
    acknowledged = sum(
        one.done and one.sent_ns >= first_ns for made in changes.values() for one in made
    )
    for node, rows in sorted(looked_for.items()):
        if len(rows) < LEAST:
            return f"node {node}: {counted(len(rows), 'change')} while a subscriber was connected"
        codes = [str(one.code) for one in opened if one.node == node and one.lost]
        if codes and len(rows) < COVERED_LEAST * acknowledged:
            return (
                f"node {node}: its streams ended by themselves (code {', '.join(codes)}); "
                f"{len(rows):,} of {acknowledged:,} changes were made while one was open"
            )
    return ""
