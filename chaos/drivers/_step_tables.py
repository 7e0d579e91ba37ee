"""The tables of the commit stepper, and every request about them.

Claim: each point has its own table with one snapshot on it, so that a point that damages its table
spoils no other point. All operations are in the history (workers "stepper" and "stepper-op").
Method: one blocking client for each node while nothing is held; one thread and a new connection for
the operation that is held. One commit writes three things (snapshot, ref, property), so that
atomicity can be judged.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

from chaos.bounded_wait import wait_until
from chaos.drivers import DriverPlan
from iceworthy.client.catalog_client import Answer, CatalogClient
from iceworthy.client.manifest_lists import keeper_of, put_shared
from iceworthy.client.observe import TableSeen
from iceworthy.client.snapshots import snapshot_id
from iceworthy.client.wire import Namespace
from iceworthy.record import session_numbers
from iceworthy.record.history import Recorder, asserted, key_of
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import FaultError, SuiteBug, TargetError
from iceworthy.words.live import LiveTarget
from iceworthy.words.outcome import Outcome

PROPERTY = "iceworthy.step"
ATTEMPTS = 3
AGAIN_S = 1.0
SHOWN_S, SHOWN_EVERY_S = 5.0, 0.05
OPERATION_S = 8.0
JOIN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTable:
    """One table as the stepper last saw it. head: the snapshot at main."""

    name: str
    namespace: Namespace
    uuid: str
    location: str
    head: int | None
    sequence: int

    @property
    def key(self) -> str:
        return key_of(self.namespace, self.name)


@dataclass(slots=True)
class CommitInFlight:
    """The held commit, under way in its own thread."""

    snapshot: int
    thread: threading.Thread
    answers: list[Answer] = field(default_factory=list)

    def is_over(self) -> bool:
        return not self.thread.is_alive()

    def answer(self) -> Answer:
        """The commit's answer; bounded by the client's timeout."""
        self.thread.join(OPERATION_S + JOIN_S)
        if not self.answers:
            raise SuiteBug(f"the client gave no answer {OPERATION_S + JOIN_S:.0f} s after it asked")
        return self.answers[0]

    def wait(self, seconds: float) -> bool:
        """Whether it is over within `seconds`."""
        self.thread.join(seconds)
        return self.is_over()


class StepTables:
    """Creates, commits to and reads the stepper's tables; close() it."""

    def __init__(self, live: LiveTarget, plan: DriverPlan, folder: RunFolder) -> None:
        self._live, self._plan, self._folder = live, plan, folder
        self._keep = keeper_of(live)
        self._recorder = Recorder(folder.history, "stepper")
        self._operations = Recorder(folder.history, "stepper-op")
        self._random = random.Random(f"{plan.seed}-stepper")
        token = f"{self._random.getrandbits(32):08x}"
        self._namespace = (*live.spec.catalog.root_namespace, f"stepper_{token}")
        self._next_session = session_numbers.COMMIT_STEPPER
        self._clients = [self._client(node, self._recorder) for node in range(len(live.nodes))]
        self.acknowledged: dict[str, StepTable] = {}
        self._writes_property = True

    def open(self) -> None:
        """Create the namespace of the tables; TargetError when the catalog does not."""
        answer = self._ask(0, self._plan.wire.create_namespace(self._namespace))
        if not answer.ok:
            raise TargetError(
                f"the stepper needs a namespace of its own and creating {self._namespace[-1]} was "
                f"answered {answer.status} {answer.error}; see the survey's cases"
            )

    def close(self) -> None:
        """Close the connections, write the history out."""
        for client in self._clients:
            client.close()
        self._recorder.close()
        self._operations.close()

    def let_go(self, node: int) -> None:
        """Close the idle connection to a node, which a drain might otherwise wait for."""
        self._clients[node].close()

    def new(self, name: str, node: int) -> StepTable:
        """A new table with one snapshot, made through `node`; each attempt has a new name."""
        problem = ""
        for attempt in range(ATTEMPTS):
            unique = name if attempt == 0 else f"{name}_{attempt}"
            made = self._made(unique, node)
            if isinstance(made, StepTable):
                self._wait_shown(made)
                self.acknowledge(made)
                return made
            problem = made
            time.sleep(AGAIN_S)
        raise FaultError(f"the stepper needs a new table: {problem}; see the survey's findings")

    def acknowledge(self, subject: StepTable) -> None:
        """From now on this table must exist, with this head in its chain."""
        self.acknowledged[subject.key] = subject

    def forget(self, subject: StepTable) -> None:
        """This table's loss is reported; do not ask for it again."""
        self.acknowledged.pop(subject.key, None)

    def start(self, subject: StepTable, node: int) -> CommitInFlight:
        """Send the commit under test, in a thread with its own connection."""
        snapshot = self.snapshot_id()
        client = self._client(node, self._operations, timeout_s=OPERATION_S)
        call = self._commit_call(subject, snapshot)
        parent = asserted(subject.head)

        def send() -> None:
            with client:
                operation.answers.append(client.ask(call, value=snapshot, parent=parent))

        thread = threading.Thread(target=send, name="stepper-op", daemon=True)
        operation = CommitInFlight(snapshot=snapshot, thread=thread)
        thread.start()
        return operation

    def commit(self, subject: StepTable, node: int) -> tuple[Answer, StepTable]:
        """One ordinary commit on the table as last seen; returns the table after it."""
        snapshot = self.snapshot_id()
        parent = asserted(subject.head)
        call = self._commit_call(subject, snapshot)
        answer = self._ask(node, call, value=snapshot, parent=parent)
        if not answer.ok:
            return answer, subject
        return answer, replace(subject, head=snapshot, sequence=subject.sequence + 1)

    def read(self, subject: StepTable, node: int) -> Answer:
        """Load one table on one node."""
        return self._ask(node, self._plan.wire.load_table(subject.namespace, subject.name))

    def snapshot_id(self) -> int:
        """A new random id that the target can take."""
        return snapshot_id(self._random, self._plan.id_bits)

    def parts_seen(self, table: TableSeen, snapshot: int) -> dict[str, bool]:
        """Which of the three things that one commit wrote a read shows."""
        parts = {
            "snapshot": any(listed[0] == snapshot for listed in table.snapshots),
            "ref": snapshot in table.chain,
        }
        if self._writes_property:
            parts["property"] = table.properties.get(PROPERTY) == str(snapshot)
        return parts

    def nodes(self) -> range:
        return range(len(self._clients))

    def flush(self) -> None:
        """Write what was recorded so far, so that a crash keeps it."""
        self._recorder.flush()
        self._operations.flush()

    def _wait_shown(self, subject: StepTable) -> None:
        """Wait until every node shows the first snapshot, at most SHOWN_S: a catalog may answer
        before it commits, and the next commit, on that snapshot, would lawfully be refused."""

        def is_shown() -> bool:
            tables = (self.read(subject, node).table for node in self.nodes())
            return all(table is not None and table.main == subject.head for table in tables)

        wait_until(is_shown, deadline_s=SHOWN_S, every_s=SHOWN_EVERY_S)

    def _made(self, name: str, node: int) -> StepTable | str:
        base = self._live.spec.catalog.location
        location = f"{base.rstrip('/')}/{self._namespace[-1]}/{name}" if base else ""
        create = self._plan.wire.create_table(self._namespace, name, location=location)
        created = self._ask(node, create)
        if not created.ok or created.table is None:
            return f"create was answered {created.status} {created.error}"
        put_shared(self._keep, created.table.location)
        subject = StepTable(
            name=name,
            namespace=self._namespace,
            uuid=created.table.uuid,
            location=created.table.location,
            head=None,
            sequence=0,
        )
        answer, subject = self.commit(subject, node)
        if answer.outcome is Outcome.FAIL and self._writes_property:
            # A catalog may lack set-properties; what is left of the change can still be judged.
            self._writes_property = False
            answer, subject = self.commit(subject, node)
            self._writes_property = answer.outcome is Outcome.FAIL
        if not answer.ok:
            return f"a first commit was answered {answer.status} {answer.error}"
        return subject

    def _commit_call(self, subject: StepTable, snapshot: int) -> Any:
        also = []
        if self._writes_property:
            also.append({"action": "set-properties", "updates": {PROPERTY: str(snapshot)}})
        return self._plan.wire.append(
            subject.namespace,
            subject.name,
            snapshot_id=snapshot,
            uuid=subject.uuid,
            parent=subject.head,
            last_sequence=subject.sequence,
            location=subject.location,
            also=also,
        )

    def _client(
        self, node: int, recorder: Recorder, *, timeout_s: float | None = None
    ) -> CatalogClient:
        self._next_session += 1
        return CatalogClient(
            self._live.nodes[node].url,
            node=node,
            headers=self._plan.headers,
            recorder=recorder,
            session=self._next_session,
            timeout_s=timeout_s or self._plan.timeout_s,
            folder=self._folder,
            source="stepper",
        )

    def _ask(self, node: int, call: Any, **values: int) -> Answer:
        return self._clients[node].ask(call, **values)
