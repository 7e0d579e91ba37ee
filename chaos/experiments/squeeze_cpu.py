"""Node 0 has a tenth of a CPU for five seconds in the middle of a commit, under contention.

Hypothesis: a node that hardly gets on loses and forges nothing, holds up no other node by its
locks, and serves as before when it has its CPU again.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

WRITTEN = {"share": 0.1, "when": "written", "slow_ms": 20}

EXPERIMENT = Experiment(
    hypothesis="a node that is starved of CPU is slow, and nothing worse",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=18.0,
        faults=(FaultAt(fault="squeeze_cpu", at_s=4.0, hold_s=5.0, node=0, params=WRITTEN),),
    ),
)
