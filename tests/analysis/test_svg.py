"""Scales: round ticks, everything within the frame."""

from __future__ import annotations

import pytest

from analysis.svg import Scale, bar, dots, number, path, rect, round_step, round_up, rules, text


@pytest.mark.parametrize(
    ("raw", "step"), [(0.3, 0.5), (1.0, 1), (1.1, 2), (30, 50), (700, 1000), (0, 1)]
)
def test_steps_are_round(raw: float, step: float) -> None:
    assert round_step(raw) == pytest.approx(step)


def test_a_linear_scale_has_round_ticks_within_itself() -> None:
    scale = Scale(low=0.0, high=round_up(87.0), start=200.0, end=20.0)
    assert scale.ticks() == [0, 20, 40, 60, 80, 100]
    assert scale(0.0) == 200.0
    assert scale(1e9) == 20.0


def test_a_log_scale_ticks_at_powers() -> None:
    scale = Scale(low=1.0, high=10_000.0, start=0.0, end=100.0, log=True)
    assert scale.ticks() == [1, 10, 100, 1000, 10_000]
    assert scale(100.0) == pytest.approx(50.0)
    assert scale(0.0) == 0.0


def test_places_are_shares_of_the_plot_so_that_it_fits_any_width() -> None:
    assert rect(125.0, 0.0, 250.0, 1000.0, "band") == (
        '<rect class="band" x="12.5%" y="0%" width="25%" height="100%"/>'
    )
    assert 'width="0%"' in rect(0.0, 0.0, -5.0, 1.0, "band")
    said = text(500.0, 1000.0, "a < b", "tick", "end", (0, 17))
    assert said == '<text class="tick" x="50%" y="100%" dy="17" text-anchor="end">a &lt; b</text>'


def test_bars_are_closed_and_dots_have_no_length() -> None:
    assert bar(10.0, 200.0, 20.0, 1000.0) == "M10 200H20V1000H10z"
    assert dots([(1, 3), (5, 6)]) == "m1 3h0m4 3h0"
    column = [(1, 10), (1, 11), (1, 12), (1, 14), (2, 6)]
    assert dots(column) == "m1 10v2m0 2h0m1-8h0"


def test_lines_of_a_frame_are_one_path() -> None:
    assert rules([(0, 500, 1000, 0), (20, 1000, 0, 22)]) == "M0 500h1000M20 1000v22"


def test_numbers_are_named_as_people_do() -> None:
    assert [number(v) for v in (0.5, 20.0, 1000.0, 12_000.0)] == ["0.5", "20", "1,000", "12k"]


def test_a_path_lifts_the_pen_over_gaps() -> None:
    assert path([(0, 1), (1, float("nan")), (2, 3)]) == "M0 1M2 3"


def test_a_path_goes_on_from_each_point_without_the_errors_of_rounding_adding_up() -> None:
    assert path([(0, 1), (10, 5), (20.4, 2.6), (30.8, 2.6)]) == "M0 1l10 4 10-2 11 0"
