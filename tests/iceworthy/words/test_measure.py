"""A measure keeps its numbers; its text is made of them."""

from __future__ import annotations

import math

import pytest

from iceworthy.words.measure import (
    PERCENTILE,
    Limit,
    Measure,
    as_object,
    figure_text,
    limit_text,
)

DROPPED = Measure(
    name="dropped", value=0, unit="requests", of=1062, shown="{value} dropped of {of} in flight"
)


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (
            Measure(name="p95", value=3.81, unit="ms", low=3.7, high=3.94, shown=PERCENTILE),
            "p95 3.8 ms [3.7, 3.9]",
        ),
        (
            Measure(name="p95", value=3.81, unit="ms", low=-math.inf, high=9.0, shown=PERCENTILE),
            "p95 3.8 ms [?, 9.0]",
        ),
        (DROPPED, "0 dropped of 1,062 in flight"),
        (Measure(name="slowest", value=1.5, unit="s", decimals=2), "1.50 s"),
        (Measure(name="slowest", value=None, unit="s", without="never"), "never"),
        (Measure(name="errors", value=3, unit="errors", shown=""), ""),
    ],
)
def test_the_text_is_made_of_the_numbers(measure: Measure, text: str) -> None:
    assert figure_text([measure]) == text


def test_several_measures_and_limits_make_one_line() -> None:
    errors = Measure(name="errors", value=3, unit="errors")
    hidden = Measure(name="late", value=3, unit="errors", shown="")
    assert figure_text([DROPPED, hidden, errors]) == "0 dropped of 1,062 in flight, 3 errors"
    limits = (
        Limit(name="connections", relation=">=", value=1000, shown="{value} at one moment"),
        Limit(name="p95", relation="<", value=0.5, unit="ms", shown="{name} {relation} {value}"),
        Limit(name="ready", relation="all", shown="all ready"),
    )
    assert limit_text(limits) == "1,000 at one moment, p95 < 0.5, all ready"
    assert figure_text([]) == limit_text([]) == ""


def test_the_object_holds_the_numbers_and_no_text() -> None:
    assert as_object(DROPPED) == {
        "name": "dropped",
        "value": 0,
        "unit": "requests",
        "low": None,
        "high": None,
        "of": 1062,
    }
    limit = as_object(Limit(name="ready", relation="all", shown="all ready"))
    assert limit == {"name": "ready", "relation": "all", "value": None, "unit": ""}
