"""Charts in which each operation is a mark of its own: latencies as points, witnesses as bars.

Claim: every operation given is drawn; points that fall on the same place are one mark.
What this does NOT show: which of two operations took effect first; a bar is the time from sending
to the answer, and the effect lies somewhere within it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.charts import Drawing, Look, figure, y_scale
from analysis.operation_series import Points
from analysis.report_html import esc
from analysis.series import CLASSES, Band
from analysis.svg import SIZE, Scale, dots, share

GRID = (320, 80)  # places that points can have, across and up
ROW_PX = 26


def scatter(found: Points, look: Look, bands: Sequence[Band] = ()) -> str:
    """Latency over the intended start, logarithmic; "" without operations."""
    if not len(found.at_s):
        return ""
    low, high = found.span
    x = Scale(low=low, high=max(high, low + 1.0), start=0.0, end=SIZE)
    y = y_scale(look, [float(found.took_ms.min()), float(found.took_ms.max())])
    marks, key = [], []
    for i, name in enumerate(CLASSES):
        own = found.kind == i
        if own.any():
            kind = f"dot d{i}"
            marks.append((dots(_places(x, y, found, own)), kind))
            key.append((kind, f"{name} ({int(own.sum()):,})"))
    return figure(
        look,
        Drawing(marks=marks, key=key, values=_by_second(found, x), x_name="seconds", grid=GRID),
        x,
        y,
        bands,
    )


def _places(x: Scale, y: Scale, found: Points, own: np.ndarray) -> list[tuple[int, int]]:
    """The places of some points on the grid, each once."""
    pairs = zip(found.at_s[own].tolist(), found.took_ms[own].tolist(), strict=True)
    across, up = (SIZE / places for places in GRID)
    return sorted({(round(x(at) / across), round(y(ms) / up)) for at, ms in pairs})


def _by_second(found: Points, x: Scale) -> dict[str, object]:
    """For the reader of values: in each second the number of operations and the slowest."""
    seconds = np.floor(found.at_s).astype(int)
    known = np.unique(seconds)
    slowest = [round(float(found.took_ms[seconds == second].max()), 2) for second in known]
    return {
        "unit": "",
        "x": [round(x(float(second) + 0.5)) for second in known],
        "at": [f"{second} to {second + 1} s" for second in known.tolist()],
        "lines": {
            "operations": [int((seconds == second).sum()) for second in known],
            "slowest, ms": slowest,
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One operation of a finding. row: who sent it, and where to; said: what was asked and
    answered; kind: its class as in CLASSES.
    """

    row: str
    said: str
    start_s: float
    end_s: float
    kind: int


def time_space(witnesses: Sequence[Witness], title: str, bands: Sequence[Band] = ()) -> str:
    """A time-space diagram: a row for each session, a bar for each operation; "" without any."""
    if not witnesses:
        return ""
    ordered = sorted(witnesses, key=lambda one: (one.start_s, one.end_s))
    low, high = ordered[0].start_s, max(one.end_s for one in ordered)
    margin = max((high - low) * 0.04, 0.0005)
    x = Scale(low=low - margin, high=high + margin, start=0.0, end=SIZE)
    rows = list(dict.fromkeys(one.row for one in ordered))
    shaded = "".join(_band(band, x) for band in bands)
    drawn = "".join(
        f'<li><span class="who">{esc(row)}</span><span class="lane">{shaded}'
        + "".join(_bar(one, x) for one in ordered if one.row == row)
        + "</span></li>"
        for row in rows
    )
    texts = "".join(
        f"<li>{one.start_s:.4f}–{one.end_s:.4f} s, {esc(one.row)}: {esc(one.said)}</li>"
        for one in ordered
    )
    ends = f"<span>{x.low:.3f} s</span><span>{x.high:.3f} s</span>"
    return (
        f'<figure class="witness"><figcaption>{esc(title)}</figcaption>'
        f'<ul class="lanes" aria-hidden="true">{drawn}</ul><div class="ends" aria-hidden="true">'
        f'{ends}</div><ol class="texts">{texts}</ol></figure>'
    )


def _band(band: Band, x: Scale) -> str:
    if band.end_s <= x.low or band.start_s >= x.high:
        return ""
    left, right = x(band.start_s), x(band.end_s)
    return (
        f'<i class="fault" style="left:{share(left)};width:{share(right - left)}" '
        f'title="{esc(band.label)}"></i>'
    )


def _bar(one: Witness, x: Scale) -> str:
    left, right = x(one.start_s), x(one.end_s)
    return (
        f'<i class="op b{one.kind}" style="left:{share(left)};width:{share(max(right - left, 4))}" '
        f'title="{esc(one.said)}"></i>'
    )
