"""Whether a target can have a fault or an experiment: known from its file, before it is started."""

from __future__ import annotations

from iceworthy import discovery
from iceworthy.words.experiment import Experiment
from iceworthy.words.fault import Fault, why_not
from iceworthy.words.target import TargetSpec


def why_no_fault(name: str, target: TargetSpec) -> str:
    """Why the target cannot have this fault; "" when it can."""
    fault: type[Fault] = discovery.load("fault", name)
    why = why_not(fault.needs, target)
    return f"{name}: {why}" if why else ""


def why_no_experiment(experiment: Experiment, target: TargetSpec) -> str:
    """Why the target cannot have this experiment: what it needs itself, then each of its faults;
    "" when it can."""
    if why := why_not(experiment.needs, target):
        return why
    names = dict.fromkeys(planned.fault for planned in experiment.faults)
    return next((why for name in names if (why := why_no_fault(name, target))), "")
