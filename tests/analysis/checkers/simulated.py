"""A simulated catalog and its clients, written as a run: linearizable, or with one named defect.

Claim: without a defect, an honest two-node catalog can produce every history, including lost
answers, changes applied after their client has given up, refusals after a re-send, requests
never sent, a killed node, a drained node, names dropped, created again and renamed. With a defect,
`observable` counts the occasions that a complete checker must report.
Method: discrete events; each operation takes effect at one instant between its sending and its
answer (or later, where its answer was lost); reads show the state of their instant.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from pathlib import Path

from iceworthy.record.history import (
    FLAG_AUDIT,
    FLAG_RESENT,
    FLAG_REUSED,
    NO_ASSERTION,
    NULL_PARENT,
    Recorder,
    chain_hash,
    text_hash,
)
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FaultEvent, NodeExit
from iceworthy.words.operation import is_mutation
from iceworthy.words.outcome import Outcome, classify
from tests.analysis.checkers.simulated_state import DEFECTS as DEFECTS
from tests.analysis.checkers.simulated_state import Op, Table, on

MS = 1_000_000


class Simulation:
    """Run it with `run()`; the folder then is a run's."""

    def __init__(self, root: Path, seed: int, defect: str = "") -> None:
        self.rng = random.Random(f"{seed}-{defect}")
        self.defect = defect
        self.observable = 0
        self.folder = RunFolder(root)
        root.mkdir(parents=True)
        self.recorder = Recorder(root / "history", "load-0")
        self.now = 1_000 * MS
        self.events: list[tuple[int, int, Callable[[], None]]] = []
        self.count = 0
        self.tables: dict[str, Table] = {}
        self.spaces: dict[str, dict[str, str]] = {}
        self.heads: dict[tuple[int, str], int | None] = {}
        self.values = 0
        self.small_ids = seed % 5 == 4
        self.under_way: list[Op] = []
        self.end_ns = self.now + self.rng.randint(150, 400) * MS
        self.asked_ns = self.now + self.rng.randint(50, 100) * MS

    def run(self) -> None:
        for name in ("hot", "churn"):
            self.do(Op(99, 0, "createNamespace", name))
        for name in ("hot/a", "hot/b"):
            self.do(Op(99, 0, "createTable", name))
        for session in range(7):
            self.at(self.now + self.rng.randint(0, 3 * MS), lambda s=session: self.step(s))
        if self.rng.random() < 0.7:
            self.at(self.now + self.rng.randint(40, 90) * MS, self.kill)
        ended_ns = self.asked_ns + 30 * MS
        end = NodeExit(node=0, t_ns=ended_ns, code=0, asked="SIGTERM", asked_ns=self.asked_ns)
        self.folder.append(end)
        while self.events:
            self.now, _, act = heapq.heappop(self.events)
            act()
        self.audit()
        self.recorder.close()

    # -- time ------------------------------------------------------------------------------------
    def at(self, ns: int, act: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.events, (ns, self.count, act))

    def do(self, op: Op) -> Op:
        """One operation at once, nothing else going on."""
        op.sent, self.now = self.now, self.now + self.rng.randint(1, 2 * MS)
        self.apply(op)
        self.now += self.rng.randint(1, 2 * MS)
        self.finish(op, op.status)
        self.now += 1
        return op

    def kill(self) -> None:
        """What node 1 has under way ends now, unanswered; it may have taken effect or not."""
        self.folder.append(FaultEvent(fault="kill_node", event="bit", t_ns=self.now, node=1))
        for op in [op for op in self.under_way if op.node == 1]:
            op.is_stopped = True
            self.finish(op, 0)

    # -- sessions --------------------------------------------------------------------------------
    def step(self, session: int) -> None:
        """Begin the next operation of a session; the next one follows its end."""
        if self.now > self.end_ns:
            return
        op = self.choose(session)
        op.sent = self.now
        op.is_full = self.rng.random() < 0.3
        self.under_way.append(op)
        lag = self.rng.randint(1, 6 * MS)
        answer = lag + self.rng.randint(1, 4 * MS)
        roll = self.rng.random()
        at_drain = op.node == 0 and op.sent <= self.asked_ns <= op.sent + answer
        if roll < 0.02 and not at_drain:  # refused: nothing was ever sent
            op.sent = 0
            self.at(self.now + MS, lambda: self.finish(op, 0))
        elif roll < 0.12 and is_mutation(op.operation) and not at_drain:
            self.lose(op, lag, answer)
        else:
            self.at(self.now + lag, lambda: self.apply(op))
            self.at(self.now + answer, lambda: self.answer(op))

    def lose(self, op: Op, lag: int, answer: int) -> None:
        """The answer never comes: applied in time, late, or never."""
        fate = self.rng.choice(("in time", "late", "never"))
        status = self.rng.choice((0, 0, 500, 503))
        if fate == "in time":
            self.at(self.now + lag, lambda: self.apply(op))
            if op.operation == "updateTable" and self.rng.random() < 0.3:
                op.flags |= FLAG_RESENT  # the second try sees the effect of the first
                status = 409
        elif fate == "late":
            late = answer + self.rng.randint(0, 60 * MS)
            self.at(self.now + late, lambda: self.apply(op))
        self.at(self.now + answer, lambda: self.finish(op, status))

    def answer(self, op: Op) -> None:
        in_flight = op.node == 0 and op.sent + 1 <= self.asked_ns < self.now
        if self.defect == "dropped_request" and in_flight and not op.is_done:
            self.observable += 1
            self.finish(op, 0)
            return
        self.finish(op, op.status)

    def finish(self, op: Op, status: int) -> None:
        """Record it once; the session goes on."""
        if op.is_done:
            return
        op.is_done, op.status = True, status
        if op in self.under_way:
            self.under_way.remove(op)
            self.at(self.now + self.rng.randint(1, 8 * MS), lambda: self.step(op.session))
        self.record(op)

    def record(self, op: Op) -> None:
        ok = 200 <= op.status < 300
        if ok and op.operation == "updateTable" and op.table is not None:
            op.table.acked[op.value] = self.now
        value, parent, chain = op.value, op.parent, 0
        table = op.table if ok else None
        if table is not None:
            ids = [one[0] for one in op.chain]
            chain = chain_hash(ids)
            if op.operation == "loadTable":
                value, parent = (ids[-1] if ids else NULL_PARENT), len(ids)
                self.heads[op.session, op.key] = ids[-1] if ids else None
        elif op.operation == "loadTable":
            value = -1
        outcome = classify(
            mutation=is_mutation(op.operation),
            status=op.status,
            sent_bytes=op.sent > 0,
            complete=op.status > 0,
        )
        last = max((one[2] for one in op.chain), default=0)
        intern = self.recorder.intern
        state = "" if self.defect == "overwritten" else op.chain
        location = text_hash(f"{table.uuid} {state}") if table else 0
        error = "AlreadyExistsException" if op.status == 409 and "create" in op.operation else ""
        number = self.recorder.record(
            op.sent,
            op.sent,
            op.sent and op.sent + 1,
            self.now,
            value,
            parent,
            last if table else -1,
            chain,
            text_hash(table.uuid) if table else 0,
            location,
            op.session,
            intern(op.key),
            intern(error),
            100,
            intern(op.operation),
            op.status,
            op.flags | FLAG_REUSED,
            op.node,
            outcome,
        )
        self.observable += outcome is op.must_be_found_if and not op.flags & FLAG_RESENT
        if op.wrote:
            self.recorder.seen(number, **op.wrote)
        if (
            ok
            and op.is_full
            and op.operation in ("loadTable", "loadNamespaceMetadata", "listTables")
        ):
            self.recorder.seen(number, **op.shown)

    # -- what sessions do ------------------------------------------------------------------------
    def new_value(self) -> int:
        self.values += 1
        # Small ids meet those of other tables, as random ones of few bits do.
        return self.values // 2 + 1 if self.small_ids else self.rng.getrandbits(62) + 1

    def choose(self, session: int) -> Op:
        node, roll = session % 2, self.rng.random()
        hot = self.rng.choice(("hot/a", "hot/b"))
        pool = self.rng.choice(("churn/x", "churn/y", "churn/z"))
        if roll < 0.03:
            return Op(session, node, "listTables", self.rng.choice(("hot", "churn")))
        if roll < 0.35:
            return Op(session, node, "loadTable", hot)
        if roll < 0.62:
            op = Op(session, node, "updateTable", hot, value=self.new_value())
            head = self.heads.get((session, hot))
            op.parent = NULL_PARENT if head is None else head
            if self.defect == "reordered" or self.rng.random() < 0.05:
                op.parent = NO_ASSERTION
            return op
        if roll < 0.70:
            return self.property_write(session, node, hot)
        if roll < 0.76:
            return Op(session, node, "loadNamespaceMetadata", "hot")
        if roll < 0.80:
            operation = self.rng.choice(
                ("createNamespace", "dropNamespace", "loadNamespaceMetadata")
            )
            return Op(session, node, operation, "pool")
        operation = self.rng.choice(
            (
                "createTable",
                "createTable",
                "dropTable",
                "renameTable",
                "loadTable",
                "tableExists",
                "updateTable",
            )
        )
        op = Op(session, node, operation, pool)
        if operation == "updateTable":
            head = self.heads.get((session, pool))
            op.value, op.parent = self.new_value(), NULL_PARENT if head is None else head
        elif operation == "renameTable":
            op.wrote = {"destination": self.rng.choice(("churn/x", "churn/y", "churn/z"))}
        return op

    def property_write(self, session: int, node: int, hot: str) -> Op:
        token = self.rng.getrandbits(60)
        name = f"k{token}" if self.defect else self.rng.choice("abc")
        operation = self.rng.choice(("updateProperties", "updateTable"))
        key = hot if operation == "updateTable" else self.rng.choice(("hot", "hot", "pool"))
        op = Op(session, node, operation, key, value=token)
        op.wrote = {"set": {name: f"v{token}"}, "removed": []}
        if not self.defect and self.rng.random() < 0.2:
            op.wrote = {"set": {}, "removed": [name]}
        return op

    # -- the catalog -----------------------------------------------------------------------------
    def apply(self, op: Op) -> None:
        """The operation's one instant."""
        if op.is_stopped:
            return
        op.status = getattr(self, on(op.operation))(op)

    def on_create_namespace(self, op: Op) -> int:
        if op.key in self.spaces:
            return 409
        self.spaces[op.key] = {}
        return 200

    def on_drop_namespace(self, op: Op) -> int:
        return 204 if self.spaces.pop(op.key, None) is not None else 404

    def on_load_namespace_metadata(self, op: Op) -> int:
        if op.key not in self.spaces:
            return 404
        op.shown = {"properties": dict(self.spaces[op.key])}
        return 200

    def on_update_properties(self, op: Op) -> int:
        if op.key not in self.spaces:
            return 404
        self.set_properties(op, self.spaces[op.key])
        return 200

    def set_properties(self, op: Op, properties: dict[str, str]) -> None:
        if self.defect == "missing_property" and op.key == "hot" and self.rng.random() < 0.3:
            op.must_be_found_if = Outcome.OK
            return
        properties.update(op.wrote["set"])
        for name in op.wrote["removed"]:
            properties.pop(name, None)

    def on_create_table(self, op: Op) -> int:
        if op.key in self.tables:
            return 409
        op.table = self.tables[op.key] = Table(f"{op.key} {self.rng.getrandbits(90)}")
        return 200

    def on_drop_table(self, op: Op) -> int:
        return 204 if self.tables.pop(op.key, None) is not None else 404

    def on_rename_table(self, op: Op) -> int:
        if op.key not in self.tables:
            return 404
        if op.wrote["destination"] in self.tables:
            return 409
        self.tables[op.wrote["destination"]] = self.tables.pop(op.key)
        return 204

    def on_list_tables(self, op: Op) -> int:
        names = [key for key in self.tables if key.startswith(op.key + "/")]
        if self.defect == "listing_gap" and op.key == "hot" and op.flags & FLAG_AUDIT:
            names.remove("hot/a")
            self.observable += 1
        op.shown = {"names": names, "pages": 1, "complete": True}
        return 200

    def on_table_exists(self, op: Op) -> int:
        return 204 if op.key in self.tables else 404

    def on_load_table(self, op: Op) -> int:
        table = self.tables.get(op.key)
        if table is None:
            return 404
        op.table, op.chain = table, list(table.chain)
        if self.defect == "stale_read" and table.old and self.rng.random() < 0.3:
            op.chain = table.old[-1]
            newer = {one[0] for one in table.chain} - {one[0] for one in op.chain}
            known = any(table.acked.get(one, self.now) < op.sent for one in newer)
            self.observable += known and op.key.startswith("hot")
        if self.defect == "torn_prefix" and len(op.chain) > 2 and self.rng.random() < 0.1:
            op.chain = op.chain[:-2] + op.chain[-1:]
            self.observable += op.key.startswith("hot") and not op.flags & FLAG_AUDIT
            if op.flags & FLAG_AUDIT:
                op.chain = list(table.chain)
        self.show(op, table)
        return 200

    def show(self, op: Op, table: Table) -> None:
        ids = [one[0] for one in op.chain]
        head = ids[-1] if ids else None
        op.shown = {
            "uuid": "",
            "location": "",
            "metadata_location": "",
            "current": head,
            "main": head,
            "last_sequence": max((one[2] for one in op.chain), default=0),
            "snapshots": [list(one) for one in op.chain],
            "log": ids,
            "metadata_log": [],
            "properties": dict(table.properties),
        }

    def on_update_table(self, op: Op) -> int:
        table = self.tables.get(op.key)
        if table is None:
            return 404
        op.table = table
        if "set" in op.wrote:
            self.set_properties(op, table.properties)
            op.chain = list(table.chain)
            return 200
        if op.value in [one[0] for one in table.chain]:
            return 400
        hot = op.key.startswith("hot")
        wins = op.parent in (NO_ASSERTION, NULL_PARENT if table.head is None else table.head)
        if not wins and not (self.defect == "double_cas" and hot and self.rng.random() < 0.3):
            return 409
        if self.defect == "lost_ack" and hot and self.rng.random() < 0.2:
            op.must_be_found_if = Outcome.OK
            return 200
        table.old.append(list(table.chain))
        self.append(op, table, wins, hot)
        op.chain = list(table.chain)
        if self.defect == "phantom" and hot and self.rng.random() < 0.2:
            op.must_be_found_if = Outcome.FAIL
            return 409
        return 200

    def append(self, op: Op, table: Table, wins: bool, hot: bool) -> None:
        if not wins:
            # As if the asserted parent still were the head: what came after it is gone.
            kept = [one[0] for one in table.chain]
            at = kept.index(op.parent) + 1 if op.parent in kept else 0
            beaten = table.chain[at][0] if at < len(table.chain) else 0
            if beaten in table.acked:
                op.must_be_found_if = Outcome.OK
            del table.chain[at:]
        at = len(table.chain)
        if self.defect == "reordered" and hot and at > 1 and self.rng.random() < 0.3:
            at -= 1
            self.observable += table.acked.get(table.chain[-1][0], self.now) < op.sent
        chain = [one[0] for one in table.chain]
        chain.insert(at, op.value)
        table.chain = [(one, chain[i - 1] if i else None, i + 1) for i, one in enumerate(chain)]
        if self.defect == "foreign_snapshot" and hot and self.rng.random() < 0.1:
            self.observable += 1
            table.chain.append((self.rng.getrandbits(61), op.value, len(table.chain) + 1))

    # -- after the load --------------------------------------------------------------------------
    def audit(self) -> None:
        self.now = max(self.now, self.end_ns) + 100 * MS
        if self.defect == "flapping":
            self.flap()
        if self.defect == "vanished":
            self.observable += 1
            del self.tables["hot/b"]
        for node in (0, 1):
            for key in ("hot/a", "hot/b", "churn/x", "churn/y", "churn/z"):
                self.do(Op(200 + node, node, "loadTable", key, flags=FLAG_AUDIT, is_full=True))
            for key in ("hot", "churn", "pool"):
                for operation in ("loadNamespaceMetadata", "listTables"):
                    self.do(Op(200 + node, node, operation, key, flags=FLAG_AUDIT, is_full=True))
        self.observable += self.defect == "overwritten" and len(self.tables["hot/a"].chain) > 1

    def flap(self) -> None:
        """A commit whose answer was lost is shown once, and then is not there any more."""
        table = self.tables["hot/a"]
        op = Op(
            50,
            1,
            "updateTable",
            "hot/a",
            value=self.new_value(),
            sent=self.now,
            parent=NULL_PARENT if table.head is None else table.head,
        )
        op.value = self.rng.getrandbits(61) + 1
        before = list(table.chain)
        self.apply(op)
        self.finish(op, 0)
        self.now += 1
        self.do(Op(51, 1, "loadTable", "hot/a", is_full=True))
        table.chain = before
        self.observable += 1
