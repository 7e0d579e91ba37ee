"""`iceworthy run`: one experiment over one scenario; without a named one, no faults.

It runs as a review of one experiment, so that its folder is judged and reported in the same way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from iceworthy import discovery
from iceworthy.orchestrator.judging import Reviewed
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.request_checks import refuse_unknown_cases
from iceworthy.orchestrator.review import opening, run_review
from iceworthy.orchestrator.settings import Settings
from iceworthy.words.errors import PlanError
from iceworthy.words.experiment import Experiment, Inquire, Load

CALM = "steady"


def run_single(
    settings: Settings,
    scenario: str,
    experiment: str | None,
    duration_s: float | None,
    progress: Progress,
    *,
    cases: tuple[str, ...] = (),
) -> Reviewed:
    """Run `scenario` under `experiment` (None: no faults); as run_review returns.

    The name of an experiment alone runs it over its own scenario. cases: of an inquiry, only these.
    """
    overrides: dict[str, Any] = {}
    if experiment is None and scenario in discovery.names("experiment"):
        experiment = scenario
    else:
        discovery.path_of("scenario", scenario)
        overrides["scenario"] = scenario
    experiment = experiment or CALM
    planned: Experiment = discovery.load("experiment", experiment)
    method = planned.method
    if not isinstance(method, Load):
        overrides.pop("scenario", None)  # it brings its own operations
    if cases:
        if not isinstance(method, Inquire) or method.inquiry != "contract":
            raise PlanError(f"--case: {experiment} has no cases; wanted: iceworthy run contract …")
        refuse_unknown_cases(cases)
        overrides["params"] = {**method.params, "cases": list(cases)}
    if duration_s is not None:
        if isinstance(method, Load):
            _refuse_too_short(duration_s, method, experiment)
        overrides["duration_s"] = duration_s
    experiments = tuple(dict.fromkeys((*opening(), experiment)))
    asked = replace(settings, experiments=experiments, overrides=overrides)
    return run_review(asked, progress)


def _refuse_too_short(duration_s: float, planned: Load, name: str) -> None:
    """A fault after the end of the load would meet nothing, and nothing could be judged."""
    ends = [planned.warmup_s, *(fault.at_s + fault.hold_s for fault in planned.faults)]
    least = max(ends) + 1.0
    if duration_s < least:
        raise PlanError(
            f"--duration {duration_s:g}: {name} warms up for {planned.warmup_s:g} s and its last "
            f"fault ends at {max(ends):g} s; wanted {least:g} or more"
            if planned.faults
            else f"--duration {duration_s:g}: {name} warms up for {planned.warmup_s:g} s; "
            f"wanted {least:g} or more"
        )
