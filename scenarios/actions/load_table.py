"""Loads a table that exists, unchanged, throughout the load."""

from __future__ import annotations

from scenarios.engine.session import Session


def act(session: Session) -> None:
    """GET a table that no session changes."""
    tables = session.world.tables
    place = tables[int(session.rng.random() * len(tables))]
    session.ask(session.reads.load_table(place.namespace, place.name))
