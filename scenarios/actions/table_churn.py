"""The whole life of a table: created, listed, loaded, sometimes renamed, dropped.

Sometimes the session creates a new table under the name that it dropped: the name must be free, and
the new table must have another uuid. No table is renamed where renameTable is not advertised.
"""

from __future__ import annotations

from iceworthy.record.history import key_of
from iceworthy.words.outcome import Outcome
from scenarios.engine.session import Session

RENAME = 0.3
READ_DROPPED = 0.3
AGAIN = 0.4


def act(session: Session) -> None:
    """One table's whole life, over several turns of this session's schedule."""
    number = session.state["tables"] = session.state.get("tables", 0) + 1
    wire = session.wire
    namespace = session.rng.choice(session.world.namespaces)
    name = f"c{session.id}_{number}"
    create = wire.create_table(namespace, name, location=session.location(namespace, name))
    if session.ask(create).outcome is Outcome.FAIL:
        return
    session.ask(wire.load_table(namespace, name), full=True)
    session.ask(wire.list_tables(namespace), full=True)
    if session.rng.random() < RENAME and session.offers("renameTable"):
        renamed = f"{name}_r"
        reply = session.ask(
            wire.rename_table(namespace, name, namespace, renamed),
            wrote={"destination": key_of(namespace, renamed)},
        )
        if reply.outcome is Outcome.INFO:
            session.ask(wire.drop_table(namespace, name))
        if reply.outcome is not Outcome.FAIL:
            name = renamed
        session.ask(wire.load_table(namespace, name), full=True)
    session.ask(wire.drop_table(namespace, name))
    if session.rng.random() < READ_DROPPED:
        session.ask(wire.load_table(namespace, name), at_ns=session.now_ns())
    if session.rng.random() < AGAIN:
        again = wire.create_table(namespace, name, location=session.location(namespace, name))
        if session.ask(again).outcome is not Outcome.FAIL:
            session.ask(wire.load_table(namespace, name), full=True)
            session.ask(wire.drop_table(namespace, name))
    session.ask(wire.list_tables(namespace), full=True)
