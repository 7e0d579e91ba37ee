"""The moments on which a fault can be aimed: each is seen on the database, never guessed by time.

Claim: `seen` returns while a session of the node is in the state that the moment names, at most
one look (a few ms) after it entered that state. Example: `written` is a transaction that has
changed or locked rows and is not committed, so a kill that fires then meets a commit in flight.
Method: pg_stat_activity, looked at every LOOK_S. Afterwards `fate` asks the database how that
transaction ended: "aborted" proves that the fault was in time.
What this does NOT show: that the transaction belongs to an operation of the load; background work
of the node writes too.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iceworthy.words.errors import FaultError
from iceworthy.words.live import Backend, Database, LiveTarget

LOOK_S = 0.001


def _is_written(session: Backend) -> bool:
    return session.xid != ""


def _is_working(session: Backend) -> bool:
    return session.state == "active" or "transaction" in session.state


def _waits_for_lock(session: Backend) -> bool:
    return session.wait_event_type == "Lock"


def _is_durable(session: Backend) -> bool:
    return session.wait_event == "SyncRep"


MOMENTS: Mapping[str, Callable[[Backend], bool]] = {
    "working": _is_working,
    "written": _is_written,
    "lock_wait": _waits_for_lock,
    "durable": _is_durable,
}
"""Name -> whether a session of the node is in it.

working: it runs a statement or is within a transaction. written: its transaction has changed or
locked rows and is not committed. lock_wait: it waits for a lock. durable: its COMMIT is on disk and
is not acknowledged; COMMITs are held for this from the beginning of the wait until the fault fired.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One moment as it was seen. look_ms: between the last two looks, the most by which the
    moment can be older than seen_ns. nth: the how-manieth session in it since the wait began."""

    when: str
    session: Backend
    seen_ns: int
    waited_ms: float
    look_ms: float
    nth: int

    def facts(self, effect_ns: int) -> dict[str, Any]:
        """For the fault's line on the timeline; effect_ns: when the fault was seen to act."""
        return {
            "when": self.when,
            "nth": self.nth,
            "waited_ms": round(self.waited_ms, 3),
            "look_ms": round(self.look_ms, 3),
            "trigger_to_effect_ms": round((effect_ns - self.seen_ns) / 1e6, 3),
            "session": {
                "pid": self.session.pid,
                "xid": self.session.xid,
                "state": self.session.state,
                "wait_event": self.session.wait_event,
                "query": " ".join(self.session.query.split())[:120],
            },
        }


@contextlib.contextmanager
def opened(when: str, database: Database) -> Iterator[None]:
    """What the moment needs as long as it is waited for, and until the fault has fired."""
    if when != "durable":
        yield
        return
    try:
        database.hold_acks()
        yield
    finally:
        database.release_acks()


def seen(
    when: str, target: LiveTarget, database: Database, node: int, *, nth: int, within_s: float
) -> Sighting:
    """Wait for the nth session of the node in this moment; FaultError if it does not come."""
    is_there, known, last_ns = MOMENTS[when], set[tuple[int, str]](), time.monotonic_ns()
    began_ns = last_ns
    while (time.monotonic_ns() - began_ns) / 1e9 < within_s:
        sessions = [one for one in database.activity() if one.node == node and is_there(one)]
        seen_ns = time.monotonic_ns()
        for one in sessions:
            known.add((one.pid, one.xid))
            if len(known) >= nth:
                return Sighting(
                    when=when,
                    session=one,
                    seen_ns=seen_ns,
                    waited_ms=(seen_ns - began_ns) / 1e6,
                    look_ms=(seen_ns - last_ns) / 1e6,
                    nth=len(known),
                )
        last_ns = seen_ns
        time.sleep(LOOK_S)
    raise FaultError(
        f"expected session {nth} of node {node} of {target.spec.name} in the moment {when!r}; "
        f"{len(known)} were seen within {within_s:g} s; is there load that writes?"
    )


def fate(database: Database, sighting: Sighting) -> str:
    """How the transaction of a sighting ended: "committed", "aborted", "in progress"; "" where
    it had written nothing."""
    if not sighting.session.xid:
        return ""
    rows = database.query("select pg_xact_status(%s::text::xid8)", sighting.session.xid)
    return str(rows[0][0] or "") if rows else ""
