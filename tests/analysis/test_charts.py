"""Charts: well-formed, within their frame, with the numbers they draw beside them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from analysis import charts
from analysis.charts import Look, over_time, percentiles, stacked
from analysis.series import Band, Series

XS = np.arange(0.5, 10.0)
LOOK = Look(title="a <b> & c", unit="ms", log_y=True)


def drawn(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(html)


def values_of(html: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(drawn(html).get("data-chart", ""))
    return found


def words_of(html: str) -> str:
    return " ".join(drawn(html).itertext())


def test_a_chart_is_well_formed_and_escapes_its_title() -> None:
    series = Series(xs=XS, lines={"p50": XS * 2, "p99": XS * 20})
    html = over_time(series, LOOK, [Band(label="cut <x>", start_s=3.0, end_s=5.0)])
    plot = next(e for e in drawn(html).iter() if e.get("class") == "plot")
    assert plot.get("aria-label") == (
        "a <b> & c; p50: 1 to 19 ms; p99: 10 to 190 ms"  # the least and the greatest of each
    )
    assert any(e.get("class") == "band" for e in drawn(html).iter())
    assert "cut <x>, 3.0–5.0 s" in words_of(html)
    data = values_of(html)
    assert data["lines"]["p50"] == (XS * 2).round(2).tolist()
    assert data["at"] == XS.tolist()
    assert data["ends"] == [0, 10]


def test_names_of_bands_never_stand_over_each_other_and_all_are_in_the_key() -> None:
    near = [
        Band(label="kill, node 0", start_s=1.0, end_s=2.0),
        Band(label="kill, node 1", start_s=1.5, end_s=2.5),
        Band(label="kill, node 2", start_s=9.0, end_s=9.4),
    ]
    html = over_time(Series(xs=XS, lines={"a": XS}), Look(title="t", unit=""), near)
    named = [e.text for e in drawn(html).iter() if e.get("class") == "band-name"]
    assert named == ["kill, node 0", "kill, node 2"]
    assert all(f"{band.label}, " in words_of(html) for band in near)
    outside = [Band(label="after the load", start_s=99.0, end_s=100.0)]
    html = over_time(Series(xs=XS, lines={"a": XS}), Look(title="t", unit=""), outside)
    assert "after the load" not in words_of(html)


def test_gaps_break_the_line_and_are_null_in_the_data() -> None:
    values = np.array([1.0, np.nan, 3.0])
    svg = over_time(Series(xs=XS[:3], lines={"a": values}), Look(title="t", unit=""))
    assert values_of(svg)["lines"]["a"] == [1.0, None, 3.0]
    assert len(re.findall(r'class="line s0" d="M[^"]*M', svg)) == 1
    assert "nan" not in svg.replace('data-chart="', "").lower()


def test_nothing_is_drawn_outside_of_the_span() -> None:
    series = Series(xs=np.array([-5.0, 1.0, 99.0]), lines={"a": np.array([7.0, 1.0, 7.0])})
    html = over_time(series, Look(title="t", unit=""), span=(0.0, 10.0))
    assert values_of(html)["lines"]["a"] == [1.0]


def test_no_values_are_no_chart() -> None:
    empty = Series(xs=np.empty(0), lines={})
    assert over_time(empty, LOOK) == ""
    assert stacked(empty, LOOK) == ""
    assert percentiles({}, LOOK) == ""
    assert over_time(Series(xs=XS, lines={"a": np.full(len(XS), np.nan)}), LOOK) == ""


def test_the_limit_of_a_percentile_ends_at_its_share() -> None:
    curve = {"reads": (np.array([1.0, 10.0, 100.0]), np.array([2.0, 5.0, 9.0]))}
    whole = percentiles(curve, replace(LOOK, log_y=True, limit=(50.0, "SC-003: 50 ms")))
    ends = percentiles(
        curve, replace(LOOK, log_y=True, limit=(50.0, "SC-003: 50 ms"), limit_until=20.0)
    )
    assert whole.count('class="limit"') == 1
    assert 'x2="100%"' in whole[whole.index('class="limit"') - 80 :]
    assert ends.count('class="limit"') == 2
    assert "SC-003: 50 ms" in ends


def test_stacked_bars_stand_on_each_other_and_leave_out_what_never_was() -> None:
    ones, none = np.ones(len(XS)), np.zeros(len(XS))
    svg = stacked(
        Series(xs=XS, lines={"2xx": ones, "404": none, "5xx": ones}), Look(title="t", unit="/s")
    )
    assert "404" not in words_of(svg)
    lower, upper = (
        next(
            e.get("d", "")
            for e in drawn(svg).iter()
            if e.get("class") == f"bar o{i}" and len(e.get("d", "")) > 40
        )
        for i in (0, 2)
    )
    assert lower.count("z") == upper.count("z") == len(XS)
    tops = re.findall(r"M\d+ (\d+)H", lower)
    assert tops == re.findall(r"V(\d+)H", upper)  # each stands on the one below


def test_all_zero_and_constant_series_can_be_drawn() -> None:
    for value in (0.0, 5.0, 1e-9, 1e9):
        series = Series(xs=XS, lines={"a": np.full(len(XS), value)})
        for log_y in (False, True):
            drawn(over_time(series, Look(title="t", unit="", log_y=log_y)))


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG defines it: what is left of a colour in grey."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return sum(share * v for share, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_bars_of_two_classes_differ_in_grey_too() -> None:
    css = Path(charts.__file__).with_name("report.css").read_text(encoding="utf-8")
    schemes = re.findall("".join(rf"--o{i}:(#[0-9a-f]{{6}})[;}}]" for i in range(6)), css)
    assert len(schemes) == 3  # light, dark, printed
    for colours in schemes:
        ranked = sorted(luminance(colour) + 0.05 for colour in colours)
        ratios = [b / a for a, b in pairwise(ranked)]
        assert min(ratios) >= 1.4, (colours, ratios)
