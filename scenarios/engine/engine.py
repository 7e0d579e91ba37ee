"""One load process: its sessions, their common start and end, its part of the history.

Claim: no session starts before begin() sets t0, and none starts an operation whose intended start
lies after the end. An operation whose intended start lies before the end is sent late rather than
left out, for one timeout at most; operations that are still unsent then are counted (`unsent`).
Method: one greenlet for each session, and one that flushes the history and writes load.jsonl. A
recorder that cannot write, or an action that raises, ends the whole run as the suite's failure
(on_failure); it is never only logged.
What it does NOT show: whether the machine ran the process on time; lag and CPU in load.jsonl do.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic_ns
from typing import Any

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore

from fixtures.world import plan_world
from iceworthy import discovery
from iceworthy.client.answers import ALLOWANCE_BYTES, AnswerLog
from iceworthy.client.auth import HeaderSource, header_source
from iceworthy.client.connect import wire_for
from iceworthy.client.manifest_lists import Put, keeper_in, put_shared
from iceworthy.record.contract_lines import SentRequest
from iceworthy.record.history import Recorder
from iceworthy.record.run_lines import LoadEnd, LoadSecond
from iceworthy.record.session_numbers import LOAD_EACH_WORKER
from iceworthy.words.errors import TargetError
from iceworthy.words.instant import NEVER_NS
from scenarios.engine.load_plan import LoadPlan, warehouse_folder
from scenarios.engine.load_statistics import LoadStatistics
from scenarios.engine.observations import Observations
from scenarios.engine.peer import Peer
from scenarios.engine.reactor import Reactor
from scenarios.engine.requests import KeptReads, Request
from scenarios.engine.schedule import SECOND_NS, Seat, phase_ns, seating
from scenarios.engine.session import Act, LoadOver, Session

CONNECTS_AT_ONCE = 64  # a listener's backlog may be 100
CONNECT_S_MAX = 15.0
FLUSH_S = 0.5
LINE_S = 1.0


class Engine:
    """Everything that the sessions of one process share."""

    def __init__(
        self, plan: LoadPlan, worker: int, stats: Any, on_failure: Callable[[str], None]
    ) -> None:
        """stats: Locust's RequestStats, settled once a second. on_failure: ends the whole run."""
        self.plan = plan
        self.worker = worker
        self.name = f"load-{worker}"
        self.reactor = Reactor()
        self.tally = LoadStatistics()
        self.recorder = Recorder(plan.folder.history, self.name)
        self.observations = Observations(self.recorder)
        self.peers = [Peer(url, node=i) for i, url in enumerate(plan.node_urls)]
        self._sources = [header_source(plan.spec, peer.url) for peer in self.peers]
        self._refresh_headers()
        self.answers = AnswerLog(
            plan.folder, self.name, self._sent, allowance_bytes=ALLOWANCE_BYTES
        )
        self.wire = _first_wire(plan, self.peers, self._sources)
        self.reads = KeptReads(self.wire, self.recorder, self.tally)
        warehouse = warehouse_folder()
        self._keep: Put | None = keeper_in(warehouse) if warehouse else None
        self._has_list: set[str] = set()
        self.world = plan_world(
            plan.world,
            seed=plan.world_seed,
            root=plan.spec.catalog.root_namespace,
            token=plan.world_token,
        )
        self.sessions: list[Session] = []
        self.t0_ns = 0
        self.end_ns = NEVER_NS  # no intended start lies after this instant
        self.cutoff_ns = NEVER_NS  # no operation is sent after this instant
        self.unsent = 0
        self._acts = [
            {_act(name): weight for name, weight in role.actions.items()}
            for role in plan.scenario.roles
        ]
        nodes = len(self.peers) if plan.spread else 1
        self._seats: Iterator[Seat] = seating(plan.scenario.roles, nodes=nodes, first_node=worker)
        self._seats_taken = [0] * len(plan.scenario.roles)
        self._connecting = BoundedSemaphore(CONNECTS_AT_ONCE)
        self._arrived = 0
        self._over = 0
        self._began = Event()
        self._stats = stats
        self._on_failure = on_failure
        self._cpu = (time.monotonic(), time.process_time())
        self._closed = False
        self._greenlets = [gevent.spawn(self._keep_house)]

    # --- sessions ----------------------------------------------------------------------------

    def join(self) -> Session:
        """A new session; its greenlet is to call serve()."""
        seat = next(self._seats)
        self._seats_taken[seat.role_index] += 1
        number = self.worker * LOAD_EACH_WORKER + len(self.sessions)
        session = Session(self, number, seat, self.peers[seat.node])
        self.sessions.append(session)
        return session

    def serve(self, session: Session) -> None:
        """One session's whole life, in its own greenlet: connect, wait for t0, act, keep the
        connection open.
        """
        try:
            self._connect(session)
            self._arrived += 1
            self._began.wait()
            if not session.schedule.first_ns:
                self._place(session, peers=None)
            with suppress(LoadOver):
                session.live(self._acts[session.seat.role_index])
            self._over += 1
            if not session.is_leaving:
                Event().wait()  # its connection stays open until the runner ends the session
        except Exception as error:
            self.fail(f"session {session.id}: {error!r}", error)
            raise
        finally:
            session.connection.close()

    def has_gathered(self) -> bool:
        """Whether every session so far is connected, or has failed to connect."""
        return self._arrived >= len(self.sessions)

    def begin(self, t0_ns: int) -> None:
        """Start the schedule at t0_ns, which lies shortly ahead and is the same in all workers."""
        self.t0_ns = t0_ns
        for session in self.sessions:
            self._place(session, peers=self._seats_taken[session.seat.role_index])
        lasts_s = self.plan.longest_s or self.plan.duration_s
        if lasts_s is not None:
            self._end_at(t0_ns + int(lasts_s * SECOND_NS))
        self._write_line()
        gc.collect()
        gc.freeze()  # these objects live until the end: the collector need not scan them
        gc.set_threshold(20_000, 50, 100)
        self._began.set()

    def wait_over(self) -> None:
        """Wait until no session has work left; bounded by cutoff_ns and one timeout."""
        while (left_s := (self.end_ns - monotonic_ns()) / 1e9) > 0:
            gevent.sleep(min(left_s, FLUSH_S))
        bound_s = 2 * (self.plan.timeout_s + 1.0)
        with gevent.Timeout(bound_s, False):
            while self._over < len(self.sessions):
                gevent.sleep(0.02)

    def fail(self, what: str, error: BaseException | None = None) -> None:
        """End the run as the suite's own failure."""
        self._on_failure(what)

    def close(self) -> None:
        """Write everything that is not yet written; the second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if self.t0_ns:
            asked_ns = min(self.end_ns, monotonic_ns())
            self.unsent = sum(session.schedule.untaken(asked_ns) for session in self.sessions)
        gevent.killall([g for g in self._greenlets if g is not gevent.getcurrent()], block=False)
        try:
            self._write_line()
            self.answers.flush()
            self.recorder.close()
        except OSError as error:
            self.fail(f"the history could not be written: {error}", error)
        self.reactor.close()

    # --- inside ------------------------------------------------------------------------------

    def keep_list(self, location: str) -> None:
        """Put the shared manifest list of the table at this location, once."""
        if self._keep is not None and location not in self._has_list:
            self._has_list.add(location)
            put_shared(self._keep, location)

    def _end_at(self, end_ns: int) -> None:
        self.end_ns = end_ns
        self.cutoff_ns = end_ns + int((self.plan.timeout_s + 1.0) * SECOND_NS)

    def _look_for_end(self) -> None:
        """Take the end that the suite has set, once the last fault is healed."""
        if self.plan.longest_s is not None and self.t0_ns:
            for line in self.plan.folder.read(LoadEnd):
                self._end_at(line.t_ns)

    def _connect(self, session: Session) -> None:
        deadline = time.monotonic() + CONNECT_S_MAX
        while not self.t0_ns and time.monotonic() < deadline:
            with self._connecting:
                if session.connection.connect():
                    return
            gevent.sleep(0.2)

    def _place(self, session: Session, *, peers: int | None) -> None:
        phase = phase_ns(session.seat, peers=peers, worker=self.worker)
        first_ns = self.t0_ns + phase
        period_ns = session.schedule.period_ns
        now_ns = monotonic_ns()
        if peers is None and period_ns and first_ns < now_ns:
            # A session that joins late starts at its next turn, without a backlog.
            first_ns += -(-(now_ns - first_ns) // period_ns) * period_ns
        session.schedule.first_ns = first_ns

    def _keep_house(self) -> None:
        """Flush the recorder, settle Locust's statistics and write load.jsonl, until killed."""
        line_at = time.monotonic()
        headers_at = time.monotonic()
        while True:
            gevent.sleep(FLUSH_S)
            try:
                self.recorder.flush()
                self._look_for_end()
                if time.monotonic() >= line_at:
                    line_at += LINE_S
                    self._write_line()
                    self.answers.flush()
            except Exception as error:
                self.fail(f"the history could not be written: {error}", error)
                return
            if time.monotonic() - headers_at >= LINE_S:
                headers_at = time.monotonic()
                self._refresh_headers()

    def _refresh_headers(self) -> None:
        for peer, source in zip(self.peers, self._sources, strict=True):
            # Without a new token the old one stays in use; a 401 then counts for the target.
            with suppress(TargetError):
                peer.set_headers(source.headers())

    def _sent(self, request: Request, node: int) -> SentRequest:
        return request.asked(self.peers[node].url, self._sources[node].shown).sent

    def _write_line(self) -> None:
        now, used = time.monotonic(), time.process_time()
        elapsed = max(now - self._cpu[0], 1e-9)
        share = (used - self._cpu[1]) / elapsed
        self._cpu = (now, used)
        self.tally.settle(self._stats)
        self.plan.folder.append(
            LoadSecond(
                t_ns=monotonic_ns(),
                worker=self.name,
                sessions=len(self.sessions),
                connected=self.reactor.connected,
                operations=self.tally.operations,
                errors=self.tally.errors,
                lag_ms_p99=round(self.tally.take_lag_ms_p99(), 3),
                cpu=round(share, 4),
                cpu_s=round(used, 6),
                pid=os.getpid(),
                t0_ns=self.t0_ns or None,
                unsent=self.unsent,
                opened=sum(session.connection.opened for session in self.sessions),
            )
        )


def _first_wire(plan: LoadPlan, peers: list[Peer], sources: list[HeaderSource]) -> Any:
    """The wire that the first answering node configures."""
    refused: TargetError | None = None
    for peer, source in zip(peers, sources, strict=True):
        try:
            return wire_for(plan.spec, peer.url, source)
        except TargetError as error:
            refused = error
    raise refused or TargetError("no node to ask for its configuration")


def _act(name: str) -> Act:
    act: Act = discovery.load("action", name)
    return act
