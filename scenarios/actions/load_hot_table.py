"""Loads one of the contended tables, while others commit to it through this node and the other."""

from __future__ import annotations

from scenarios.engine.session import Session


def act(session: Session) -> None:
    """GET a table that changes; checkers compare the answer with every commit."""
    place = session.rng.choice(session.world.hot or session.world.tables)
    session.ask(session.reads.load_table(place.namespace, place.name))
