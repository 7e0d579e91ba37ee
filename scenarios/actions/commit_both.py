"""Appends to two contended tables in one transaction, then reads both, one right after the other.

All or nothing: a reader that saw the snapshot of one table must see the other table's too. The two
reads are aimed at the instant at which other sessions' transactions are between their tables.
Where the catalog offers no transactions, the session reads only.
"""

from __future__ import annotations

from fixtures.world import TablePlace
from iceworthy.client.observe import TableSeen
from iceworthy.client.wire import Append
from iceworthy.record.history import asserted
from scenarios.actions._commit import load
from scenarios.engine.session import Session

COMMITS = 0.5


def act(session: Session) -> None:
    """Read a pair of tables; then, half of the time, commit to both on the states just read."""
    hot = session.world.hot
    if len(hot) < 2:
        session.ask(session.reads.load_namespace(session.world.hot_namespace))
        return
    first = session.rng.randrange(len(hot))
    pair = hot[first], hot[(first + 1) % len(hot)]
    bases = [load(session, pair[0]), load(session, pair[1], at_ns=session.now_ns())]
    if session.offers("commitTransaction") and session.rng.random() < COMMITS:
        known = [(place, base) for place, base in zip(pair, bases, strict=True) if base is not None]
        if len(known) == len(pair):
            _commit(session, known)


def _commit(session: Session, bases: list[tuple[TablePlace, TableSeen]]) -> None:
    appends = [
        Append(
            namespace=place.namespace,
            table=place.name,
            snapshot_id=session.new_value(),
            uuid=base.uuid,
            parent=base.main,
            last_sequence=base.last_sequence,
            location=base.location,
        )
        for place, base in bases
    ]
    for one in appends:
        session.keep_list(one.location)
    parents = [asserted(one.parent) for one in appends]
    request = session.reads.prepare_transaction(
        session.wire.append_to_all(appends),
        [(one.key, one.snapshot_id, at) for one, at in zip(appends[1:], parents[1:], strict=True)],
    )
    session.ask(request, value=appends[0].snapshot_id, parent=parents[0], at_ns=session.now_ns())
