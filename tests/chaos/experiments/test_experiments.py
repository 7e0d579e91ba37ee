"""Every experiment is data that can run: its names exist, its faults fall into its time."""

from __future__ import annotations

import pytest

from iceworthy import discovery
from iceworthy.words.experiment import Experiment

NAMES = sorted(discovery.names("experiment"))


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_names_only_what_exists(name):
    experiment = discovery.load("experiment", name)
    assert isinstance(experiment, Experiment)
    instead = (experiment.driver, experiment.inquiry)
    assert (experiment.scenario is None) == any(name is not None for name in instead)
    if experiment.scenario is not None:
        discovery.path_of("scenario", experiment.scenario)
    if experiment.driver is not None:
        discovery.load("driver", experiment.driver)
    for fault in experiment.faults:
        discovery.load("fault", fault.fault)(fault.params)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_load_before_each_fault_and_time_to_recover_after_it(name):
    experiment = discovery.load("experiment", name)
    for fault in experiment.faults:
        assert fault.at_s >= experiment.warmup_s + 1.5
        assert fault.at_s + fault.hold_s + 4.0 <= experiment.duration_s


def test_the_default_experiments_leave_room_for_the_rest_of_a_review_of_five_minutes():
    loads = [discovery.load("experiment", name) for name in NAMES]
    assert sum(e.duration_s for e in loads if e.scenario is not None) <= 135
