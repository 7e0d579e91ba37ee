"""One session: one connection to one node, one operation at a time, on its own fixed schedule.

Claim: ask() sends one call once and records it: intended start, times of sending and answer, the
facts in the answer, and the outcome by words.outcome. The history holds every operation whose
intended start was reached. Method: an operation that is due while the session's previous operation
is outstanding is sent as soon as that has ended; it keeps its intended start.
What it does NOT show: the meaning of the answers.

An action (scenarios/actions/) is `act(session)`. It uses: id, node, rng, state, wire, reads,
world, ask(), turn(), now_ns(), next_ns(), t0_ns, new_value(), location(), keep_list(),
wants_full().
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from time import monotonic_ns
from typing import Any, Protocol

from fixtures.world import WorldPlan
from iceworthy.client.answers import AnswerLog
from iceworthy.client.observe import TableFacts, TableSeen
from iceworthy.client.operation_record import operation_record
from iceworthy.client.snapshots import snapshot_id
from iceworthy.client.wire import Call, Wire
from iceworthy.record.history import FLAG_MEMBER, NO_ASSERTION, NONSENSE, Recorder
from iceworthy.words.operation import COMMITS
from iceworthy.words.outcome import Outcome
from scenarios.engine.connect import connection_to
from scenarios.engine.load_plan import LoadPlan
from scenarios.engine.load_statistics import LoadStatistics
from scenarios.engine.observations import Observations
from scenarios.engine.peer import Peer
from scenarios.engine.reactor import Reactor
from scenarios.engine.requests import KeptReads, Request
from scenarios.engine.schedule import Schedule, Seat

__all__ = ["LoadReply", "Session"]

PAUSE_NS = 100_000_000  # of a closed loop that cannot even connect
_NOT_CONNECTED = frozenset(
    {"refused", "unreachable", "resolve", "not-allowed", "no-descriptor", "tls"}
)

Act = Callable[["Session"], None]


class LoadOver(Exception):
    """No further operation is to be started; the session's loop ends."""


class StepOver(Exception):
    """The next step of an action would lie after the end; the schedule may still start other
    operations.
    """


class LoadReply:
    """The facts of one operation that an action uses. op: its record number."""

    __slots__ = ("body", "op", "outcome", "status", "table")

    def __init__(
        self, op: int, status: int, outcome: Outcome, body: bytes, table: TableSeen | None
    ) -> None:
        self.op = op
        self.status = status
        self.outcome = outcome
        self.body = body
        self.table = table

    @property
    def ok(self) -> bool:
        """A whole 2xx answer."""
        return self.outcome is Outcome.OK and 200 <= self.status < 300


class Shared(Protocol):
    """The part of the engine that all sessions of one load process use together."""

    plan: LoadPlan
    reactor: Reactor
    tally: LoadStatistics
    recorder: Recorder
    observations: Observations
    answers: AnswerLog
    wire: Wire
    reads: KeptReads
    world: WorldPlan
    t0_ns: int
    """The load's start."""
    end_ns: int
    """No intended start is at or after this instant."""
    cutoff_ns: int
    """No operation is sent from here on."""

    def keep_list(self, location: str) -> None: ...


