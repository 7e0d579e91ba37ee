"""The parts of every chart: scales with round ticks, paths, axes. Returns text only.

Colours are CSS variables (--c0 …), so that one drawing fits a light and a dark page. Every line
also has a dash pattern and a label at its end, so that colour never carries information alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.report_html import esc

LOG_TICKS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps values onto pixels, linear or logarithmic, with ticks at round values."""

    low: float
    high: float
    start_px: float
    end_px: float
    log: bool = False

    def __call__(self, value: float) -> float:
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            share = (math.log10(max(value, self.low)) - low) / (high - low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start_px + min(max(share, 0.0), 1.0) * (self.end_px - self.start_px)

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
    """The `d` of a path through the points; NaN interrupts the path."""
    parts: list[str] = []
    pen = False
    for x, y in points:
        if not math.isfinite(y):
            pen = False
            continue
        parts.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}")
        pen = True
    return "".join(parts)


def text(x: float, y: float, words: str, kind: str = "tick", anchor: str = "start") -> str:
    """One piece of text."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{esc(words)}</text>'


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """One filled rectangle."""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """One straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions near the given ones but at least `gap` apart, for labels that would overlap."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    at = low - gap
    for i in order:
        at = placed[i] = max(wanted[i], at + gap)
    limit = high
    for i in reversed(order):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - gap
    return placed
