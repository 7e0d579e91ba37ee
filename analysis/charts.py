"""Charts of a run as inline SVG: lines over time with fault bands, percentile curves, stacked bars.

Claim: a chart draws exactly the series that it is given. The same numbers stand in the chart's data
attribute; the report page shows them when the pointer is over the chart.
What this does NOT show: anything between two points.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from analysis.report_html import esc
from analysis.series import Band, Floats, Series
from analysis.svg import Scale, line, number, path, rect, round_up, spread, text

HEIGHT = 220
TOP, BOTTOM, LEFT = 22, 30, 46
LABEL_GAP = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Title, size and scale of a chart. limit: a value to mark, with its name."""

    title: str
    unit: str
    width: int = 460
    log_y: bool = False
    right: int = 74
    limit: tuple[float, str] | None = None


def _frame(look: Look, x: Scale, y: Scale, x_name: str, bands: Sequence[Band]) -> list[str]:
    """Fault bands, grid, ticks and title: everything but the data."""
    left, right, foot = LEFT, look.width - look.right, HEIGHT - BOTTOM
    parts = []
    for band in bands:
        from_px, to_px = x(band.start_s), x(band.end_s)
        if to_px <= left or from_px >= right:
            continue
        parts.append(rect(from_px, TOP, max(to_px - from_px, 1.5), foot - TOP, "band"))
        parts.append(line(from_px, TOP, from_px, foot, "edge"))
    for tick in y.ticks():
        parts.append(line(left, y(tick), right, y(tick), "grid"))
        parts.append(text(left - 6, y(tick) + 3.5, number(tick), anchor="end"))
    for tick in x.ticks(8):
        name = f"{100 - 100 / tick:.6g}%" if x.log else number(tick)
        parts.append(line(x(tick), foot, x(tick), foot + 4, "axis"))
        parts.append(text(x(tick), foot + 15, name, anchor="middle"))
    parts.append(line(left, foot, right, foot, "axis"))
    parts.append(text(right, HEIGHT - 3, x_name, "name", "end"))
    parts.append(text(2, 12, f"{look.title}", "title"))
    if look.limit is not None and y.low <= look.limit[0] <= y.high:
        at = y(look.limit[0])
        parts.append(line(left, at, right, at, "limit"))
        parts.append(text(left + 4, at - 4, look.limit[1], "limit-name"))
    return parts


def _close(
    look: Look, parts: list[str], x: Scale, data: dict[str, object], bands: Sequence[Band]
) -> str:
    free_px = float(LEFT)
    for band in bands:  # names above the data, so that nothing covers them; none over another
        from_px = max(x(band.start_s), float(LEFT))
        if free_px <= from_px < look.width - look.right - 20:
            parts.append(text(from_px + 3, TOP + 10, band.label, "band-name"))
            free_px = from_px + 6.2 * len(band.label)
    facts = escape(json.dumps(data, separators=(",", ":")), quote=True)
    return (
        f'<svg class="chart" viewBox="0 0 {look.width} {HEIGHT}" role="img" '
        f'aria-label="{esc(look.title)}" data-chart="{facts}">'
        f"{''.join(parts)}<line class='cursor' y1='{TOP}' y2='{HEIGHT - BOTTOM}'/></svg>"
    )


def _values(values: Floats) -> list[float | None]:
    return [round(float(v), 2) if math.isfinite(v) else None for v in values]


def _data(look: Look, x: Scale, xs: Floats, lines: dict[str, Floats]) -> dict[str, object]:
    return {
        "unit": look.unit,
        "width": look.width,
        "px": [round(x(float(v)), 1) for v in xs],
        "at": [f"{100 - 100 / v:.6g} %" if x.log else f"{v:g} s" for v in xs.tolist()],
        "lines": {name: _values(values) for name, values in lines.items()},
    }


def _y_scale(look: Look, values: list[float]) -> Scale:
    most = max(values, default=1.0)
    if look.limit is not None:
        most = max(most, look.limit[0] * 1.1)
    foot = HEIGHT - BOTTOM
    if look.log_y:
        least = min((v for v in values if v > 0), default=1.0)
        low = 10.0 ** math.floor(math.log10(least))
        high = max(10.0 ** math.ceil(math.log10(max(most, low * 1.01))), low * 10)
        return Scale(low=low, high=high, start_px=foot, end_px=TOP, log=True)
    return Scale(low=0.0, high=round_up(most * 1.02 or 1.0), start_px=foot, end_px=TOP)


def _within(series: Series, span: tuple[float, float]) -> Series:
    """The points inside the span; a line without a point there is left out."""
    inside = (series.xs >= span[0]) & (series.xs <= span[1])
    lines = {n: values[inside] for n, values in series.lines.items()}
    return Series(
        xs=series.xs[inside], lines={n: v for n, v in lines.items() if np.isfinite(v).any()}
    )


