"""Acknowledged property writes are visible, unless a recorded write overwrote or removed them.

Claim: each property of a namespace or table is a register. A read shows the value of a write that
  - was not refused,
  - was not sent after the read had ended, and
  - was not certainly overwritten: no other write of the same property was acknowledged that began
    after this write's answer and ended before the read began.
A missing key needs, by the same rule, a removal, a drop, or no acknowledged write at all. It
follows that concurrent updates of different keys must all survive: losing one is a lost update.
Method: per entity and key, the writes sorted by completion with the latest start so far; each value
in a read costs one look-up. Values are unique by their token; where two writes wrote the same
value, either explains it.
Minimal evidence: one acknowledged write of a property, and a full read of its entity sent after it.
What it does NOT show: order between reads of one key while writes overlap. Not judged: keys that no
recorded write touched, and keys set by creation alone, whose properties are not recorded.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np

from analysis.causes import LOST_PROPERTY
from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import MISSING
from analysis.checkers._facts import PropertyRead
from analysis.checkers._model import Model, model_of
from analysis.checkers._visible_effects import reads_by_entity, writes_by_entity
from analysis.history import History
from iceworthy.words.finding import Harm
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "properties"
HARM = Harm.LOST
MISSED = "an acknowledged property is missing"
OVERWRITTEN = "a read shows an overwritten or removed value"
ANY = object()


@dataclass(slots=True)
class _Register:
    """One property of one entity.

    values: value (None: absent, ANY: not recorded) -> the writes that may have written it, as
    (sent_ns, done_ns); done_ns is None where the write may still be applied. done_ns, begun_ns: of
    the acknowledged writes sorted by completion, each completion and the latest start up to it.
    row: the row of the write with that start.
    """

    values: dict[object, list[tuple[int, int | None]]] = field(default_factory=dict)
    acked: list[tuple[int, int, int]] = field(default_factory=list)
    done_ns: list[int] = field(default_factory=list)
    begun_ns: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def add(self, value: object, row: int, sent: int, done: int | None) -> None:
        self.values.setdefault(value, []).append((sent, done))
        if done is not None:
            self.acked.append((done, sent, row))

    def finish(self) -> None:
        """Sort, so that `overwritten_since` can be asked."""
        for done, sent, row in sorted(self.acked):
            later = not self.begun_ns or sent > self.begun_ns[-1]
            self.done_ns.append(done)
            self.begun_ns.append(sent if later else self.begun_ns[-1])
            self.rows.append(row if later else self.rows[-1])

    def latest_start(self, before_ns: int) -> tuple[int, int]:
        """(latest start, its row) among writes acknowledged before this instant."""
        at = bisect_left(self.done_ns, before_ns) - 1
        return (self.begun_ns[at], self.rows[at]) if at >= 0 else (MISSING, -1)


def check(history: History) -> Verdict:
    """Judge every full read of properties."""
    model = model_of(history)
    problems = Anomalies(history, causes=dict.fromkeys((MISSED, OVERWRITTEN), LOST_PROPERTY))
    reads = reads_by_entity(model)
    judged: set[int] = set()
    written = {write.row for write in model.facts.writes}
    read_count = 0
    concurrent = 0
    for entity, registers in _registers(model).items():
        own = reads.get(entity, [])
        read_count += len(own)
        concurrent += _concurrent(registers)
        last = max((int(model.ops["sent_ns"][read.row]) for read in own), default=MISSING)
        for register in registers.values():
            judged.update(row for done, _, row in register.acked if done < last and row in written)
        for read in own:
            _judge(problems, model, read, registers)
    return conclude(
        NAME,
        problems,
        judged=len(judged),
        good=f"{counted(len(judged), 'acknowledged property write')} are shown or were overwritten "
        f"by a recorded write, in {counted(read_count, 'full read')}"
        + ("" if concurrent else "; no two of them were concurrent on one namespace or table"),
        bad=f"some of {counted(len(judged), 'acknowledged property write')} are missing, "
        "or a value that they overwrote is shown",
        too_little="" if judged else "no property with an acknowledged write was read afterwards",
        facts={"writes": len(judged), "reads": read_count, "concurrent_writes": concurrent},
    )


def _registers(model: Model) -> dict[tuple[str, int], dict[str, _Register]]:
    """Every property that recorded writes touched, entity by entity."""
    # Plain integers: comparing array scalars with an enum, one by one, costs more than all else.
    outcome = model.tables.outcome.tolist()
    sent_ns, done_ns = model.ops["sent_ns"], model.ops["completed_ns"]
    refused, acknowledged = int(Outcome.FAIL), int(Outcome.OK)
    lives = _lives(model)
    found: dict[tuple[str, int], dict[str, _Register]] = {}
    for entity, writes in writes_by_entity(model).items():
        registers = found.setdefault(entity, {})
        for write in writes:
            if outcome[write.row] == refused:
                continue
            sent = int(sent_ns[write.row])
            done = int(done_ns[write.row]) if outcome[write.row] == acknowledged else None
            for name, value in write.set.items():
                registers.setdefault(name, _Register()).add(value, write.row, sent, done)
            for name in write.removed - write.set.keys():
                registers.setdefault(name, _Register()).add(None, write.row, sent, done)
        for register in registers.values():
            for row, began, ended, gave in lives.get(entity, ()):
                register.add(gave, row, began, ended)
            register.finish()
    return found


def _lives(model: Model) -> dict[tuple[str, int], list[tuple[int, int, int | None, object]]]:
    """Creations and drops of namespaces: a drop removes every property, a creation may set any
    value.
    """
    ops, outcome = model.ops, model.tables.outcome
    found: dict[tuple[str, int], list[tuple[int, int, int | None, object]]] = {}
    creates = model.history.of_operation("createNamespace")
    rows = model.history.of_operation("createNamespace", "dropNamespace") & (
        outcome != Outcome.FAIL
    )
    for row in np.flatnonzero(rows).tolist():
        done = int(ops["completed_ns"][row]) if outcome[row] == Outcome.OK else None
        entity = "namespace", int(ops["key"][row])
        found.setdefault(entity, []).append(
            (row, int(ops["sent_ns"][row]), done, ANY if creates[row] else None)
        )
    return found


def _concurrent(registers: dict[str, _Register]) -> int:
    """How many acknowledged writes of one entity began before an earlier-sent write had ended."""
    spans = sorted({(sent, done) for one in registers.values() for done, sent, _ in one.acked})
    count, reached = 0, MISSING
    for sent, done in spans:
        count += sent < reached
        reached = max(reached, done)
    return count


def _judge(
    problems: Anomalies,
    model: Model,
    read: PropertyRead,
    registers: dict[str, _Register],
) -> None:
    ops = model.ops
    sent, done = int(ops["sent_ns"][read.row]), int(ops["completed_ns"][read.row])
    for name, register in registers.items():
        start, row = register.latest_start(sent)
        value = read.properties.get(name)
        if _explained(register, value, start, done):
            continue
        facts = {"property": name, "shown": value, "overwritten_by": model.history.op_id(row)}
        if value is None or value in register.values:
            sort = MISSED if value is None else OVERWRITTEN
            problems.lose(sort, row)
            problems.add(sort, read.row, **facts)
        else:
            problems.add("a read shows a value that no recorded write set", read.row, **facts)


def _explained(register: _Register, value: str | None, start: int, read_done: int) -> bool:
    """Whether some write set this value and was not certainly overwritten before the read."""
    if start == MISSING:
        # No write was acknowledged before the read, so the first value may still be there.
        return True
    return any(
        sent <= read_done and (done is None or done >= start)
        for sent, done in (*register.values.get(value, ()), *register.values.get(ANY, ()))
    )
