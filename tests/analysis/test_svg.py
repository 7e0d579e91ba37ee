"""Scales: round ticks, everything within the frame."""

from __future__ import annotations

import pytest

from analysis.svg import Scale, number, path, round_step, round_up, spread


@pytest.mark.parametrize(
    ("raw", "step"), [(0.3, 0.5), (1.0, 1), (1.1, 2), (30, 50), (700, 1000), (0, 1)]
)
def test_steps_are_round(raw: float, step: float) -> None:
    assert round_step(raw) == pytest.approx(step)


def test_a_linear_scale_has_round_ticks_within_itself() -> None:
    scale = Scale(low=0.0, high=round_up(87.0), start_px=200.0, end_px=20.0)
    assert scale.ticks() == [0, 20, 40, 60, 80, 100]
    assert scale(0.0) == 200.0
    assert scale(1e9) == 20.0


def test_a_log_scale_ticks_at_powers() -> None:
    scale = Scale(low=1.0, high=10_000.0, start_px=0.0, end_px=100.0, log=True)
    assert scale.ticks() == [1, 10, 100, 1000, 10_000]
    assert scale(100.0) == pytest.approx(50.0)
    assert scale(0.0) == 0.0


def test_labels_that_would_overlap_are_moved_apart_within_the_frame() -> None:
    placed = spread([50.0, 51.0, 199.0, 199.5], 12.0, 20.0, 200.0)
    assert all(
        b - a >= 12.0 - 1e-9 for a, b in zip(sorted(placed), sorted(placed)[1:], strict=False)
    )
    assert max(placed) <= 200.0
    assert spread([], 12.0, 0.0, 1.0) == []


def test_numbers_are_named_as_people_do() -> None:
    assert [number(v) for v in (0.5, 20.0, 1000.0, 12_000.0)] == ["0.5", "20", "1,000", "12k"]


def test_a_path_lifts_the_pen_over_gaps() -> None:
    assert path([(0, 1), (1, float("nan")), (2, 3)]) == "M0.0 1.0M2.0 3.0"
