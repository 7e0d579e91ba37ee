"""Renames the same table at the same instant as other sessions, through both nodes.

All sessions of a slot look for its table. Those that do not find it create it in the middle of the
slot, and all rename it to the same other name at the end: exactly one rename may be acknowledged.
Each session then reads the new name and after it the old one: a table has one name at a time.
Where the target does not advertise renameTable, each session only looks for the table.
"""

from __future__ import annotations

from fixtures.world import TablePlace
from iceworthy.record.history import key_of
from scenarios.actions._commit import load
from scenarios.actions.first_commit import HALF_NS, LEAD_NS, SLOT_NS, create
from scenarios.engine.session import Session


def act(session: Session) -> None:
    """Find or create the slot's table after this session's turn, rename it at the slot's end."""
    due_ns = session.next_ns() + LEAD_NS - session.t0_ns
    slot = due_ns // SLOT_NS
    namespace = session.world.hot_namespace
    old = TablePlace(namespace=namespace, name=f"move_{slot:05d}")
    new = TablePlace(namespace=namespace, name=f"{old.name}_r")
    found = load(session, old)
    if not session.offers("renameTable"):
        return
    if found is None:
        at_ns = session.t0_ns + (due_ns // HALF_NS + 1) * HALF_NS
        if create(session, old, at_ns=at_ns) is None:
            return
    session.ask(
        session.wire.rename_table(namespace, old.name, namespace, new.name),
        at_ns=session.t0_ns + (slot + 1) * SLOT_NS,
        wrote={"destination": key_of(namespace, new.name)},
    )
    load(session, new, at_ns=session.now_ns())
    load(session, old, at_ns=session.now_ns())
