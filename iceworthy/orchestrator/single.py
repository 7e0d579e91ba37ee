"""`iceworthy run`: one experiment over one scenario; without a named one, no faults.

It runs as a review of one experiment, so that its folder is judged and reported in the same way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analysis.requirements import requirement_ids
from iceworthy import discovery
from iceworthy.orchestrator.judging import Reviewed
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.request_checks import refuse_unknown_cases
from iceworthy.orchestrator.review import opening, run_review
from iceworthy.orchestrator.settings import Settings
from iceworthy.words.asked import AskedFor, AskedKind
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
    """Run `scenario` under `experiment` (None: no faults); as run_review returns."""
    return run_review(
        single_settings(settings, scenario, experiment, duration_s, cases=cases), progress
    )


def single_settings(
    settings: Settings,
    scenario: str,
    experiment: str | None,
    duration_s: float | None,
    *,
    cases: tuple[str, ...] = (),
) -> Settings:
    """The settings of the review that `iceworthy run` is; a wrong request is a PlanError.

    The name of an experiment alone runs it over its own scenario, and the id of a requirement the
    experiments that decide it. cases: of an inquiry, only these.
    """
    if experiment is None and scenario.upper() in requirement_ids():
        if cases or duration_s is not None:
            raise PlanError(f"{scenario} is a requirement; expected no --case and no --duration")
        return replace(settings, only=(scenario.upper(),))
    asked_kind: AskedKind = "experiment"
    asked_name = experiment
    overrides: dict[str, Any] = {}
    if experiment is None and scenario in discovery.names("experiment"):
        experiment = scenario
    else:
        discovery.path_of("scenario", scenario)
        overrides["scenario"] = scenario
        if experiment is None:
            asked_kind, asked_name = "scenario", scenario
    experiment = experiment or CALM
    planned: Experiment = discovery.load("experiment", experiment)
    method = planned.method
    if not isinstance(method, Load):
        overrides.pop("scenario", None)  # it brings its own operations
    if settings.stops_at_fail and isinstance(method, Inquire) and method.inquiry == "contract":
        overrides["params"] = {**method.params, "stops_at_fail": True}
    if cases:
        if not isinstance(method, Inquire) or method.inquiry != "contract":
            raise PlanError(
                f"--case: {experiment} has no cases; expected: iceworthy run contract …"
            )
        refuse_unknown_cases(cases)
        overrides["params"] = {
            **method.params,
            **overrides.get("params", {}),
            "cases": list(cases),
        }
    if duration_s is not None:
        if isinstance(method, Load):
            _refuse_too_short(duration_s, method, experiment)
        overrides["duration_s"] = duration_s
    experiments = tuple(dict.fromkeys((*opening(), experiment)))
    asked = tuple(AskedFor(kind="case", name=one, experiment=experiment) for one in cases) or (
        AskedFor(kind=asked_kind, name=asked_name or experiment, experiment=experiment),
    )
    return replace(settings, experiments=experiments, overrides=overrides, asked=asked)


def _refuse_too_short(duration_s: float, planned: Load, name: str) -> None:
    """A fault after the end of the load would meet nothing, and nothing could be judged."""
    ends = [planned.warmup_s, *(fault.at_s + fault.hold_s for fault in planned.faults)]
    least = max(ends) + 1.0
    if duration_s < least:
        raise PlanError(
            f"--duration {duration_s:g}: {name} warms up for {planned.warmup_s:g} s and its last "
            f"fault ends at {max(ends):g} s; expected {least:g} or more"
            if planned.faults
            else f"--duration {duration_s:g}: {name} warms up for {planned.warmup_s:g} s; "
            f"expected {least:g} or more"
        )
