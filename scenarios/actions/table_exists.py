"""Asks whether a table exists (HEAD) that exists throughout the load.

Where the target does not advertise tableExists, the table is loaded in its place, as clients do.
"""

from __future__ import annotations

from scenarios.engine.session import Session


def act(session: Session) -> None:
    """HEAD a table that exists; or load it."""
    tables = session.world.tables
    place = tables[int(session.rng.random() * len(tables))]
    reads = session.reads
    read = reads.table_exists if session.offers("tableExists") else reads.load_table
    session.ask(read(place.namespace, place.name))
