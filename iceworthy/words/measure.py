"""Numbers of a verdict: the measured figures and their limits.

Claim: a Measure holds the number, so that two runs can be subtracted; its text is made from it by
`figure_text`, and a Limit's by `limit_text`, nowhere else. For example
    Measure(name="p95", value=3.81, unit="ms", low=3.7, high=3.9, shown=PERCENTILE)
is shown as "p95 3.8 ms [3.7, 3.9]".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Limit", "Measure"]

Number = int | float
Relation = Literal["<", "<=", ">=", "all"]

PERCENTILE = "{name} {value} {unit} {interval}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measured number.

    name: of the figure, the same in every run ("p95", "dropped"); unique within a verdict.
    value: None where there is no number (a node that never became ready).
    unit: "ms", "s", or the counted things ("requests").
    low, high: the 95 % interval, in the same unit; infinite where the samples give no such bound,
    None where no interval is known.
    of: the count that `value` is a part of; None where there is no such count.
    decimals: digits of the text of a float. shown: the text, with {name}, {value}, {unit}, {of},
    {low}, {high} and {interval} in it; "" keeps the number out of the text. without: the text
    where `value` is None.
    """

    name: str
    value: Number | None
    unit: str
    low: float | None = None
    high: float | None = None
    of: int | None = None
    decimals: int = 1
    shown: str = "{value} {unit}"
    without: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The limit of the Measure with the same name.

    relation: how the measured number must stand to `value`; "all": it must equal its Measure's
    `of`, and `value` is None. shown: as in Measure, with {name}, {value}, {unit} and {relation}.
    """

    name: str
    relation: Relation
    value: Number | None = None
    unit: str = ""
    shown: str = "{value} {unit}"


def figure_text(measures: Iterable[Measure]) -> str:
    """The measured numbers in one line; "" for none."""
    texts = (
        measure.without
        if measure.value is None
        else measure.shown.format(
            name=measure.name,
            value=_number(measure.value, measure.decimals),
            unit=measure.unit,
            of=_number(measure.of, 0),
            low=_number(measure.low, measure.decimals),
            high=_number(measure.high, measure.decimals),
            interval=_interval(measure),
        )
        for measure in measures
        if measure.shown
    )
    return ", ".join(texts)


def _interval(measure: Measure) -> str:
    low, high = (_number(bound, measure.decimals) for bound in (measure.low, measure.high))
    return f"[{low}, {high}]"


def limit_text(limits: Iterable[Limit]) -> str:
    """The limits in one line; "" for none."""
    texts = (
        limit.shown.format(
            name=limit.name, value=_bound(limit.value), unit=limit.unit, relation=limit.relation
        )
        for limit in limits
        if limit.shown
    )
    return ", ".join(texts)


def as_object(figure: Measure | Limit) -> dict[str, Any]:
    """Its numbers, as verdicts.json holds them: without the text."""
    if isinstance(figure, Limit):
        return {
            "name": figure.name,
            "relation": figure.relation,
            "value": figure.value,
            "unit": figure.unit,
        }
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "low": figure.low,
        "high": figure.high,
        "of": figure.of,
    }


def _number(value: Number | None, decimals: int) -> str:
    if value is None or not math.isfinite(value):
        return "?"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{decimals}f}"


def _bound(value: Number | None) -> str:
    if value is None:
        return "all"
    return f"{int(value):,}" if value == int(value) else f"{value:g}"
