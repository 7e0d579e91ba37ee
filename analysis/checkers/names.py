"""A name stands for one thing at a time: created once, dropped once, one table, one name per table.

Claim:
  - between two acknowledged creations of a name (or renames onto it) an operation removed it,
    and between two removals an operation created it
  - no mutation is refused because a free name is taken, or because an existing name is missing
  - a name shows another table only after a removal; a table is shown only under a name that it was
    created with or renamed to, and under one name at a time
  - a namespace is not dropped while a table in it exists, and is not shown afterwards
Method: each pair of answers about one name is compared with the recorded changes that overlap it. A
change that overlaps, or that may have been applied, excuses the answer. Columns, one sort each.
Minimal evidence: one acknowledged creation.
What it does NOT show: reads that miss a name or show a removed one (real_time, phantom); names that
only operations of unknown outcome touched; a namespace dropped with content that no answer showed,
or with child namespaces (the survey asks for those).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import Ints, Mask, ints
from analysis.checkers._contradictions import Names, Spans, names_of, spans
from analysis.checkers._existence import Events
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.record.history import NO_ASSERTION, UNIT
from iceworthy.words.finding import Harm
from iceworthy.words.operation import COMMITS
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "names"
HARM = Harm.LOST
CREATES = ("createTable", "createNamespace")
NEED_ONE = ("dropTable", "dropNamespace", *COMMITS, "updateProperties")


def check(history: History) -> Verdict:
    """Judge each mutation's answer about its name, then which table each name shows."""
    model = model_of(history)
    names, problems = names_of(model), Anomalies(history)
    created = _acknowledged(model, *CREATES)
    answers = _answers(problems, names)
    _twice(problems, names, model)
    _children(problems, names, model)
    sightings = _identities(problems, names, model)
    return conclude(
        NAME,
        problems,
        judged=len(created.row) + answers,
        good=f"{counted(len(created.row), 'creation')} and {counted(answers, 'other change')} fit "
        f"one state of each name, as do {counted(sightings, 'answer')} that showed a table",
        bad=f"of {counted(len(created.row), 'creation')} and {counted(answers, 'other change')} "
        "some contradict the state of their names",
        too_little="" if len(created.row) else "no creation was acknowledged",
        facts={
            "creations": len(created.row),
            "other_changes": answers,
            "answers_with_a_table": sightings,
        },
    )


