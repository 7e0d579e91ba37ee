"""`iceworthy run`: one experiment over one scenario; without a named experiment, a calm one.

The same review as the main job's, of one experiment, so that its folder is judged and drawn alike.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from iceworthy import discovery
from iceworthy.progress import Progress
from iceworthy.review import run_review
from iceworthy.settings import Settings

CALM = "steady"


def run_single(
    settings: Settings,
    scenario: str,
    experiment: str | None,
    duration_s: float | None,
    progress: Progress,
) -> tuple[Path, dict[str, Any]]:
    """Run `scenario` under `experiment` (None: no faults); as run_review returns.

    The name of an experiment alone runs it over its own scenario.
    """
    overrides: dict[str, Any] = {}
    if experiment is None and scenario in discovery.names("experiment"):
        experiment = scenario
    else:
        discovery.path_of("scenario", scenario)
        overrides["scenario"] = scenario
    experiment = experiment or CALM
    planned = discovery.load("experiment", experiment)
    if planned.driver is not None:
        overrides.pop("scenario", None)  # a driver brings its own operations
    if duration_s is not None:
        overrides["duration_s"] = duration_s
    asked = replace(settings, experiments=("survey", experiment), overrides=overrides)
    return run_review(asked, progress)
