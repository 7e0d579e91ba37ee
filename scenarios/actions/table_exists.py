"""Asks whether a table exists (HEAD) that exists throughout the load."""

from __future__ import annotations

from scenarios.engine.session import Session


def act(session: Session) -> None:
    """HEAD a table that exists."""
    tables = session.world.tables
    place = tables[int(session.rng.random() * len(tables))]
    session.ask(session.reads.table_exists(place.namespace, place.name))
