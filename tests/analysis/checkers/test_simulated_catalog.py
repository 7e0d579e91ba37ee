"""Every checker against a simulated catalog: honest over many seeds, and with each defect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from analysis.run import Run
from iceworthy.words.verdict import Judgement, Verdict

HONEST_SEEDS = 200
BLOCK = 25
DEFECT_SEEDS = 15
DEFECTS = (
    "lost_ack",
    "phantom",
    "double_cas",
    "stale_read",
    "reordered",
    "missing_property",
    "torn_prefix",
    "foreign_snapshot",
    "vanished",
    "flapping",
    "dropped_request",
    "listing_gap",
    "overwritten",
)


@pytest.mark.parametrize("block", range(0, HONEST_SEEDS, BLOCK))
def test_no_checker_fails_a_linearizable_catalog(
    block: int,
    tmp_path: Path,
    simulated: ModuleType,
    judged: Callable[[str, Run], Verdict],
    checkers: tuple[str, ...],
) -> None:
    passes = dict.fromkeys(checkers, 0)
    for seed in range(block, block + BLOCK):
        simulated.Simulation(tmp_path / str(seed), seed).run()
        run = Run(tmp_path / str(seed))
        for name in checkers:
            verdict = judged(name, run)
            assert verdict.judgement is not Judgement.FAIL, (seed, verdict)
            passes[name] += verdict.judgement is Judgement.PASS
    # A checker that hides behind unknown would be right too. The simulated catalog offers no
    # transactions and tells no events.
    assert passes.pop("transactions") == 0
    assert passes.pop("events") == 0
    assert min(passes.values()) >= BLOCK * 0.8, passes


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_by_its_own_checker_whenever_it_can_be_seen(
    defect: str, tmp_path: Path, simulated: ModuleType, judged: Callable[[str, Run], Verdict]
) -> None:
    own, observable = simulated.DEFECTS[defect], 0
    for seed in range(DEFECT_SEEDS):
        simulation = simulated.Simulation(tmp_path / str(seed), seed, defect)
        simulation.run()
        if simulation.observable:
            observable += 1
            verdict = judged(own, Run(tmp_path / str(seed)))
            assert verdict.judgement is Judgement.FAIL, (seed, verdict)
    assert observable >= DEFECT_SEEDS // 2


def test_every_defect_is_tried(simulated: ModuleType) -> None:
    assert set(DEFECTS) == set(simulated.DEFECTS)
