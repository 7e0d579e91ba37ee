"""Shared by the committing actions: load the table to commit on, and append one snapshot."""

from __future__ import annotations

import dataclasses

from fixtures.world import TablePlace
from iceworthy.client.observe import TableSeen
from iceworthy.record.history import asserted
from scenarios.engine.session import LoadReply, Session


def load(session: Session, place: TablePlace, *, at_ns: int = 0) -> TableSeen | None:
    """Load a table; None when the answer did not show its state."""
    return session.ask(session.reads.load_table(place.namespace, place.name), at_ns=at_ns).table


def append(session: Session, place: TablePlace, base: TableSeen, *, at_ns: int = 0) -> LoadReply:
    """Commit one new snapshot on top of `base`, asserting that main still points at its head."""
    session.keep_list(base.location)
    new = session.new_value()
    call = session.wire.append(
        place.namespace,
        place.name,
        snapshot_id=new,
        uuid=base.uuid,
        parent=base.main,
        last_sequence=base.last_sequence,
        location=base.location,
    )
    return session.ask(call, value=new, parent=asserted(base.main), at_ns=at_ns)


def emptied(seen: TableSeen) -> TableSeen:
    """The same table as it was before its first commit: the state that a slow first committer
    knows.
    """
    return dataclasses.replace(
        seen, main=None, current=None, last_sequence=0, chain=(), snapshots=(), log=()
    )
