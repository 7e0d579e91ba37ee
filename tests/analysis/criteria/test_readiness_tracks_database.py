"""readiness_tracks_database: no without the database, health stays, yes again after the heal."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.criteria.readiness_tracks_database import judge
from iceworthy.words.verdict import Judgement


@pytest.mark.parametrize("fault", ["cut_link", "black_hole"])
@pytest.mark.parametrize("ready", [503, 500, 0])
def test_unready_without_a_database_passes(synthetic: Any, fault: str, ready: int) -> None:
    verdict = judge(synthetic(fault).broken_link(fault, ready=ready).done())
    assert verdict.judgement is Judgement.PASS, verdict.reason


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"ready": 200}, "got 200"),
        ({"health": 503}, "/health"),
        ({"health": 0}, "/health"),
        ({"after": 503}, "still not ready"),
    ],
)
def test_each_defect_fails(synthetic: Any, facts: dict[str, Any], word: str) -> None:
    verdict = judge(synthetic("cut_link").broken_link(**facts).done())
    assert verdict.judgement is Judgement.FAIL
    assert word in verdict.reason


def test_a_calm_run_is_unknown(synthetic: Any) -> None:
    assert judge(synthetic().calm().done()).judgement is Judgement.UNKNOWN


def test_a_break_too_short_to_be_probed_is_unknown(synthetic: Any) -> None:
    run = synthetic("cut_link")
    run.fault("cut_link", 6.0, 7.5)
    run.probes(0.0, 20.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN


def test_a_killed_node_says_nothing_about_its_database(synthetic: Any) -> None:
    run = synthetic("kill_node")
    run.fault("kill_node", 6.0, 11.0)
    run.probes(0.0, 20.0)
    assert judge(run.done()).judgement is Judgement.UNKNOWN
