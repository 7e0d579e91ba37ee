"""The parts of every chart: scales with round ticks, paths, axes. Returns text only.

A chart fits any width: places are thousandths of the plot's width and height, which the page
stretches, while letters and strokes keep their size. Colours are CSS variables (--c0 …), so that
one drawing fits a light and a dark page. Every line also has a dash pattern, so that colour never
carries information alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.report_html import esc

SIZE = 1000.0  # of the plot, in both directions
LOG_TICKS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps values onto places, linear or logarithmic, with ticks at round values."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            share = (math.log10(max(value, self.low)) - low) / (high - low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Round values within the scale."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            steps = LOG_TICKS if last - first <= 2 else (1,)
            found = [s * 10.0**e for e in range(first, last + 1) for s in steps]
        else:
            step = round_step((self.high - self.low) / most)
            first_tick = math.ceil(self.low / step - 1e-9)
            found = [i * step for i in range(first_tick, int(self.high / step + 1e-9) + 1)]
        return [tick for tick in found if self.low - 1e-9 <= tick <= self.high * (1 + 1e-9)]


def round_step(raw: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `raw`."""
    if raw <= 0 or not math.isfinite(raw):
        return 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9))


def round_up(value: float) -> float:
    """A round value not below the given one, for the end of an axis that begins at 0."""
    step = round_step(value / 5.0)
    return max(step, math.ceil(value / step - 1e-9) * step)


def number(value: float) -> str:
    """A value as an axis label: 0.5, 20, 1,000, 12k."""
    if abs(value) >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:g}"


def path(points: Iterable[tuple[float, float]]) -> str:
    """The `d` of a path through the points, each from the one before; NaN interrupts the path."""
    parts: list[str] = []
    at: tuple[int, int] | None = None
    for x, y in points:
        if not math.isfinite(y):
            at = None
            continue
        here = round(x), round(y)
        if at is None:
            parts.append(f"M{here[0]} {here[1]}l")
        else:
            parts.append(_joined(here[0] - at[0], here[1] - at[1]))
        at = here
    return re.sub(r"l(?=M|$)|(?<=l) ", "", "".join(parts))


def _joined(*numbers: int) -> str:
    """Numbers of a path; the sign of a number parts it from the one before."""
    return "".join(str(one) if one < 0 else f" {one}" for one in numbers)


def dots(places: Iterable[tuple[int, int]]) -> str:
    """The `d` of a path with a dot at each place: lines of no length, which have round ends. Of
    sorted places those that follow each other upwards, so that their dots touch, are one line.
    """
    runs: list[list[int]] = []
    for x, y in places:
        if runs and runs[-1][0] == x and 0 <= y - runs[-1][2] <= 1:
            runs[-1][2] = y
        else:
            runs.append([x, y, y])
    parts: list[str] = []
    at = (0, 0)
    for x, low, high in runs:
        moved = _joined(x - at[0], low - at[1]).strip()
        parts.append(f"m{moved}{'h0' if high == low else f'v{high - low}'}")
        at = (x, high)
    return "".join(parts)


def bar(left: float, top: float, right: float, foot: float) -> str:
    """The `d` of one filled rectangle."""
    x, y, width, height = round(left), round(top), round(right), round(foot)
    return f"M{x} {y}H{width}V{height}H{x}z"


def rules(ends: Iterable[tuple[float, float, float, float]]) -> str:
    """The `d` of straight lines across or up, each from x, y by so much to the right and down."""
    return "".join(
        f"M{x:.0f} {y:.0f}" + (f"h{across:.0f}" if across else f"v{down:.0f}")
        for x, y, across, down in ends
    )


def share(place: float) -> str:
    """A place as a share of the plot: 125 is "12.5%"."""
    return f"{place / 10:.4g}%"


def text(
    x: float,
    y: float,
    words: str,
    kind: str = "",
    anchor: str = "start",
    shift: tuple[int, int] = (0, 0),
) -> str:
    """One piece of text; shift: to the right and down, in pixels."""
    moved = "".join(f' d{axis}="{px}"' for axis, px in zip("xy", shift, strict=True) if px)
    anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
    named = f' class="{kind}"' if kind else ""
    placed = "".join(f' {axis}="{share(at)}"' for axis, at in (("x", x), ("y", y)) if at)
    return f"<text{named}{placed}{moved}{anchored}>{esc(words)}</text>"


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """One filled rectangle."""
    return (
        f'<rect class="{kind}" x="{share(x)}" y="{share(y)}" width="{share(max(width, 0))}" '
        f'height="{share(max(height, 0))}"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """One straight line."""
    ends = f'x1="{share(x1)}" y1="{share(y1)}" x2="{share(x2)}" y2="{share(y2)}"'
    return f'<line class="{kind}" {ends}/>'
