"""Commits at the same instant as other sessions, through both nodes, on the same parent.

Sessions whose turns fall into one beat read the same table, and all commit at the end of the beat.
Of the commits that assert the same parent at most one may be acknowledged.
"""

from __future__ import annotations

from scenarios.actions._beats import instant_of, next_beat
from scenarios.actions._commit import append, load
from scenarios.engine.session import Session


def act(session: Session) -> None:
    """Read the beat's table at this session's turn, commit at the end of the beat."""
    hot = session.world.hot
    beat = next_beat(session)
    if not hot:
        session.ask(session.reads.load_namespace(session.world.hot_namespace))
        return
    place = hot[beat % len(hot)]
    base = load(session, place)
    if base is not None:
        append(session, place, base, at_ns=instant_of(session, beat))