class Session:
    """See the module. Its own greenlet alone may call its methods."""

    def __init__(self, engine: Shared, number: int, seat: Seat, peer: Peer) -> None:
        self.id = number
        self.seat = seat
        self.node = seat.node
        self.rng = random.Random(f"{engine.plan.seed}-{number}")
        self.state: dict[str, Any] = {}
        self.wire = engine.wire
        self.reads = engine.reads
        self.world = engine.world
        self.connection = connection_to(peer, engine.reactor, timeout_s=engine.plan.timeout_s)
        self.schedule = Schedule(first_ns=0, period_ns=int(seat.role.period_s * 1e9))
        self.is_asking = False
        self.is_leaving = False  # asked to stop: the operation under way is its last
        self._engine = engine
        self._reactor = engine.reactor
        self._peer = peer
        self._free_ns = 0

    @property
    def t0_ns(self) -> int:
        """The load's start."""
        return self._engine.t0_ns

    def turn(self) -> int:
        """Take the schedule's next start for an action that sets the times of its steps itself
        (ask's at_ns).
        """
        turn_ns = self.schedule.take(monotonic_ns())
        if turn_ns >= self._engine.end_ns:
            raise LoadOver
        return turn_ns

    def next_ns(self) -> int:
        """The intended start of the next ask(), or now when that is past."""
        now_ns = monotonic_ns()
        return max(now_ns, self.schedule.peek())

    @staticmethod
    def now_ns() -> int:
        """The clock of the history."""
        return monotonic_ns()

    def new_value(self) -> int:
        """A unique value for a mutation: random, with as many bits as the target accepts."""
        return snapshot_id(self.rng, self._engine.plan.id_bits)

    def offers(self, operation: str) -> bool:
        """Whether the target offers this operationId, or was not asked what it offers."""
        offered = self.wire.offered
        return offered is None or operation in offered

    def location(self, namespace: tuple[str, ...], table: str) -> str:
        """The location to ask for at creation; "" where the catalog chooses."""
        base = self._engine.plan.location
        return "/".join((base.rstrip("/"), *namespace, table)) if base else ""

    def keep_list(self, location: str) -> None:
        """Put the manifest list that appends to the table at this location name, where the suite
        can reach its files: a careful catalog reads it. Done once for a table."""
        self._engine.keep_list(location)

    def wants_full(self, key_id: int) -> bool:
        """Whether the table got so many commits that its next read should be recorded in full."""
        return self._engine.observations.wants_full(key_id)

    def live(self, acts: Mapping[Act, float]) -> None:
        """Do actions by their weights until the load is over (LoadOver)."""
        chosen, weights = list(acts), list(acts.values())
        total = 0.0
        bounds = [total := total + weight for weight in weights]
        rng, last = self.rng.random, len(chosen) - 1
        while True:
            # random.choices builds a list a call; this is a third of its cost.
            at = rng() * total
            index = 0
            while bounds[index] <= at and index < last:
                index += 1
            try:  # noqa: SIM105 - suppress() would cost as much as the choice
                chosen[index](self)
            except StepOver:
                pass

    def ask(
        self,
        call: Call | Request,
        *,
        value: int = 0,
        parent: int = NO_ASSERTION,
        at_ns: int = 0,
        full: bool = False,
        wrote: Mapping[str, Any] | None = None,
    ) -> LoadReply:
        """Send one call at its intended start, record it, and return the answer's facts.

        at_ns: an intended start of the action's own (the next step of something begun) in place of
        the schedule's next. value, parent: of a mutation, as the history wants them. full: write
        what a read showed in full. wrote: what a mutation wrote, for seen.jsonl. A call that the
        target does not offer is not sent: its turn passes, and the reply is that of a refusal.
        """
        engine = self._engine
        request = call if isinstance(call, Request) else engine.reads.prepare(call)
        now_ns = monotonic_ns()
        intended_ns = at_ns or self.schedule.take(now_ns)
        if intended_ns >= engine.end_ns:
            raise StepOver if at_ns else LoadOver
        if intended_ns > now_ns:
            self._reactor.sleep_until(intended_ns)
            now_ns = monotonic_ns()
            if intended_ns >= engine.end_ns:  # an earlier end was set meanwhile
                raise StepOver if at_ns else LoadOver
        if not self.offers(request.operation):
            return self._left_out()
        if self.is_leaving:
            raise LoadOver
        if now_ns >= engine.cutoff_ns:
            if not at_ns and self.schedule.taken:
                self.schedule.taken -= 1  # intended and not done: the engine counts it
            raise LoadOver
        could_ns = intended_ns if intended_ns > self._free_ns else self._free_ns
        engine.tally.lags_ns.append(now_ns - could_ns)
        connection = self.connection
        self.is_asking = True
        try:
            connection.exchange(
                request.start + self._peer.head + request.rest, to_head=request.to_head
            )
        except BaseException:
            self._record(request, intended_ns, value, parent, full, wrote)
            raise
        reply = self._record(request, intended_ns, value, parent, full, wrote)
        self.is_asking = False
        if self.is_leaving:
            raise LoadOver
        if not self.schedule.period_ns and connection.error in _NOT_CONNECTED:
            self._reactor.sleep_until(monotonic_ns() + PAUSE_NS)
        return reply

    def _left_out(self) -> LoadReply:
        if not self.schedule.period_ns:
            self._reactor.sleep_until(monotonic_ns() + PAUSE_NS)
        return LoadReply(-1, 0, Outcome.FAIL, b"", None)

    def _record(
        self,
        request: Request,
        intended_ns: int,
        value: int,
        parent: int,
        full: bool,
        wrote: Mapping[str, Any] | None,
    ) -> LoadReply:
        engine, connection = self._engine, self.connection
        status, facts = connection.status, None
        if connection.complete:
            engine.answers.offer(request.operation, status, connection.body, request, self.node)
            if request.shows_table and 200 <= status < 300:
                facts = self._facts_shown(request)
        op, outcome, error = operation_record(
            engine.recorder,
            request,
            connection,
            facts,
            intended_ns,
            self.id,
            self.node,
            value,
            parent,
        )
        if request.members:
            self._record_members(request, intended_ns, op)
        self._free_ns = completed_ns = connection.completed_ns
        statistics = request.tally
        statistics.latencies_ns.append(completed_ns - intended_ns)
        statistics.size += connection.size
        engine.tally.operations += 1
        if error or full or wrote or not request.full_reads.take_brief():
            self._write_out(op, request, facts, error, wrote)
        return LoadReply(op, status, outcome, connection.body, facts.seen if facts else None)

    def _record_members(self, request: Request, intended_ns: int, first: int) -> None:
        """Record the other tables of a transaction, and in seen.jsonl which records it has."""
        recorder = self._engine.recorder
        numbers = [first]
        for member in request.members:
            number, _, _ = operation_record(
                recorder,
                member,
                self.connection,
                None,
                intended_ns,
                self.id,
                self.node,
                member.value,
                member.parent,
                FLAG_MEMBER,
            )
            numbers.append(number)
        recorder.seen(first, transaction=numbers)

    def _facts_shown(self, request: Request) -> TableFacts | None:
        """The table in the answer; None when it holds none. Equal bodies are parsed once."""
        body = self.connection.body
        if body == request.last_body:
            return request.last_facts
        facts = self._engine.observations.table(body)
        if not request.is_mutation:
            request.last_body, request.last_facts = body, facts
        return facts

    def _write_out(
        self,
        op: int,
        request: Request,
        facts: TableFacts | None,
        error: str,
        wrote: Mapping[str, Any] | None,
    ) -> None:
        """Write more than the record: full contents of the request or the answer, and errors."""
        engine, connection = self._engine, self.connection
        if wrote:
            engine.recorder.seen(op, **wrote)
        if not error:
            if request.operation in COMMITS:
                engine.observations.committed(request.key_id)
                for member in request.members:
                    engine.observations.committed(member.key_id)
            engine.observations.write(op, request, connection.body, facts)
        elif error == NONSENSE or connection.status not in (404, 409) or not connection.complete:
            self._tell_error(op, request, error)

    def _tell_error(self, op: int, request: Request, error: str) -> None:
        """Count an unexpected answer, and record its message."""
        self._engine.tally.fail(request.operation, request.method, error)
        if self.connection.status:
            self._engine.observations.message(op, self.connection.body)