def _finite(lines: dict[str, Floats]) -> list[float]:
    return [float(v) for values in lines.values() for v in values if math.isfinite(v)]


def _drawn(lines: dict[str, tuple[Floats, Floats]], x: Scale, y: Scale, right: float) -> list[str]:
    """The lines, each with its name at its last point."""
    parts = []
    ends: list[tuple[str, int, float]] = []
    for i, (name, (xs, values)) in enumerate(lines.items()):
        points = [
            (x(float(a)), y(float(b)) if math.isfinite(b) else math.nan)
            for a, b in zip(xs, values, strict=True)
        ]
        parts.append(f'<path class="line s{i % 8}" d="{path(points)}"/>')
        known = [py for _, py in points if math.isfinite(py)]
        if known:
            ends.append((name, i % 8, known[-1]))
    places = spread([end for _, _, end in ends], LABEL_GAP, TOP + 4, HEIGHT - BOTTOM)
    for (name, i, _), at in zip(ends, places, strict=True):
        parts.append(line(right + 3, at - 3, right + 12, at - 3, f"line s{i}"))
        parts.append(text(right + 15, at, name, f"label t{i}"))
    return parts


def over_time(
    series: Series, look: Look, bands: Sequence[Band] = (), span: tuple[float, float] | None = None
) -> str:
    """Lines over seconds; "" when there is nothing to draw."""
    if span is not None:
        series = _within(series, span)
    if not len(series.xs) or not _finite(series.lines):
        return ""
    right = look.width - look.right
    low, high = span or (min(0.0, float(series.xs[0])), float(series.xs[-1]) + 0.5)
    x = Scale(low=low, high=max(high, low + 1.0), start_px=LEFT, end_px=right)
    y = _y_scale(look, _finite(series.lines))
    parts = _frame(look, x, y, "seconds", bands)
    parts += _drawn({n: (series.xs, v) for n, v in series.lines.items()}, x, y, right)
    return _close(look, parts, x, _data(look, x, series.xs, series.lines), bands)


def percentiles(curves: dict[str, tuple[Floats, Floats]], look: Look) -> str:
    """Latency over quantile; the axis is logarithmic in 1 - quantile, so that the slow tail is
    wide.
    """
    if not curves:
        return ""
    right = look.width - look.right
    most = max(float(beyond[-1]) for beyond, _ in curves.values())
    x = Scale(low=1.0, high=max(most, 10.0), start_px=LEFT, end_px=right, log=True)
    y = _y_scale(look, [float(v) for _, values in curves.values() for v in values])
    parts = _frame(look, x, y, "share of operations at or below", ())
    parts += _drawn(curves, x, y, right)
    grid = max((beyond for beyond, _ in curves.values()), key=len)
    lines = {
        name: np.interp(np.log(grid), np.log(beyond), values, right=np.nan)
        for name, (beyond, values) in curves.items()
    }
    return _close(look, parts, x, _data(look, x, grid, lines), ())


def stacked(
    series: Series, look: Look, bands: Sequence[Band] = (), span: tuple[float, float] | None = None
) -> str:
    """Bars over seconds, the series on top of each other; a series of zeros is left out."""
    lines = {name: values for name, values in series.lines.items() if values.any()}
    if not lines:
        return ""
    right = look.width - look.right
    width_s = float(series.xs[1] - series.xs[0]) if len(series.xs) > 1 else 1.0
    low, high = span or (min(0.0, float(series.xs[0])), float(series.xs[-1]) + width_s / 2)
    x = Scale(low=low, high=max(high, low + 1.0), start_px=LEFT, end_px=right)
    total = np.sum(list(lines.values()), axis=0)
    y = _y_scale(look, [float(v) for v in total])
    parts = _frame(look, x, y, "seconds", bands)
    floor = np.zeros(len(series.xs))
    names = list(series.lines)
    for name, values in lines.items():
        kind = f"bar o{names.index(name)}"
        for at, base, value in zip(
            series.xs.tolist(), floor.tolist(), values.tolist(), strict=True
        ):
            if value > 0:
                from_px, to_px = x(at - width_s / 2), x(at + width_s / 2)
                parts.append(
                    rect(
                        from_px + 0.4,
                        y(base + value),
                        to_px - from_px - 0.8,
                        y(base) - y(base + value),
                        kind,
                    )
                )
        floor = floor + values
    for i, name in enumerate(reversed(lines)):
        at = TOP + 10 + i * 16
        parts.append(rect(right + 6, at - 8, 10, 10, f"bar o{names.index(name)}"))
        parts.append(text(right + 20, at + 1, name, "label"))
    return _close(look, parts, x, _data(look, x, series.xs, lines), bands)
