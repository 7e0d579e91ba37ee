"""Latency percentiles and dropped requests of a review as tables and figures, for notebooks.

Claim: the numbers come from the functions that the judges use. This module judges nothing.
What this does NOT show: verdicts; the report shows them. pandas and matplotlib are imported here
and nowhere else.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
from matplotlib.figure import Figure

from analysis.criteria.read_latency import OPERATIONS as JUDGED
from analysis.dropped_requests import shutdowns
from analysis.judge import experiment_folders
from analysis.latency import estimate, judge_limit, latencies_ms, sample_mask
from analysis.operation_errors import CALM
from analysis.run import Run
from analysis.series import percentile_curves
from iceworthy.record.typed_json import to_object
from iceworthy.record.verdicts import read_review_verdicts

QUANTILES = (0.5, 0.95, 0.99, 0.999)


def runs(root: Path) -> list[Run]:
    """The experiments of a results folder that carried load, in the order in which they ran."""
    found = [Run(folder) for folder in experiment_folders(Path(root))]
    return [run for run in found if run.plan.scenario]


def experiment_names(root: Path) -> list[str]:
    """Names of the experiments that carried load."""
    return [run.name for run in runs(root)]


def requirements_table(root: Path) -> pd.DataFrame:
    """Each requirement's verdict, figure and limit, as verdicts.json holds them."""
    columns = ["id", "title", "verdict", "figure", "limit", "in_scope", "reason"]
    rows = map(to_object, read_review_verdicts(Path(root)).requirements)
    return pd.DataFrame([{c: row[c] for c in columns} for row in rows], columns=columns)


def latency_table(root: Path) -> pd.DataFrame:
    """Percentiles from the intended start in steady windows, by experiment and operation.

    Columns: p50_ms … hold a percentile where there are enough samples for it, else nothing;
    p95_low_ms and p95_high_ms hold its 95 % interval; limit_ms is SC-003's limit, or the user's
    own, for the kinds that have one, and `within` the judgement.
    """
    rows: list[dict[str, Any]] = []
    for run in runs(root):
        operations = {run.history.strings[i] for i in set(run.history.ops["operation"].tolist())}
        for operation in sorted(operations):
            measured = latencies_ms(run, sample_mask(run, (operation,), CALM))
            if not len(measured):
                continue
            row: dict[str, Any] = {
                "experiment": run.name,
                "operation": operation,
                "samples": len(measured),
            }
            for quantile in QUANTILES:
                found = estimate(measured, quantile)
                row[f"p{quantile * 100:g}_ms"] = found.value_ms if found.enough else math.nan
            p95 = estimate(measured, 0.95)
            row |= {"p95_low_ms": p95.low_ms, "p95_high_ms": p95.high_ms}
            limit_ms = run.limits.read_p95_ms
            row["limit_ms"] = limit_ms if operation in JUDGED else math.nan
            row["within"] = judge_limit(p95, limit_ms)[0].value if operation in JUDGED else ""
            rows.append(row)
    return pd.DataFrame(rows)


def dropped_table(root: Path) -> pd.DataFrame:
    """The requests in flight at each SIGTERM under load: how many were answered, how many not."""
    rows = [
        {
            "experiment": run.name,
            "node": one.node,
            "in_flight": one.in_flight,
            "answered": one.answered,
            "dropped": one.dropped,
            "dropped_limit": 0,
            "sent_later": one.late,
            "exit_s": one.exit_s,
            "exit_limit_s": run.limits.shutdown_s,
        }
        for run in runs(root)
        for one in shutdowns(run)
    ]
    columns = [
        "experiment",
        "node",
        "in_flight",
        "answered",
        "dropped",
        "dropped_limit",
        "sent_later",
        "exit_s",
        "exit_limit_s",
    ]
    return pd.DataFrame(rows, columns=columns)


def percentile_figure(root: Path, kind: str = "reads") -> Figure:
    """Percentile curves of every experiment in one figure, the tail stretched, the limit marked."""
    figure = Figure(figsize=(9.0, 4.5), layout="constrained")
    axes = figure.subplots()
    for number, run in enumerate(runs(root)):
        curve = percentile_curves(run).get(kind)
        if curve is not None:
            axes.plot(*curve, label=run.name, linestyle=("-", "--", ":", "-.")[number % 4])
    for limit_ms in {run.limits.read_p95_ms for run in runs(root)}:
        axes.axhline(limit_ms, color="tab:red", linewidth=1.0)
    axes.axvline(20.0, color="grey", linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = [1, 2, 10, 20, 100, 1_000, 10_000]
    axes.set_xticks(ticks, [f"{100 - 100 / tick:g} %" for tick in ticks])
    axes.set_xlabel(f"share of {kind} at or below (SC-003 speaks of 95 %)")
    axes.set_ylabel("ms from the intended start")
    axes.legend(fontsize="small", ncols=2)
    return figure
