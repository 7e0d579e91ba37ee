"""The experiment "fuzz": odd requests to every advertised operation, for a limited time, by a seed.

Claim: findings.jsonl has a line for each operation and kind of problem, with the smallest request
that showed it, and a line for each operation without problems. An operation that was not tried is
therefore visible. Method: first broken bodies for every operation, then generated requests, each in
turn for a share of the time. The smallest request of a problem is then reduced as long as it still
shows the problem. If the target stops answering, the experiment ends. What it does NOT show: that
no other request reveals more.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iceworthy.client.asker import Reply
from iceworthy.client.cleanup import sweep
from iceworthy.client.wire import Namespace
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs, Unanswered
from iceworthy.contract.fuzz import broken_bodies, generated
from iceworthy.contract.fuzz.entities import GONE_AFTER, NEW, Entities
from iceworthy.contract.fuzz.problems import Problem, of_answer, of_effect
from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.contract.opening import open_desk
from iceworthy.record.contract_lines import TriedThing
from iceworthy.record.run_folder import RunFolder
from iceworthy.specification import OPERATIONS, Operation
from iceworthy.words.live import LiveTarget

BROKEN_S, GENERATED_S = 25.0, 30.0
BODIES_MOST = 250  # broken bodies per operation that change a single leaf
SAMPLES = 50  # generated requests per operation and mode
SMALLER_MOST = 40  # requests to reduce the example of a finding
TEXT_MOST = 600
SEEN_MOST = 200
NO_ANSWER = "no answer"
GONE_AFTER_SILENT = 3
LEFT_OUT = frozenset({"getToken"})  # its body is not JSON, and its answers are logins


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A request that showed a problem. body: None if it had none."""

    parts: tuple[Namespace | str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | None
    label: str

    @property
    def size(self) -> int:
        return len(self.body or b"") + sum(map(len, self.query.values())) + len(str(self.parts))


@dataclass(slots=True)
class _Found:
    problem: Problem
    example: Example
    reply: Reply | None
    times: int = 1
    seen_ns: list[int] = field(default_factory=lambda: [time.monotonic_ns()])


@dataclass(slots=True)
class Fuzzer:
    """Sends examples and keeps the smallest example of each problem."""

    desk: Desk
    entities: Entities
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    found: dict[tuple[str, str], _Found] = field(default_factory=dict)
    sent_generated: Counter[str] = field(default_factory=Counter)
    silent: int = 0

    def send(self, one: Operation, example: Example) -> list[Problem]:
        """Send one request; returns its problems. Remakes the entities if it may have changed
        them."""
        counts = self.answers.setdefault(one.id, Counter())
        try:
            reply = self.desk.do(
                one.id,
                *example.parts,
                body=example.body,
                query=example.query,
                headers=example.headers,
            )
            problems = of_answer(reply) + self._effect(one, example, reply)
            counts[f"{reply.status // 100}xx"] += 1
            self.silent = 0
        except Unanswered as error:
            counts["unanswered"] += 1
            self.silent += 1
            problem = Problem(
                kind=NO_ANSWER, requirement="SC-001", expected="a whole answer", got=str(error)
            )
            problems = [problem]
            self.desk.close()
            reply = None
        for problem in problems:
            self._keep(one, problem, example, reply)
        if problems:
            self.entities.renew()
        elif reply is not None and reply.ok and one.id in GONE_AFTER:
            self._mend()
        return problems

    def _mend(self) -> None:
        try:
            self.entities.mend()
        except Unanswered:
            self.silent += 1

    def _effect(self, one: Operation, example: Example, reply: Reply) -> list[Problem]:
        return of_effect(self.desk, one, example.parts, example.body or b"", reply)

    def _keep(
        self, one: Operation, problem: Problem, example: Example, reply: Reply | None
    ) -> None:
        key = (one.id, problem.kind)
        known = self.found.get(key)
        if known is None:
            self.found[key] = _Found(problem, example, reply)
            return
        known.times += 1
        if len(known.seen_ns) < SEEN_MOST:
            known.seen_ns.append(time.monotonic_ns())
        if example.size < known.example.size:
            known.problem, known.example, known.reply = problem, example, reply


def inquire(live: LiveTarget, plan: InquiryPlan, folder: RunFolder) -> Inquired:
    """Send odd requests. params: operations (names; all), broken_s, generated_s (seconds), bodies
    and samples (the most broken bodies and generated requests of each operation)."""
    seed, params, say = plan.seed, plan.params, plan.say
    desk, client = open_desk(
        live, known=plan.known, seed=seed, token=plan.token, purpose="fuzz", folder=folder
    )
    names = params.get("operations")
    asked = [
        one
        for one in OPERATIONS
        if desk.offers(one.id) and one.id not in LEFT_OUT and (not names or one.id in names)
    ]
    fuzzer = Fuzzer(desk, Entities(desk))
    try:
        fuzzer.entities.ready()
        say(f"broken bodies of {sum(bool(one.request) for one in asked)} operations")
        bodies = int(params.get("bodies", BODIES_MOST))
        samples = int(params.get("samples", SAMPLES))
        _broken(fuzzer, asked, seed, float(params.get("broken_s", BROKEN_S)), bodies)
        say(f"requests generated for {len(asked)} operations")
        seconds = float(params.get("generated_s", GENERATED_S))
        left_out = _generated(fuzzer, asked, seed, seconds, samples)
        for (operation_id, kind), found in list(fuzzer.found.items()):
            one = next(one for one in asked if one.id == operation_id)
            _smaller(fuzzer, one, kind, found)
        _write(folder, fuzzer, asked, seed, left_out)
    except (Needs, Unanswered) as error:
        folder.append(
            TriedThing(
                **_line("SC-001", "fuzzing", "a namespace to begin with", str(error), None),
            )
        )
    finally:
        left = sweep(client, desk.wire, desk.root, stem=desk.stem) if live.spec.lives_on else []
        desk.close()
        client.close()
    return Inquired(left=left)


def _broken(fuzzer: Fuzzer, asked: list[Operation], seed: int, seconds: float, most: int) -> None:
    rng = random.Random(f"{seed}-broken")
    with_body = [one for one in asked if one.request]
    ends_at = time.monotonic() + seconds
    for number, one in enumerate(with_body):
        turn_ends = ends_at - seconds * (len(with_body) - number - 1) / len(with_body)
        fuzzer.entities.ready()
        lawful = fuzzer.entities.lawful(one.id)
        if lawful is None:
            continue
        for label, body in broken_bodies.bodies(lawful, rng, most=most):
            if time.monotonic() > turn_ends or fuzzer.silent >= GONE_AFTER_SILENT:
                break
            fuzzer.entities.ready()
            body = body.replace(NEW.encode(), fuzzer.desk.name("f").encode())
            parts = fuzzer.entities.parts(one)
            fuzzer.send(one, Example(parts=parts, query={}, headers={}, body=body, label=label))


def _generated(
    fuzzer: Fuzzer, asked: list[Operation], seed: int, seconds: float, each: int
) -> list[str]:
    began, turns = time.monotonic(), dict[str, float]()

    def take(sample: generated.Sample) -> None:
        # Shares of the remaining time: the last operation gets its share even if others were slow.
        share = seconds * (len(turns) + 1) / len(asked)
        turn_ends = turns.setdefault(sample.operation.id, began + share)
        late = time.monotonic() > turn_ends and fuzzer.sent_generated[sample.operation.id]
        if late or fuzzer.silent >= GONE_AFTER_SILENT:
            raise generated.Over
        fuzzer.sent_generated[sample.operation.id] += 1
        fuzzer.entities.ready()
        fuzzer.send(sample.operation, _example(fuzzer.entities, sample))

    ids = [one.id for one in asked]
    random.Random(f"{seed}-order").shuffle(ids)
    return generated.samples(ids, fuzz_seed=seed, each=each, take=take)


def _example(entities: Entities, sample: generated.Sample) -> Example:
    names, there = sample.operation.parameters[1:], entities.parts(sample.operation)
    parts = tuple(
        part if made is None else _named(name, made)
        for name, made, part in zip(names, sample.parts, there, strict=True)
    )
    body = None
    if sample.has_body:
        tamed = entities.tamed(sample.operation.id, sample.body)
        body = tamed if isinstance(tamed, bytes) else broken_bodies.dumped(tamed)
    return Example(
        parts=parts, query=sample.query, headers=sample.headers, body=body, label="generated"
    )


def _named(name: str, made: str) -> Namespace | str:
    # An empty name, or one of dots only, would change the path into that of another operation.
    text = "_" if made.strip(".") == "" else made
    return (text,) if name == "namespace" else text


def _smaller(fuzzer: Fuzzer, one: Operation, kind: str, found: _Found) -> None:
    """Remove everything from the smallest example that the problem does not need."""
    left = SMALLER_MOST
    again = True
    while again and left > 0 and found.example.body:
        again = False
        for body in _parts_left_out(found.example.body):
            left -= 1
            if left <= 0 or fuzzer.silent >= GONE_AFTER_SILENT:
                return
            before = found.example
            parts = fuzzer.entities.parts(one)
            example = Example(parts=parts, query={}, headers={}, body=body, label=before.label)
            if any(problem.kind == kind for problem in fuzzer.send(one, example)):
                again = found.example is not before
                break


def _parts_left_out(body: bytes) -> list[bytes]:
    """The bodies that lack one of its fields; none if the body is not a JSON object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(value, dict):
        return []
    return [broken_bodies.dumped({k: v for k, v in value.items() if k != key}) for key in value]


def _write(
    folder: RunFolder, fuzzer: Fuzzer, asked: list[Operation], seed: int, left_out: list[str]
) -> None:
    for (operation_id, kind), found in fuzzer.found.items():
        problem = found.problem
        what = f"fuzz {operation_id}: {kind} ({found.times} times; {found.example.label})"
        works = None if kind == NO_ANSWER else False
        folder.append(
            TriedThing(
                **_line(problem.requirement, what, problem.expected, problem.got, works),
                operation=operation_id,
                kind=kind,
                times=found.times,
                request=found.reply.asked.curl if found.reply else "",
                sent=found.reply.asked.sent if found.reply else None,
                given=found.reply.status if found.reply else 0,
                seen_ns=tuple(found.seen_ns),
            )
        )
    for one in asked:
        if any(operation_id == one.id for operation_id, _ in fuzzer.found):
            continue
        counts = fuzzer.answers.get(one.id, Counter())
        sent = counts.total()
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        for requirement in ("FR-002", "SC-001"):
            folder.append(
                TriedThing(
                    **_line(
                        requirement,
                        f"fuzz {one.id}: {sent} requests (seed {seed})",
                        "a 2xx that is true or a 4xx with the specification's body, never a 5xx",
                        f"nothing else: {kinds}" if sent else "it was not reached in time",
                        True if sent else None,
                    ),
                    operation=one.id,
                )
            )
    for words in left_out:
        what = f"fuzz: generate requests: {words}"
        folder.append(TriedThing(**_line("FR-002", what, "requests", "none can be", True)))


def _line(
    requirement: str, what: str, expected: str, got: str, works: bool | None
) -> dict[str, Any]:
    return {
        "requirement": requirement,
        "what": what,
        "expected": expected[:TEXT_MOST],
        "got": got[:TEXT_MOST],
        "works": works,
        "check": "fuzz",
    }
