"""Points and witnesses: each operation is there, at its place and in words."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import numpy as np

from analysis.charts import Look
from analysis.operation_series import Points
from analysis.point_charts import Witness, scatter, time_space
from analysis.series import Band

LOOK = Look(title="every <one>", unit="ms", log_y=True)


def test_each_operation_is_a_point_of_its_class() -> None:
    found = Points(
        at_s=np.array([0.5, 0.5, 1.5, 9.0]),
        took_ms=np.array([1.0, 1.0, 100.0, 10.0]),
        kind=np.array([0.0, 0.0, 0.0, 4.0]),
        span=(0.0, 10.0),
    )
    root = ElementTree.fromstring(scatter(found, LOOK))
    marks = {e.get("class"): e.get("d", "") for e in root.iter() if len(e.get("d", "")) > 8}
    assert marks["dot d0"].count("h0") == 2  # two fall on the same place
    assert marks["dot d4"].count("h0") == 1
    words = " ".join(root.itertext())
    assert "2xx (3)" in words
    assert "5xx (1)" in words
    data = json.loads(root.get("data-chart", ""))
    assert data["lines"] == {"operations": [2, 1, 1], "slowest, ms": [1.0, 100.0, 10.0]}


def test_no_operations_are_no_chart() -> None:
    none = np.empty(0)
    assert scatter(Points(at_s=none, took_ms=none, kind=none, span=(0.0, 1.0)), LOOK) == ""
    assert time_space([], "t") == ""


def test_a_witness_is_a_bar_in_the_row_of_its_session_and_a_line_of_text() -> None:
    seen = [
        Witness(row="session 2 → node 1", said="commit <b>: 200", start_s=1.1, end_s=1.3, kind=0),
        Witness(row="session 1 → node 0", said="commit a: 200", start_s=1.0, end_s=1.2, kind=0),
        Witness(row="session 1 → node 0", said="read: 404", start_s=1.9, end_s=2.0, kind=1),
    ]
    bands = [Band(label="cut link", start_s=1.5, end_s=1.8), Band(label="x", start_s=9, end_s=10)]
    html = time_space(seen, "lost & found", bands)
    root = ElementTree.fromstring(html)
    lanes = [e for e in root.iter() if e.get("class") == "lane"]
    assert [sum("op" in str(i.get("class")) for i in lane) for lane in lanes] == [2, 1]
    assert [sum(i.get("class") == "fault" for i in lane) for lane in lanes] == [1, 1]
    texts = next(e for e in root.iter() if e.get("class") == "texts")
    assert ["".join(li.itertext()) for li in texts] == [
        "1.0000–1.2000 s, session 1 → node 0: commit a: 200",
        "1.1000–1.3000 s, session 2 → node 1: commit <b>: 200",
        "1.9000–2.0000 s, session 1 → node 0: read: 404",
    ]
    first, second = (
        [float(n) for n in re.findall(r"[\d.]+", str(bar.get("style")))]
        for bar in (lanes[0][1], lanes[1][1])
    )
    assert first[0] < second[0] < first[0] + first[1]  # they overlap, as they did