def _acknowledged(model: Model, *operations: str) -> Events:
    good = (model.tables.outcome == Outcome.OK) & (model.ops["status"] // 100 == 2)
    return _of(model, good & model.history.of_operation(*operations))


def _refused(model: Model, status: int, *operations: str) -> Events:
    refused = (model.tables.outcome == Outcome.FAIL) & (model.ops["status"] == status)
    return _of(model, refused & model.history.of_operation(*operations))


def _of(model: Model, mask: Mask) -> Events:
    rows = np.flatnonzero(mask)
    return Events(ints(model.ops["key"][rows]), rows)


def _renames(model: Model, names: Names) -> tuple[Events, Events]:
    """Acknowledged renames as removals of their source and makers of their destination."""
    rename = model.history.of_operation("renameTable") & (model.tables.outcome == Outcome.OK)
    return names.removers.where(rename), names.existence.makers.where(rename)


def _answers(problems: Anomalies, names: Names) -> int:
    """Report single answers that contradict earlier evidence."""
    model = names.model
    source, destination = _renames(model, names)
    created = _acknowledged(model, *CREATES)
    # A commit that asserts nothing of main may be the one that creates the table.
    may_create = model.history.of_operation("updateTable") & (model.ops["parent"] == NO_ASSERTION)
    changed = _acknowledged(model, *NEED_ONE).where(~may_create)
    shown = _acknowledged(model, "loadNamespaceMetadata", "namespaceExists")
    # A 404 to a transaction does not say which of its tables is missing.
    missing = _refused(model, 404, *(name for name in NEED_ONE if name != "commitTransaction"))
    taken = _refused(model, 409, *CREATES)
    said = [model.history.strings[one] for one in model.ops["error"][taken.row].tolist()]
    # Another 409 may be about the location, or about a change under way.
    exists = np.array(["AlreadyExists" in one for one in said], dtype=np.bool_)
    taken = Events(taken.key[exists], taken.row[exists])
    for sort, events, there in (
        ("a creation is acknowledged although its name existed", created, True),
        ("a rename is acknowledged although its destination existed", destination, True),
        ("a change is answered 404 although its name existed", missing, True),
        ("a change is acknowledged although its name did not exist", changed, False),
        ("a rename is acknowledged although its source did not exist", source, False),
        ("a creation is answered 409 although its name was free", taken, False),
        ("a read shows a namespace that did not exist", shown, False),
    ):
        claims = spans(model, events)
        wrong = names.surely_there(claims) if there else names.surely_gone(claims)
        problems.add_all(sort, events.row[wrong])
    return sum(len(one.row) for one in (source, changed, missing, taken))


def _twice(problems: Anomalies, names: Names, model: Model) -> None:
    """Report two acknowledged changes to the same state without anything between that undid the
    first.
    """
    source, destination = _renames(model, names)
    made = _acknowledged(model, *CREATES).joined(destination)
    gone = _acknowledged(model, "dropTable", "dropNamespace").joined(source)
    for sort, events, undone_by in (
        ("two creations of one name are both acknowledged", made, names.removers),
        ("two removals of one name are both acknowledged", gone, names.makers),
    ):
        first, second, between = _pairs(model, events)
        wrong = ~names.changed_within(between, undone_by)
        for one, other in zip(first[wrong].tolist(), second[wrong].tolist(), strict=True):
            problems.add(sort, other, first=model.history.op_id(one))


def _pairs(model: Model, events: Events) -> tuple[Ints, Ints, Spans]:
    """(row, next row of the same key, the time span of both together)."""
    sent, done = model.ops["sent_ns"], model.ops["completed_ns"]
    order = np.lexsort((sent[events.row], events.key))
    key, row = events.key[order], events.row[order]
    at = np.flatnonzero(key[1:] == key[:-1])
    first, second = row[at], row[at + 1]
    # Two that overlap may have taken effect in either order.
    end = np.maximum(ints(done[first]), ints(done[second]))
    return first, second, Spans(key[at], ints(sent[first]), end)


def _children(problems: Anomalies, names: Names, model: Model) -> None:
    """Report namespaces that were dropped while a table in them existed throughout.

    Only tables count: the specification requires a dropped namespace to be empty and leaves open
    whether a child namespace counts, since in some catalogs the levels of a name exist by
    themselves.
    """
    below: dict[str, list[int]] = {}
    for key in np.unique(names.existence.present.key).tolist():
        space, slash, _ = model.history.strings[key].rpartition("/")
        if slash:
            below.setdefault(space, []).append(key)
    drops = _acknowledged(model, "dropNamespace").row.tolist()
    held = [(key, row) for row in drops for key in below.get(model.history.key(row), ())]
    events = Events(ints([key for key, _ in held]), ints([row for _, row in held]))
    wrong = names.surely_there(spans(model, events))
    for key, row in zip(events.key[wrong].tolist(), events.row[wrong].tolist(), strict=True):
        problems.add(
            "a namespace is dropped while a table in it exists",
            row,
            holds=model.history.strings[key].replace(UNIT, "."),
        )


@dataclass(slots=True)
class _Origins:
    """Where tables come from.

    keys: uuid -> keys of acknowledged creations. answered: keys for which every answer to a
    creation held the uuid. moves: key -> keys that renames may have moved a table to.
    """

    keys: dict[int, set[int]] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)
    moves: dict[int, set[int]] = field(default_factory=dict)

    def reach(self, key: int) -> set[int]:
        """Keys to which renames may have moved a table that had this key."""
        found, queue = {key}, [key]
        while queue:
            new = self.moves.get(queue.pop(), set()) - found
            found |= new
            queue.extend(new)
        return found


