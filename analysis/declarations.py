"""Declarations of an experiment, which decide for which requirements its verdicts count.

Claim: a run of this version says it itself (plan.json, review.json), so that its verdicts do not
change with the files of a later version. Method: for an older run, the experiment's own file is
asked; if there is none, the plan's scenario and the files of its faults.
What this does NOT show: that a fault took effect (analysis/criteria/fault_bit.py judges that).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from iceworthy import discovery
from iceworthy.record.plan import Plan
from iceworthy.words.errors import PlanError
from iceworthy.words.experiment import Declared, DeclaredFault, Experiment
from iceworthy.words.fault import Fault


def declared_by(name: str, experiment: Experiment) -> Declared:
    """What an experiment and its faults declare; PlanError where a fault cannot be loaded."""
    method = experiment.method
    return Declared(
        experiment=name,
        scenario=getattr(method, "scenario", None),
        driver=getattr(method, "driver", None),
        inquiry=getattr(method, "inquiry", None),
        faults=_faults(one.fault for one in experiment.faults),
    )


def declared_of(name: str, plan: Plan) -> Declared:
    """What the experiment of a recorded run declared."""
    if plan.declared is not None:
        return plan.declared
    known = declared_in_content(name)
    if known.scenario or known.driver or known.inquiry:
        return known
    faults: tuple[DeclaredFault, ...] = ()
    with suppress(PlanError):
        faults = _faults(one.fault for one in plan.faults)
    return Declared(
        experiment=name,
        scenario=plan.scenario,
        driver=plan.driver,
        inquiry=plan.inquiry,
        faults=faults,
    )


def declared_in_content(name: str) -> Declared:
    """What the file of this experiment declares; nothing but the name where there is none."""
    with suppress(PlanError):
        return declared_by(name, discovery.load("experiment", name))
    return Declared(experiment=name)


def _faults(names: Iterable[str]) -> tuple[DeclaredFault, ...]:
    return tuple(_fault(name, discovery.load("fault", name)) for name in dict.fromkeys(names))


def _fault(name: str, fault: type[Fault]) -> DeclaredFault:
    return DeclaredFault(
        fault=name,
        place=fault.place,
        takes_away=tuple(sorted(fault.takes_away)),
        interrupts=fault.interrupts,
    )
