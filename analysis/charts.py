"""Charts of a run as inline SVG: lines over time with fault bands, percentile curves, stacked bars.

Claim: a chart draws exactly the series that it is given. The same numbers stand in the chart's data
attribute; the page reads them out at each place, under the pointer or with the arrow keys, and
lists them in a table on demand.
What this does NOT show: anything between two points.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from analysis.report_html import esc
from analysis.series import Band, Floats, Series
from analysis.svg import SIZE, Scale, bar, line, number, path, rect, round_up, rules, text

COLOURS = 8
TICK = 22.0  # thousandths of a plot's height
TOP = 60.0  # thousandths kept free above the data, where the names of the bands stand
LETTER = 26.0  # thousandths of a narrow plot that one letter of a band's name needs
NAME_MOST = 640.0  # a band that begins further right has its name to the left of its start


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Title and scale of a chart. limit: a value to mark, with its name. limit_until: the x up to
    which it holds, None for all (example: 20 of a percentile chart, 95 %). small: less high, and
    the bands are left out of the key (they stand in that of the first chart).
    """

    title: str
    unit: str
    log_y: bool = False
    limit: tuple[float, str] | None = None
    limit_until: float | None = None
    small: bool = False


def _bands(x: Scale, bands: Sequence[Band]) -> str:
    """The fault bands, behind everything."""
    parts = []
    for band in bands:
        left, right = x(band.start_s), x(band.end_s)
        parts.append(rect(left, 0, max(right - left, 3.0), SIZE, "band"))
        parts.append(line(left, 0, left, SIZE, "edge"))
    return "".join(parts)


def _frame(x: Scale, y: Scale) -> str:
    """Grid and axes."""
    grid = rules((0, y(tick), SIZE, 0) for tick in y.ticks())
    axes = rules([*((x(tick), SIZE, 0, TICK) for tick in x.ticks()), (0, SIZE, SIZE, 0)])
    return f'<path class="grid" d="{grid}"/><path class="axis" d="{axes}"/>'


def _ticks(x: Scale, y: Scale, x_name: str) -> str:
    """The values at the axes. The style of a group says where its texts stand from their places."""
    up = "".join(text(0, y(tick), number(tick)) for tick in y.ticks())
    names = ((tick, f"{100 - 100 / tick:.6g}%" if x.log else number(tick)) for tick in x.ticks())
    across = "".join(text(x(tick), 0, name) for tick, name in names)
    below = text(SIZE, 0, x_name, "name")
    return f'<g class="ys">{up}</g><svg y="100%"><g class="xs">{across}{below}</g></svg>'


def _names(bands: Sequence[Band], x: Scale) -> list[str]:
    """The bands' names above the data, as far as none would stand over another; the key has all."""
    parts = []
    free = 0.0
    for band in bands:
        left, needs = x(band.start_s), LETTER * len(band.label)
        if not x.low <= band.start_s < x.high:
            continue
        if left >= NAME_MOST:
            if left - needs >= free:
                parts.append(text(left, 0, band.label, "band-name", "end", (-4, 11)))
                free = left
        elif left >= free:
            parts.append(text(left, 0, band.label, "band-name", shift=(4, 11)))
            free = left + needs
    return parts


