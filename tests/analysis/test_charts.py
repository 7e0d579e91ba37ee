"""Charts: well-formed, within their frame, with the numbers they draw beside them."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import numpy as np

from analysis.charts import Look, over_time, percentiles, stacked
from analysis.series import Band, Series

XS = np.arange(0.5, 10.0)
LOOK = Look(title="a <b> & c", unit="ms", log_y=True)


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_a_chart_is_well_formed_and_escapes_its_title() -> None:
    series = Series(xs=XS, lines={"p50": XS * 2, "p99": XS * 20})
    svg = over_time(series, LOOK, [Band(label="cut <x>", start_s=3.0, end_s=5.0)])
    root = drawn(svg)
    assert root.get("aria-label") == "a <b> & c"
    assert any(e.get("class") == "band" for e in root.iter())
    data = json.loads(root.get("data-chart", ""))
    assert data["lines"]["p50"] == (XS * 2).round(2).tolist()
    assert len(data["px"]) == len(data["at"]) == len(XS)


def test_gaps_break_the_line_and_are_null_in_the_data() -> None:
    values = np.array([1.0, np.nan, 3.0])
    svg = over_time(Series(xs=XS[:3], lines={"a": values}), Look(title="t", unit=""))
    assert json.loads(drawn(svg).get("data-chart", ""))["lines"]["a"] == [1.0, None, 3.0]
    assert len(re.findall(r'd="M[^"]*M', svg)) == 1
    assert "nan" not in svg.replace('data-chart="', "").lower()


def test_nothing_is_drawn_outside_of_the_span() -> None:
    series = Series(xs=np.array([-5.0, 1.0, 99.0]), lines={"a": np.array([7.0, 1.0, 7.0])})
    data = drawn(over_time(series, Look(title="t", unit=""), span=(0.0, 10.0))).get(
        "data-chart", ""
    )
    assert json.loads(data)["lines"]["a"] == [1.0]


def test_no_values_are_no_chart() -> None:
    empty = Series(xs=np.empty(0), lines={})
    assert over_time(empty, LOOK) == ""
    assert stacked(empty, LOOK) == ""
    assert percentiles({}, LOOK) == ""
    assert over_time(Series(xs=XS, lines={"a": np.full(len(XS), np.nan)}), LOOK) == ""


def test_stacked_bars_stand_on_each_other_and_leave_out_what_never_was() -> None:
    ones, none = np.ones(len(XS)), np.zeros(len(XS))
    svg = stacked(
        Series(xs=XS, lines={"2xx": ones, "404": none, "5xx": ones}), Look(title="t", unit="/s")
    )
    bars = [e for e in drawn(svg).iter() if str(e.get("class")).startswith("bar")]
    assert len(bars) == 2 * len(XS) + 2  # and one in the key for each class
    assert "404" not in svg
    lower = next(b for b in bars if b.get("class") == "bar o0")
    upper = next(b for b in bars if b.get("class") == "bar o2")
    top = float(upper.get("y", "0")) + float(upper.get("height", "0"))
    assert abs(top - float(lower.get("y", "0"))) < 0.2


def test_all_zero_and_constant_series_can_be_drawn() -> None:
    for value in (0.0, 5.0, 1e-9, 1e9):
        series = Series(xs=XS, lines={"a": np.full(len(XS), value)})
        for log_y in (False, True):
            drawn(over_time(series, Look(title="t", unit="", log_y=log_y)))
