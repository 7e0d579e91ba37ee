"""Races for the creation of a table, and for its first commit, whose asserted parent is null.

All sessions of a slot look for the same new table. Those that do not find it create it at the same
instant, the next half of the slot, through both nodes: one creation may win. Most sessions commit
at the end of the slot, all at one instant; some commit at once. Of the commits that assert a null
parent at most one may win.
"""

from __future__ import annotations

from fixtures.world import TablePlace
from iceworthy.client.observe import TableSeen
from scenarios.actions._commit import append, emptied, load
from scenarios.engine.session import Session

SLOT_NS = 1_000_000_000
HALF_NS = SLOT_NS // 2
LEAD_NS = 60_000_000
AT_ONCE = 0.15
READ_AFTER = 0.3


def act(session: Session) -> None:
    """Find or create the slot's table after this session's turn, and commit on the empty table."""
    due_ns = session.next_ns() + LEAD_NS - session.t0_ns
    slot = due_ns // SLOT_NS
    place = TablePlace(namespace=session.world.hot_namespace, name=f"first_{slot:05d}")
    base = load(session, place)
    if base is None:
        base = create(session, place, at_ns=session.t0_ns + (due_ns // HALF_NS + 1) * HALF_NS)
    if base is None:
        return
    if base.main is not None:
        # Another session committed already: a commit that asserts null must be refused now.
        base = emptied(base)
    if session.rng.random() < AT_ONCE:
        append(session, place, base, at_ns=session.now_ns())
    else:
        append(session, place, base, at_ns=session.t0_ns + (slot + 1) * SLOT_NS)
    if session.rng.random() < READ_AFTER:
        load(session, place, at_ns=session.now_ns())


def create(session: Session, place: TablePlace, *, at_ns: int) -> TableSeen | None:
    """Create the table at this instant, or load the table that another session created."""
    call = session.wire.create_table(
        place.namespace, place.name, location=session.location(place.namespace, place.name)
    )
    made = session.ask(call, at_ns=at_ns).table
    return made if made is not None else load(session, place, at_ns=session.now_ns())
