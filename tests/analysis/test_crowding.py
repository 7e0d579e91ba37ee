"""Late answers on a machine that the run's own parts crowd are no fail; all other late ones are."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.judge_experiment import judge_one
from analysis.run import Run
from iceworthy.words.blame import Blame
from iceworthy.words.verdict import Judgement, Verdict
from tests.analysis.conftest import at
from tests.streams import append_line

FAIL, UNKNOWN = Judgement.FAIL, Judgement.UNKNOWN
# Seconds of CPU and of waiting in each second, on two CPUs, as a run of reference_whole took them.
PARTS = {
    "suite": (0.12, 0.32),
    "load-0": (0.25, 0.24),
    "s3-store": (0.16, 0.37),
    "toxiproxy-0": (0.17, 0.50),
    "postgres": (0.20, 0.20),
}
WAITED = 0.55  # by each node


def sampled(run: Any, *, busy: Any = 0.83, node: float = 0.38, waited: float = WAITED) -> None:
    """What is sampled of each process and of the machine in the seconds of a calm run."""
    parts = PARTS | {f"node-{i}": (node, waited) for i in range(2)}
    for second in range(24):
        t_ns = at(second - 2.0)
        for pid, (process, (cpu, wait)) in enumerate(parts.items()):
            append_line(
                run.folder,
                "resources",
                t_ns=t_ns,
                process=process,
                pid=100 + pid,
                cpu_s=1.0 + second * cpu,
                rss_bytes=90_000_000,
                fds=9,
                threads=2,
                connections=-1,
                waited_s=1.0 + second * wait,
            )
        now = busy if isinstance(busy, float) else busy(second - 2)
        append_line(
            run.folder,
            "machine",
            t_ns=t_ns,
            cpu_busy=now,
            steal=0.0,
            others=0.02,
            cpus=2,
            pressure=0.6,
        )


def now_and_then(second: int) -> float:
    """How busy the CPUs were in the second that ends then: every fourth one has time to spare."""
    return 0.70 if second % 4 == 0 else 0.88


def judged(
    synthetic: Any,
    *,
    took_ms: Any = 80.0,
    lag_ms: float = 6.0,
    probe_ms: float = 150.0,
    **sample: Any,
) -> dict[str, Verdict]:
    """The verdicts about a calm run with these answers and lags on such a machine."""
    run = synthetic("steady")
    for node in range(2):
        run.start(node, -6.0)
    run.window("warmup", 0.0, 2.0)
    run.window("steady", 2.0, 20.0)
    for second in range(20):
        took = took_ms if isinstance(took_ms, float) else took_ms(second)
        run.reads(float(second), second + 1.0, took_ms=took, lag_ms=lag_ms)
    run.probes(-4.0, 20.0, took_ms=probe_ms)
    sampled(run, **sample)
    done: Run = run.done()
    return {ruling.verdict.name: ruling.verdict for ruling in judge_one(done)}


@pytest.mark.parametrize("name", ["read_latency", "health_answers"])
def test_late_answers_on_a_machine_too_small_for_the_load_are_no_fail(
    synthetic: Any, name: str
) -> None:
    found = judged(synthetic)[name]
    assert (found.judgement, found.blame) == (UNKNOWN, Blame.MACHINE), found.reason
    assert "too small for this load: its CPUs were 83% busy" in found.reason
    assert "it would have been fail" in found.reason


@pytest.mark.parametrize(
    "facts",
    [
        {"busy": 0.45},  # a quiet machine
        {"lag_ms": 0.5},  # the load left in time: its CPU time was there when it asked
        {"waited": 0.0},  # the nodes got the CPU when they asked
        {"node": 0.75},  # the catalog needs most of the machine by itself
    ],
    ids=["quiet", "load-in-time", "nodes-served", "hungry"],
)
@pytest.mark.parametrize("name", ["read_latency", "health_answers"])
def test_a_slow_catalog_fails_where_the_machine_denied_it_little(
    synthetic: Any, name: str, facts: dict[str, Any]
) -> None:
    found = judged(synthetic, **facts)[name]
    assert (found.judgement, found.blame) == (FAIL, Blame.CATALOG), found.reason


def test_a_catalog_that_is_as_slow_while_there_is_cpu_to_spare_fails(synthetic: Any) -> None:
    found = judged(synthetic, busy=now_and_then)
    assert found["read_latency"].judgement is FAIL
    assert found["health_answers"].judgement is UNKNOWN  # 5 s of probes are too few to say so


def test_a_catalog_that_is_slow_only_while_the_machine_is_crowded_does_not_fail(
    synthetic: Any,
) -> None:
    def took(second: int) -> float:
        return 8.0 if second % 4 in (3, 0) else 80.0

        return 8.0 if second % 4 in (3, 0) else 80.0

    found = judged(synthetic, busy=now_and_then, took_ms=took)
    assert found["read_latency"].judgement is UNKNOWN
    assert found["read_latency"].blame is Blame.MACHINE


def test_a_pass_on_a_crowded_machine_stays_a_pass(synthetic: Any) -> None:
    found = judged(synthetic, probe_ms=60.0, took_ms=8.0)
    assert found["health_answers"].passed
    assert found["read_latency"].passed


def test_crowding_explains_no_wrong_answer(synthetic: Any) -> None:
    run = synthetic("steady").calm(lag_ms=6.0)
    run.op("loadTable", 5.0, status=500)
    sampled(run)
    rulings = {r.verdict.name: r.verdict for r in judge_one(run.done())}
    assert rulings["no_errors_when_calm"].judgement is FAIL
