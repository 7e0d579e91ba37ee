"""Node 0 gets no more memory for five seconds in the middle of a commit, under contention.

Hypothesis: a node that runs out of memory, and is killed for it, loses nothing that it
acknowledged, and the other node goes on. Needs `--runtime docker`.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

WRITTEN = {"when": "written", "slow_ms": 20}

EXPERIMENT = Experiment(
    hypothesis="a node that runs out of memory loses nothing that it acknowledged",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=18.0,
        faults=(FaultAt(fault="squeeze_memory", at_s=4.0, hold_s=5.0, node=0, params=WRITTEN),),
    ),
)
