"""Races for a fresh table and for its first commit, whose asserted parent is null.

All sessions of a slot create or load the same new table; most commit at the slot's end, at one
instant and through both nodes, some at once. Of the commits that assert null, at most one may win.
"""

from __future__ import annotations

from fixtures.world import TablePlace
from scenarios._session import Session
from scenarios.actions._commit import append, emptied, load

SLOT_NS = 1_000_000_000
LEAD_NS = 60_000_000
AT_ONCE = 0.15
READ_AFTER = 0.3


def act(session: Session) -> None:
    """Create or load the slot's table at this session's turn, and commit upon nothing."""
    slot = (session.next_ns() + LEAD_NS - session.t0_ns) // SLOT_NS
    place = TablePlace(namespace=session.world.hot_namespace, name=f"first_{slot:05d}")
    create = session.wire.create_table(
        place.namespace, place.name, location=session.location(place.namespace, place.name)
    )
    base = session.ask(create).table
    if base is None:
        base = load(session, place, at_ns=session.now_ns())
    if base is None:
        return
    if base.main is not None:
        # Somebody committed already: what was true of the empty table must be refused now.
        base = emptied(base)
    if session.rng.random() < AT_ONCE:
        append(session, place, base, at_ns=session.now_ns())
    else:
        append(session, place, base, at_ns=session.t0_ns + (slot + 1) * SLOT_NS)
    if session.rng.random() < READ_AFTER:
        load(session, place, at_ns=session.now_ns())
