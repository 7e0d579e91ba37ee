"""Sets a property on a shared table or namespace, at the same instant as other sessions.

Each session writes keys that no other session writes, so no acknowledged write may be missing
later. All sessions whose turns fall into one beat write to the same table or namespace at the end
of the beat. A catalog that reads, changes and writes back without a lock loses one of two such
writes (lost update), but only if they overlap.
"""

from __future__ import annotations

from scenarios.actions._beats import instant_of, next_beat
from scenarios.actions._commit import load
from scenarios.engine.session import Session

READ_BACK = 0.3
SHARED_NAMESPACES = 3
KEYS = 4


def act(session: Session) -> None:
    """Read at this session's turn, write one unique token at the beat, sometimes read it back."""
    beat = next_beat(session)
    if session.world.hot and beat % 2:
        _on_table(session, beat)
    else:
        _on_namespace(session, beat)


def _on_namespace(session: Session, beat: int) -> None:
    shared = session.world.namespaces[:SHARED_NAMESPACES]
    namespace = shared[beat // 2 % len(shared)]
    read = session.reads.load_namespace(namespace)
    session.ask(read)
    if not session.offers("updateProperties"):
        return
    token = session.new_value()
    written = {_key(session): str(token)}
    call = session.wire.update_namespace_properties(namespace, written)
    reply = session.ask(
        call, value=token, at_ns=instant_of(session, beat), wrote={"set": written, "removed": []}
    )
    if reply.ok and session.rng.random() < READ_BACK:
        session.ask(read, at_ns=session.now_ns(), full=True)


def _on_table(session: Session, beat: int) -> None:
    place = session.world.hot[beat // 2 % len(session.world.hot)]
    seen = load(session, place)
    if seen is None:
        return
    token = session.new_value()
    written = {_key(session): str(token)}
    call = session.wire.commit(
        place.namespace,
        place.name,
        [{"type": "assert-table-uuid", "uuid": seen.uuid}],
        [{"action": "set-properties", "updates": written}],
    )
    reply = session.ask(
        call, value=token, at_ns=instant_of(session, beat), wrote={"set": written, "removed": []}
    )
    if reply.ok and session.rng.random() < READ_BACK:
        read = session.reads.load_table(place.namespace, place.name)
        session.ask(read, at_ns=session.now_ns(), full=True)


def _key(session: Session) -> str:
    return f"iceworthy.s{session.id}.k{session.rng.randrange(KEYS)}"
