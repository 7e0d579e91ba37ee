"""Appends a snapshot to a contended table, based on the state that this session knows.

The base is the answer to the session's last commit, or a read. The read happens right before the
commit, or after a refusal, when it is one period old. Both are intended: the catalog must refuse
commits on a stale base, and mostly accepts those on a fresh base.
"""

from __future__ import annotations

from fixtures.world import TablePlace
from iceworthy.client.observe import TableSeen
from iceworthy.words.outcome import Outcome
from scenarios.actions._commit import append, load
from scenarios.engine.session import Session

READ_BACK = 0.15
STALE_BASE = 0.4


def act(session: Session) -> None:
    """Load when no base is known or a full read is due, commit, and learn from the answer."""
    if not session.world.hot:
        session.ask(session.reads.load_namespace(session.world.hot_namespace))
        return
    bases: dict[TablePlace, TableSeen] = session.state.setdefault("bases", {})
    place = session.rng.choice(session.world.hot)
    base = bases.pop(place, None)
    at_ns = 0
    if base is None or session.wants_full(session.reads.load_table(*_names(place)).key_id):
        base = load(session, place)
        if base is None:
            return
        at_ns = session.now_ns()
    reply = append(session, place, base, at_ns=at_ns)
    if reply.ok:
        if reply.table is not None:
            bases[place] = reply.table
        if session.rng.random() < READ_BACK:
            load(session, place, at_ns=session.now_ns())
    elif reply.outcome is Outcome.FAIL and session.rng.random() < STALE_BASE:
        fresh = load(session, place, at_ns=session.now_ns())
        if fresh is not None:
            bases[place] = fresh


def _names(place: TablePlace) -> tuple[tuple[str, ...], str]:
    return place.namespace, place.name