def _identities(problems: Anomalies, names: Names, model: Model) -> int:
    """Judge which table each name shows; returns how many answers showed one."""
    ops = model.ops
    tables = model.history.of_operation("createTable", "loadTable", "updateTable")
    good = (model.tables.outcome == Outcome.OK) & (ops["status"] // 100 == 2)
    seen = _of(model, tables & good & (ops["uuid"] != 0))
    _changed(problems, names, model, seen)
    _two_names(problems, names, model, seen)
    _strangers(problems, names, model, seen)
    return len(seen.row)


def _changed(problems: Anomalies, names: Names, model: Model, seen: Events) -> None:
    first, second, between = _pairs(model, seen)
    wrong = model.ops["uuid"][first] != model.ops["uuid"][second]
    wrong[wrong] = ~names.changed_within(_where(between, wrong), names.removers)
    for one, other in zip(first[wrong].tolist(), second[wrong].tolist(), strict=True):
        problems.add(
            "a name shows another table although no operation removed the first",
            other,
            first=model.history.op_id(one),
        )


def _two_names(problems: Anomalies, names: Names, model: Model, seen: Events) -> None:
    """Report a table under another name than just before, without a rename between."""
    tid = model.tables.tid[seen.row]
    many = np.isin(tid, [one for one, keys in enumerate(model.tables.keys_of) if len(keys) > 1])
    by_table = Events(ints(tid[many]), seen.row[many])
    first, second, between = _pairs(model, by_table)
    key = ints(model.ops["key"])
    move = model.history.of_operation("renameTable")
    onto = names.makers.where(move)
    moved = names.changed_within(Spans(key[second], between.start_ns, between.end_ns), onto)
    back = names.changed_within(Spans(key[first], between.start_ns, between.end_ns), onto)
    overlap = model.ops["sent_ns"][second] <= model.ops["completed_ns"][first]
    wrong = (key[first] != key[second]) & ~moved & ~(overlap & back)
    for one, other in zip(first[wrong].tolist(), second[wrong].tolist(), strict=True):
        problems.add(
            "a table is shown under two names at one time",
            other,
            first=model.history.op_id(one),
            first_key=model.history.key(one).replace(UNIT, "."),
        )


def _strangers(problems: Anomalies, names: Names, model: Model, seen: Events) -> None:
    """Report tables under a name that they were neither created with nor renamed to."""
    origins = _origins(names, model)
    uuid = model.ops["uuid"][seen.row]
    pairs, at = np.unique(
        np.stack((uuid.astype(np.uint64), seen.key.astype(np.uint64))), axis=1, return_index=True
    )
    reached: dict[int, set[int]] = {}
    for (number, key), row in zip(pairs.T.tolist(), seen.row[at].tolist(), strict=True):
        homes = origins.keys.get(number)
        if homes is None:
            if key in origins.answered:
                problems.add("a read shows a table whose uuid no creation answered", row)
            continue
        if key in homes:
            continue
        for home in homes - reached.keys():
            reached[home] = origins.reach(home)
        if not any(key in reached[home] for home in homes):
            problems.add("a name shows the table of another name", row)


def _origins(names: Names, model: Model) -> _Origins:
    ops, found = model.ops, _Origins()
    creates = model.history.of_operation("createTable") & (model.tables.outcome != Outcome.FAIL)
    silent: set[int] = set()
    for row in np.flatnonzero(creates).tolist():
        key, number = int(ops["key"][row]), int(ops["uuid"][row])
        if model.tables.outcome[row] == Outcome.OK and number:
            found.keys.setdefault(number, set()).add(key)
            found.answered.add(key)
        else:
            silent.add(key)
    for row, named in model.facts.destinations.items():
        if model.tables.outcome[row] != Outcome.FAIL:
            source, end = int(ops["key"][row]), model.history.id_of(named)
            found.moves.setdefault(source, set()).add(end)
    for key in list(found.answered):
        found.answered |= found.reach(key)
    # A table renamed from a name that this history did not create may be any table.
    silent |= found.moves.keys() - found.answered
    for key in silent:
        found.answered -= found.reach(key)
    return found


def _where(some: Spans, mask: Mask) -> Spans:
    return Spans(some.key[mask], some.start_ns[mask], some.end_ns[mask])
