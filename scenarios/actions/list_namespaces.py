"""Lists the children of a namespace of the nested chain, or the namespaces at the root."""

from __future__ import annotations

from scenarios.engine.session import Session


def act(session: Session) -> None:
    """GET the first page of the children of a namespace."""
    parents = (session.world.root, *session.world.nested)
    session.ask(session.reads.list_namespaces(session.rng.choice(parents)))
