"""Lists the tables of a namespace that exists throughout the load."""

from __future__ import annotations

from scenarios.engine.session import Session


def act(session: Session) -> None:
    """GET the first page of a namespace's tables."""
    session.ask(session.reads.list_tables(session.rng.choice(session.world.namespaces)))
