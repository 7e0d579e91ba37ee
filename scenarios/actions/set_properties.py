"""Sets a property of its own on a shared table or namespace; several sessions do so at once.

Each session writes keys of its own, so that no acknowledged write may be missing afterwards.
"""

from __future__ import annotations

from scenarios._session import Session
from scenarios.actions._commit import load

ON_A_TABLE = 0.5
READ_BACK = 0.3
SHARED_NAMESPACES = 3
KEYS = 4


def act(session: Session) -> None:
    """Write one unique token, and sometimes read it back."""
    if session.world.hot and session.rng.random() < ON_A_TABLE:
        _on_table(session)
    else:
        _on_namespace(session)


def _on_namespace(session: Session) -> None:
    namespace = session.rng.choice(session.world.namespaces[:SHARED_NAMESPACES])
    token = session.new_value()
    written = {_key(session): str(token)}
    call = session.wire.update_namespace_properties(namespace, written)
    reply = session.ask(call, value=token, wrote={"set": written, "removed": []})
    if reply.ok and session.rng.random() < READ_BACK:
        read = session.reads.load_namespace(namespace)
        session.ask(read, at_ns=session.now_ns(), full=True)


def _on_table(session: Session) -> None:
    place = session.rng.choice(session.world.hot)
    uuids: dict[str, str] = session.state.setdefault("uuids", {})
    at_ns = 0
    if place.name not in uuids:
        seen = load(session, place)
        if seen is None:
            return
        uuids[place.name] = seen.uuid
        at_ns = session.now_ns()
    token = session.new_value()
    written = {_key(session): str(token)}
    call = session.wire.commit(
        place.namespace,
        place.name,
        [{"type": "assert-table-uuid", "uuid": uuids[place.name]}],
        [{"action": "set-properties", "updates": written}],
    )
    reply = session.ask(call, value=token, at_ns=at_ns, wrote={"set": written, "removed": []})
    if reply.ok and session.rng.random() < READ_BACK:
        read = session.reads.load_table(place.namespace, place.name)
        session.ask(read, at_ns=session.now_ns(), full=True)
    elif reply.status == 404 or reply.status == 409:
        uuids.pop(place.name, None)


def _key(session: Session) -> str:
    return f"iceworthy.s{session.id}.k{session.rng.randrange(KEYS)}"
