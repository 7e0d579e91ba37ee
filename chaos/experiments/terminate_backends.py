"""All database sessions of node 0 are ended twice, in the middle of a commit, under contention.

Hypothesis: commits under way are answered truthfully or stay unknown, and the node's pools notice
that their sessions are dead: five seconds later no operation errs any more.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

WRITTEN = {"when": "written", "slow_ms": 40}

EXPERIMENT = Experiment(
    hypothesis="ended database sessions lose nothing acknowledged, and the pools recover",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=16.0,
        faults=(
            FaultAt(fault="terminate_backends", at_s=4.0, hold_s=0.5, node=0, params=WRITTEN),
            FaultAt(fault="terminate_backends", at_s=6.0, hold_s=0.5, node=0, params=WRITTEN),
        ),
    ),
)