def _limit(look: Look, x: Scale, y: Scale) -> list[str]:
    """The line of the limit with its name; with an end, a curve must leave below its right end."""
    if look.limit is None or not y.low <= look.limit[0] <= y.high:
        return []
    at = y(look.limit[0])
    name = text(0, at, look.limit[1], "limit-name", shift=(4, -5))
    if look.limit_until is None:
        return [line(0, at, SIZE, at, "limit"), name]
    end = min(x(look.limit_until), SIZE)
    return [line(0, at, end, at, "limit"), line(end, TOP, end, at, "limit"), name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What a chart is put together from. marks: the `d` and the class of each path; key: the class
    and the name of each series, filled or not; values: for the reader, see _values_at; grid: how
    many places the marks have across and up, where they are not thousandths.
    """

    marks: Sequence[tuple[str, str]]
    key: Sequence[tuple[str, str]]
    values: Mapping[str, object]
    x_name: str
    grid: tuple[int, int] | None = None


def figure(look: Look, drawing: Drawing, x: Scale, y: Scale, bands: Sequence[Band] = ()) -> str:
    """The whole chart as HTML: title, key, plot, and the values in its data attribute."""
    paths = "".join(f'<path class="{kind}" d="{d}"/>' for d, kind in drawing.marks if d)
    if drawing.grid:
        across, up = (SIZE / places for places in drawing.grid)
        paths = f'<g transform="scale({across:g} {up:g})">{paths}</g>'
    known = [band for band in bands if band.end_s > x.low and band.start_s < x.high]
    plot = "".join(
        (
            _bands(x, known),
            f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none">{_frame(x, y)}{paths}</svg>',
            *_limit(look, x, y),
            *_names(known, x),
            _ticks(x, y, drawing.x_name),
        )
    )
    entries = [(f'<path class="{kind}" d="{_swatch(kind)}"/>', name) for kind, name in drawing.key]
    entries += [
        ('<path class="band" d="M0 0h18v10h-18z"/>', f"{b.label}, {b.start_s:.1f}–{b.end_s:.1f} s")
        for b in known
        if not look.small
    ]
    key = "".join(
        f'<li><svg aria-hidden="true">{swatch}</svg>{esc(name)}</li>' for swatch, name in entries
    )
    # In single quotes, since the text is full of double ones, which would be six letters each.
    facts = escape(json.dumps(drawing.values, separators=(",", ":")), quote=False)
    facts = facts.replace("'", "&#x27;")
    return (
        f'<figure class="chart{" small" if look.small else ""}" '
        f"data-chart='{facts}'>"
        f'<figcaption>{esc(look.title)}</figcaption><ul class="key">{key}</ul>'
        f'<div class="plot" role="img" aria-label="{esc(_said(look, drawing))}">'
        f'<svg aria-hidden="true">{plot}</svg></div></figure>'
    )


def _swatch(kind: str) -> str:
    return "M0 0h18v10h-18z" if kind.startswith("bar") else "M0 5h18"


def _said(look: Look, drawing: Drawing) -> str:
    """The chart in one sentence: of each line, the least and the greatest value."""
    lines = drawing.values["lines"]
    assert isinstance(lines, dict)
    said = [look.title]
    for name, values in lines.items():
        known = [value for value in values if value is not None]
        if known:
            said.append(f"{name}: {min(known):g} to {max(known):g} {look.unit}".rstrip())
    return "; ".join(said)


def _short(value: float) -> float:
    """At most two decimals, and no ".0"."""
    rounded = round(value, 2)
    return int(rounded) if rounded.is_integer() else rounded


def _values(values: Floats) -> list[float | None]:
    return [_short(float(v)) if math.isfinite(v) else None for v in values]


def values_at(look: Look, x: Scale, xs: Floats, lines: Mapping[str, Floats]) -> dict[str, object]:
    """For the page's script: the points' seconds between the ends of the axis, and the values
    there; of a logarithmic axis the names of the points and their places in thousandths."""
    if x.log:
        names = [f"{100 - 100 / v:.6g} %" for v in xs.tolist()]
        at: dict[str, object] = {"x": [round(x(float(v))) for v in xs], "at": names}
    else:
        ends = [round(x.low, 3), round(x.high, 3)]
        at = {"ends": ends, "at": [round(float(v), 3) for v in xs], "after": " s"}
    return {"unit": look.unit, **at, "lines": {n: _values(values) for n, values in lines.items()}}


def y_scale(look: Look, values: Sequence[float]) -> Scale:
    """The y axis: from 0, or logarithmic over whole powers of ten; a limit is on it."""
    most = max(values, default=1.0)
    if look.limit is not None:
        most = max(most, look.limit[0] * 1.1)
    if look.log_y:
        least = min((v for v in values if v > 0), default=1.0)
        low = 10.0 ** math.floor(math.log10(least))
        high = max(10.0 ** math.ceil(math.log10(max(most, low * 1.01))), low * 10)
        return Scale(low=low, high=high, start=SIZE, end=TOP, log=True)
    return Scale(low=0.0, high=round_up(most * 1.02 or 1.0), start=SIZE, end=TOP)


def _within(series: Series, span: tuple[float, float]) -> Series:
    """The points inside the span; a line without a point there is left out."""
    inside = (series.xs >= span[0]) & (series.xs <= span[1])
    lines = {n: values[inside] for n, values in series.lines.items()}
    return Series(
        xs=series.xs[inside], lines={n: v for n, v in lines.items() if np.isfinite(v).any()}
    )


def _finite(lines: Mapping[str, Floats]) -> list[float]:
    return [float(v) for values in lines.values() for v in values if math.isfinite(v)]


def _drawn(
    lines: Mapping[str, tuple[Floats, Floats]], x: Scale, y: Scale
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Marks and key of lines."""
    marks, key = [], []
    for i, (name, (xs, values)) in enumerate(lines.items()):
        points = (
            (x(float(a)), y(float(b)) if math.isfinite(b) else math.nan)
            for a, b in zip(xs, values, strict=True)
        )
        kind = f"line s{i % COLOURS}"
        marks.append((path(points), kind))
        key.append((kind, name))
    return marks, key


def over_time(
    series: Series, look: Look, bands: Sequence[Band] = (), span: tuple[float, float] | None = None
) -> str:
    """Lines over seconds; "" when there is nothing to draw."""
    if span is not None:
        series = _within(series, span)
    if not len(series.xs) or not _finite(series.lines):
        return ""
    low, high = span or (min(0.0, float(series.xs[0])), float(series.xs[-1]) + 0.5)
    x = Scale(low=low, high=max(high, low + 1.0), start=0.0, end=SIZE)
    y = y_scale(look, _finite(series.lines))
    marks, key = _drawn({n: (series.xs, v) for n, v in series.lines.items()}, x, y)
    values = values_at(look, x, series.xs, series.lines)
    return figure(look, Drawing(marks=marks, key=key, values=values, x_name="seconds"), x, y, bands)


def percentiles(curves: Mapping[str, tuple[Floats, Floats]], look: Look) -> str:
    """Latency over quantile; the axis is logarithmic in 1 - quantile, so that the slow tail is
    wide.
    """
    if not curves:
        return ""
    most = max(float(beyond[-1]) for beyond, _ in curves.values())
    x = Scale(low=1.0, high=max(most, 10.0), start=0.0, end=SIZE, log=True)
    y = y_scale(look, [float(v) for _, values in curves.values() for v in values])
    marks, key = _drawn(curves, x, y)
    grid = max((beyond for beyond, _ in curves.values()), key=len)
    lines = {
        name: np.interp(np.log(grid), np.log(beyond), values, right=np.nan)
        for name, (beyond, values) in curves.items()
    }
    values = values_at(look, x, grid, lines)
    named = "share of operations at or below"
    return figure(look, Drawing(marks=marks, key=key, values=values, x_name=named), x, y)


def stacked(
    series: Series, look: Look, bands: Sequence[Band] = (), span: tuple[float, float] | None = None
) -> str:
    """Bars over seconds, the series on top of each other; a series of zeros is left out."""
    names = list(series.lines)
    width_s = float(series.xs[1] - series.xs[0]) if len(series.xs) > 1 else 1.0
    if span is not None:
        series = _within(series, span)
    lines = {name: values for name, values in series.lines.items() if values.any()}
    if not lines:
        return ""
    low, high = span or (min(0.0, float(series.xs[0])), float(series.xs[-1]) + width_s / 2)
    x = Scale(low=low, high=max(high, low + 1.0), start=0.0, end=SIZE)
    y = y_scale(look, [float(v) for v in np.sum(list(lines.values()), axis=0)])
    floor = np.zeros(len(series.xs))
    marks, key = [], []
    for name, values in lines.items():
        kind = f"bar o{names.index(name)}"
        bars = (
            bar(x(at - width_s / 2) + 1, y(base + value), x(at + width_s / 2) - 1, y(base))
            for at, base, value in zip(series.xs.tolist(), floor.tolist(), values, strict=True)
            if value > 0
        )
        marks.append(("".join(bars), kind))
        key.append((kind, name))
        floor = floor + values
    spoken = values_at(look, x, series.xs, lines)
    return figure(
        look, Drawing(marks=marks, key=key[::-1], values=spoken, x_name="seconds"), x, y, bands
    )
