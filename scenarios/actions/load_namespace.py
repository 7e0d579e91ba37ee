"""Loads the properties of a namespace that exists throughout the load."""

from __future__ import annotations

from scenarios.engine.session import Session


def act(session: Session) -> None:
    """GET a namespace."""
    session.ask(session.reads.load_namespace(session.rng.choice(session.world.namespaces)))
