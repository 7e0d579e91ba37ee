"""Whether a name existed: evidence of presence and absence, and operations that may change it.

Claim: a 404 is called a loss, and a 200 a ghost, only if no recorded operation can explain it: no
change acknowledged in between or at the same time, and no change of unknown outcome sent earlier.
An answer that contradicts the evidence before it is a finding and no evidence. Example: a table is
created, a HEAD during an outage says 404, and 200 reads show the table later. The 404 is a loss; no
read is a ghost.
Method: per name, the evidence that was sent last and the changes since, by sorted columns.
What it does NOT show: which table a name stood for (uuids show that). Some catalogs create a
missing parent namespace together with its child, so a namespace is never called a ghost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.checkers._columns import MISSING, Ints, Mask, ints, latest_before
from analysis.checkers._model import Model
from iceworthy.words.outcome import Outcome

_READS = ("loadTable", "tableExists", "loadNamespaceMetadata", "namespaceExists")
_SHOW = ("createTable", "createNamespace", "updateTable", "updateProperties")
_DROPS = ("dropTable", "dropNamespace")
_CREATES = ("createTable", "createNamespace")


@dataclass(frozen=True, slots=True)
class Events:
    """Operations about names: key ids and rows, in parallel columns."""

    key: Ints
    row: Ints

    def joined(self, other: Events) -> Events:
        return Events(np.concatenate((self.key, other.key)), np.concatenate((self.row, other.row)))

    def where(self, mask: Mask) -> Events:
        """The events whose row is in the mask."""
        use = mask[self.row]
        return Events(self.key[use], self.row[use])

    def without(self, rows: Ints) -> Events:
        """The events of all other rows."""
        use = ~np.isin(self.row, rows)
        return Events(self.key[use], self.row[use])


@dataclass(frozen=True, slots=True, kw_only=True)
class Existence:
    """present, absent: evidence. makers, removers: operations that may have created or removed a
    name, and those that were refused.
    """

    model: Model
    present: Events
    absent: Events
    makers: Events
    removers: Events

    def lost(self, rows: Ints) -> Mask:
        """Which of these 404 answers contradict earlier evidence of presence."""
        return self._unexplained(rows, self.present, self.removers)

    def ghosts(self, rows: Ints) -> Mask:
        """Which of these answers show a table that was absent and that no operation
        created since.
        """
        return self._unexplained(rows, self.absent, self.makers)

    def refused_since(self, rows: Ints, evidence: Events, changes: Events) -> Mask:
        """Which of these contradictions a refused change would explain if it had been applied."""
        outcome = self.model.tables.outcome
        began = self._last_evidence(rows, evidence)
        return self._touched(rows, changes.where(outcome == Outcome.FAIL), began)

    def without_contradicted(self) -> Existence:
        """The same, without reads that contradict the evidence before them.

        Losses are left out first, so that they make no ghost of the reads that follow them.
        """
        missing, shown = definite_404(self.model), shown_tables(self.model)
        lost = missing[self.lost(missing)]
        kept = replace(self, absent=self.absent.without(lost))
        return replace(kept, present=self.present.without(shown[kept.ghosts(shown)]))

    def standing(self) -> dict[int, int]:
        """Key id -> a row that shows the name present, for names that no operation may have removed
        since.
        """
        model = self.model
        ops, outcome = model.ops, model.tables.outcome
        present = self.present.where(~model.audit)
        if not len(present.row):
            return {}
        order = np.lexsort((ops["sent_ns"][present.row], present.key))
        key, row = present.key[order], present.row[order]
        last = np.r_[key[1:] != key[:-1], True]
        key, row = key[last], row[last]
        far = np.full(len(key), np.iinfo(np.int64).max, dtype=np.int64)
        sure = self.removers.where(outcome == Outcome.OK)
        unsure = self.removers.where(outcome == Outcome.INFO)
        gone = latest_before((sure.key, self._sent(sure), self._done(sure)), (key, far))
        open_end = np.isin(key, unsure.key)
        stands = (gone < ints(ops["sent_ns"][row])) & ~open_end
        return dict(zip(key[stands].tolist(), row[stands].tolist(), strict=True))

    def _sent(self, events: Events) -> Ints:
        return ints(self.model.ops["sent_ns"][events.row])

    def _done(self, events: Events) -> Ints:
        return ints(self.model.ops["completed_ns"][events.row])

    def _last_evidence(self, rows: Ints, evidence: Events) -> Ints:
        """Per row, the sending time of the latest-sent evidence among evidence answered before the
        row was sent.
        """
        ops = self.model.ops
        return latest_before(
            (evidence.key, self._done(evidence), self._sent(evidence)),
            (ints(ops["key"][rows]), ints(ops["sent_ns"][rows])),
        )

    def _touched(self, rows: Ints, changes: Events, began: Ints) -> Mask:
        """Rows for which one of the changes may have fallen between `began` and their answer."""
        ops = self.model.ops
        touched: Mask = began <= latest_before(
            (changes.key, self._sent(changes), self._done(changes)),
            (ints(ops["key"][rows]), ints(ops["completed_ns"][rows])),
            inclusive=True,
        )
        return touched

    def _unexplained(self, rows: Ints, evidence: Events, changes: Events) -> Mask:
        outcome = self.model.tables.outcome
        began = self._last_evidence(rows, evidence)
        known = began > MISSING
        sure = self._touched(rows, changes.where(outcome == Outcome.OK), began)
        # A change of unknown outcome may be applied at any time after it was sent.
        ever = np.full(len(rows), MISSING + 1, dtype=np.int64)
        unsure = self._touched(rows, changes.where(outcome == Outcome.INFO), ever)
        return known & ~sure & ~unsure


def existence_of(model: Model) -> Existence:
    """The existence evidence of a history; computed once for each history."""
    found = model.history.memo.get("existence")
    if not isinstance(found, Existence):
        found = model.history.memo["existence"] = _find(model).without_contradicted()
    return found


def definite_404(model: Model) -> Ints:
    """Rows of reads of one name that were answered 404."""
    ops = model.ops
    reads = model.history.of_operation(*_READS) & (model.tables.outcome == Outcome.OK)
    return np.flatnonzero(reads & (ops["status"] == 404))


def shown_tables(model: Model) -> Ints:
    """Rows of reads of one table that were answered 2xx."""
    ops = model.ops
    reads = model.history.of_operation("loadTable", "tableExists")
    return np.flatnonzero(
        reads & (model.tables.outcome == Outcome.OK) & (ops["status"] // 100 == 2)
    )


def _find(model: Model) -> Existence:
    history, outcome = model.history, model.tables.outcome
    ok = outcome == Outcome.OK
    good = ok & (model.ops["status"] // 100 == 2)
    source, destination = _renames(model)
    shows = _rows(model, good & history.of_operation(*_READS, *_SHOW))
    missing = Events(ints(model.ops["key"][definite_404(model)]), definite_404(model))
    drops = _rows(model, history.of_operation(*_DROPS))
    return Existence(
        model=model,
        present=shows.joined(destination.where(ok)),
        absent=missing.joined(drops.where(ok)).joined(source.where(ok)),
        makers=_rows(model, history.of_operation(*_CREATES)).joined(destination),
        removers=drops.joined(source),
    )


def _rows(model: Model, mask: Mask) -> Events:
    rows = np.flatnonzero(mask)
    return Events(ints(model.ops["key"][rows]), rows)


def _renames(model: Model) -> tuple[Events, Events]:
    """Renames as removals of their source, and as makers of their destination where it is known."""
    source = _rows(model, model.history.of_operation("renameTable"))
    ends = [
        model.history.id_of(model.facts.destinations.get(row, "")) for row in source.row.tolist()
    ]
    known = ints(ends) > 0
    return source, Events(ints(ends)[known], source.row[known])
