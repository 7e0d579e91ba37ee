"""Every experiment is data that can run: its names exist, its faults fall into its time."""

from __future__ import annotations

import pytest

from iceworthy import discovery
from iceworthy.words.experiment import Drive, Experiment, Inquire, Load

NAMES = sorted(discovery.names("experiment"))


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_names_only_what_exists(name):
    experiment = discovery.load("experiment", name)
    assert isinstance(experiment, Experiment)
    method = experiment.method
    discovery.load("method", method.conductor)
    for kind, named in (("scenario", Load), ("driver", Drive), ("inquiry", Inquire)):
        if isinstance(method, named):
            discovery.load(kind, getattr(method, kind))
    for fault in experiment.faults:
        discovery.load("fault", fault.fault)(fault.params)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_load_before_each_fault_and_time_to_recover_after_it(name):
    experiment = discovery.load("experiment", name)
    for fault in experiment.faults:
        assert fault.at_s >= experiment.method.warmup_s + 1.5
        assert fault.at_s + fault.hold_s + 4.0 <= experiment.method.duration_s


def test_the_default_experiments_leave_room_for_the_rest_of_a_review_of_five_minutes():
    loaded = [discovery.load("experiment", name) for name in NAMES]
    methods = [one.method for one in loaded if one.order is not None]
    assert 60 <= sum(m.duration_s for m in methods if isinstance(m, Load)) <= 135
