"""Which answers about a name contradict earlier evidence about that name.

Claim: an answer is contradicted only if earlier evidence says the opposite and no recorded
operation can have changed the name since: neither an acknowledged change between the two, nor a
change of unknown outcome that was sent before the answer. Example: a table was read at 1 s and
nobody dropped it; a creation at 2 s that succeeds contradicts it.
Method: per name, the evidence that was sent last and the changes since, by sorted columns.
What it does NOT show: anything about names without evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.checkers._columns import FOREVER, MISSING, Ints, Mask, ints, latest_before
from analysis.checkers._existence import Events, Existence, existence_of
from analysis.checkers._model import Model
from iceworthy.record.history import UNIT
from iceworthy.words.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Spans:
    """Claims about names: each claim's key id, and the time span that it is about."""

    key: Ints
    start_ns: Ints
    end_ns: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """A history's evidence about names.

    makers: operations that create a name. Operations that create something below a namespace are
    makers of that namespace too, since some catalogs create a missing parent together with its
    child.
    """

    model: Model
    existence: Existence
    makers: Events
    removers: Events

    def surely_there(self, claims: Spans) -> Mask:
        """Names that existed when the claim began, and that no operation can have removed."""
        return self._unchanged(claims, self.existence.present, self.removers)

    def surely_gone(self, claims: Spans) -> Mask:
        """Names that did not exist when the claim began, and that no operation can have created."""
        return self._unchanged(claims, self.existence.absent, self.makers)

    def changed_within(self, claims: Spans, changes: Events) -> Mask:
        """Whether one of the changes may have taken effect within each span."""
        sent, done = self._span(changes)
        last = latest_before((changes.key, sent, done), (claims.key, claims.end_ns), inclusive=True)
        within: Mask = last >= claims.start_ns
        return within

    def _unchanged(self, claims: Spans, evidence: Events, changes: Events) -> Mask:
        sent, done = self._span(evidence)
        began = latest_before((evidence.key, done, sent), (claims.key, claims.start_ns))
        since = Spans(claims.key, np.maximum(began, MISSING + 1), claims.end_ns)
        unchanged: Mask = (began > MISSING) & ~self.changed_within(since, changes)
        return unchanged

    def _span(self, events: Events) -> tuple[Ints, Ints]:
        """(sent, done) of each change; done is FOREVER for a change that may still be applied."""
        ops, outcome = self.model.ops, self.model.tables.outcome
        done = ints(ops["completed_ns"][events.row])
        open_end = outcome[events.row] == Outcome.INFO
        return ints(ops["sent_ns"][events.row]), np.where(open_end, FOREVER, done)


def names_of(model: Model) -> Names:
    """The evidence about names of a history; computed once for each history."""
    found = model.history.memo.get("names")
    if not isinstance(found, Names):
        found = model.history.memo["names"] = _find(model)
    return found


def spans(model: Model, events: Events) -> Spans:
    """The claim of each operation about its name; it spans from the request to the answer."""
    ops = model.ops
    return Spans(
        events.key, ints(ops["sent_ns"][events.row]), ints(ops["completed_ns"][events.row])
    )


def _find(model: Model) -> Names:
    existence = existence_of(model)
    possible = model.tables.outcome != Outcome.FAIL
    makers = existence.makers.where(possible)
    return Names(
        model=model,
        existence=existence,
        makers=makers.joined(_of_those_above(model, makers)),
        removers=existence.removers.where(possible),
    )


def _of_those_above(model: Model, makers: Events) -> Events:
    """The same operations as makers of every namespace above the created name."""
    history = model.history
    above: dict[int, list[int]] = {}
    for key in np.unique(makers.key).tolist():
        space, slash, _ = history.strings[key].rpartition("/")
        space = space if slash else history.strings[key].rpartition(UNIT)[0]
        while space:
            if (found := history.id_of(space)) >= 0:
                above.setdefault(key, []).append(found)
            space = space.rpartition(UNIT)[0]
    pairs = [
        (space, row)
        for key, row in zip(makers.key.tolist(), makers.row.tolist(), strict=True)
        for space in above.get(key, ())
    ]
    return Events(ints([space for space, _ in pairs]), ints([row for _, row in pairs]))
