"""The whole life of a namespace: created, given a child and properties, listed, dropped.

One step for each turn of the session. Now and then the session asks to drop the parent while a
child or a table is in it, which the catalog must refuse; reads the dropped namespace, which must
get 404; or creates it again.
"""

from __future__ import annotations

from iceworthy.words.outcome import Outcome
from scenarios.engine.session import LoadReply, Session

DROP_TOO_EARLY = 0.2
READ_DROPPED = 0.3
AGAIN = 0.3
HOLDS_TABLE = 0.3


def act(session: Session) -> None:
    """One namespace's whole life, over several turns of this session's schedule."""
    number = session.state["namespaces"] = session.state.get("namespaces", 0) + 1
    world = session.world
    parent = (*world.root, f"{world.stem}_c{session.id}_{number}")
    child = (*parent, "child")
    wire = session.wire
    if _is_refused(session.ask(wire.create_namespace(parent, {"owner": f"s{session.id}"}))):
        return
    has_child = not _is_refused(session.ask(wire.create_namespace(child)))
    token = session.new_value()
    written = {"iceworthy.token": str(token)}
    session.ask(
        wire.update_namespace_properties(parent, written),
        value=token,
        wrote={"set": written, "removed": []},
    )
    session.ask(wire.load_namespace(parent), full=True)
    session.ask(wire.list_namespaces(parent), full=True)
    if session.rng.random() < HOLDS_TABLE:
        _hold_table(session, parent)
    if has_child:
        if session.rng.random() < DROP_TOO_EARLY:
            session.ask(wire.drop_namespace(parent))
        session.ask(wire.drop_namespace(child))
    session.ask(wire.drop_namespace(parent))
    if session.rng.random() < READ_DROPPED:
        session.ask(wire.load_namespace(parent), at_ns=session.now_ns())
    if session.rng.random() < AGAIN and not _is_refused(session.ask(wire.create_namespace(parent))):
        session.ask(wire.load_namespace(parent), full=True)
        session.ask(wire.drop_namespace(parent))


def _hold_table(session: Session, parent: tuple[str, ...]) -> None:
    """Create a table in the namespace, and try to drop the namespace while the table is there."""
    wire = session.wire
    create = wire.create_table(parent, "held", location=session.location(parent, "held"))
    if _is_refused(session.ask(create)):
        return
    session.ask(wire.drop_namespace(parent))
    session.ask(wire.load_table(parent, "held"), full=True)
    session.ask(wire.drop_table(parent, "held"))


def _is_refused(reply: LoadReply) -> bool:
    return reply.outcome is Outcome.FAIL
