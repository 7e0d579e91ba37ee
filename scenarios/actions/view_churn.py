"""The whole life of a view: created, replaced once or more, sometimes renamed, dropped.

Where the target offers no views, this session's turns pass.
What it does NOT do: read the view; the load's views are there for the event stream, and the
contract's cases read them.
"""

from __future__ import annotations

from iceworthy.client.view_calls import create_view, drop_view, rename_view, replace_view
from iceworthy.record.history import key_of
from iceworthy.words.outcome import Outcome
from scenarios.engine.session import Session

RENAME = 0.3
REPLACED_MOST = 3


def act(session: Session) -> None:
    """One view's whole life, over several turns of this session's schedule."""
    number = session.state["views"] = session.state.get("views", 0) + 1
    wire = session.wire
    namespace = session.rng.choice(session.world.namespaces)
    name = f"v{session.id}_{number}"
    if session.ask(create_view(wire, namespace, name)).outcome is Outcome.FAIL:
        return
    for version in range(2, 2 + session.rng.randint(1, REPLACED_MOST)):
        session.ask(replace_view(wire, namespace, name, version))
    if session.rng.random() < RENAME and session.offers("renameView"):
        renamed = f"{name}_r"
        reply = session.ask(
            rename_view(wire, namespace, name, namespace, renamed),
            wrote={"destination": key_of(namespace, renamed)},
        )
        if reply.outcome is Outcome.INFO:
            session.ask(drop_view(wire, namespace, name))
        if reply.outcome is not Outcome.FAIL:
            name = renamed
    session.ask(drop_view(wire, namespace, name))
