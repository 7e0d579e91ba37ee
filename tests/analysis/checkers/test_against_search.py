"""linearizability against a search over all orders, on small random histories of one table."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from types import ModuleType

import pytest

from analysis.run import Run
from iceworthy.words.verdict import Judgement, Verdict

HISTORIES = 400
BLOCKS = 4
END = 90


@dataclass(frozen=True)
class Step:
    """A commit of `name` (done None: no answer came), or a read that showed `shown` commits."""

    sent: int
    done: int | None
    node: int
    name: str = ""
    shown: int = 0


def some_history(rng: random.Random) -> tuple[list[Step], list[Step]]:
    """(commits in the order of the chain, reads), at random times."""
    names = rng.sample("abcd", rng.randrange(1, 4))
    commits, reads = [], []
    for at, name in enumerate(names):
        # Mostly near its place, so that about half of the histories fit.
        sent = max(2, 6 * at + rng.randrange(-4, 16))
        lost = rng.random() < 0.25
        done = None if lost else sent + rng.randrange(1, 18)
        commits.append(Step(sent, done, rng.randrange(2), name))
    for _ in range(rng.randrange(1, 4)):
        shown = rng.randrange(0, len(names) + 1)
        sent = max(2, 8 * shown + rng.randrange(-12, 16))
        reads.append(Step(sent, sent + rng.randrange(1, 10), rng.randrange(2), shown=shown))
    return commits, reads


def is_linearizable(commits: list[Step], reads: list[Step]) -> bool:
    """Whether some order of all steps fits real time, the chain, and what each read showed."""
    steps = [*commits, *reads]
    for order in permutations(steps):
        seen: list[str] = []
        fits = True
        for at, step in enumerate(order):
            # Nothing that had ended before this one was sent may come after it.
            if any(later.done is not None and later.done < step.sent for later in order[at + 1 :]):
                fits = False
            elif step.name:
                fits = len(seen) < len(commits) and commits[len(seen)] is step
                seen.append(step.name)
            else:
                fits = len(seen) == step.shown
            if not fits:
                break
        if fits:
            return True
    return False


def text_of(commits: list[Step], reads: list[Step]) -> str:
    lines = ["s9@0 0..1 createTable n/t -> 200 uuid=T"]
    chain = [step.name for step in commits]
    for step in commits:
        answer = "reset" if step.done is None else "200 uuid=T"
        lines.append(
            f"s1@{step.node} {step.sent}..{step.done or step.sent + 1} "
            f"updateTable n/t add={step.name} -> {answer}"
        )
    for step in reads:
        lines.append(
            f"s2@{step.node} {step.sent}..{step.done} loadTable n/t -> 200 uuid=T "
            f"chain={','.join(chain[: step.shown])}"
        )
    whole = ",".join(chain)
    lines.append(f"audit@0 {END}..{END + 1} loadTable n/t -> 200 uuid=T chain={whole} full")
    return "\n".join(lines)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_linearizability_agrees_with_a_search_over_all_orders(
    block: int, tmp_path: Path, written: ModuleType, judged: Callable[[str, Run], Verdict]
) -> None:
    rng = random.Random(block)
    fitting = 0
    for number in range(HISTORIES // BLOCKS):
        commits, reads = some_history(rng)
        source = tmp_path / f"{number}.txt"
        source.write_text(text_of(commits, reads), encoding="utf-8")
        written.write_run(source, tmp_path / str(number))
        run = Run(tmp_path / str(number))
        # The audit's read is one of the steps that must fit.
        audit = Step(END, END + 1, 0, shown=len(commits))
        wanted = is_linearizable(commits, [*reads, audit])
        fitting += wanted
        found = judged("linearizability", run).judgement
        assert found is (Judgement.PASS if wanted else Judgement.FAIL), source.read_text()
        if wanted:
            for name in ("real_time", "prefix_reads", "chain_integrity", "lost_acknowledgement"):
                assert judged(name, run).judgement is not Judgement.FAIL, source.read_text()
    assert HISTORIES // BLOCKS // 5 < fitting < HISTORIES // BLOCKS * 4 // 5
