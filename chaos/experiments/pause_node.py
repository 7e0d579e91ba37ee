"""Node 0 is paused for three seconds in the middle of a commit, and goes on, under contention.

Hypothesis: the paused node holds up no other node for longer than its locks may last. When it goes
on, it acknowledges nothing that the database has given up, and answers from the present state.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

WRITTEN = {"when": "written", "slow_ms": 40}

EXPERIMENT = Experiment(
    hypothesis="a node that was paused acknowledges nothing that is gone, and shows nothing old",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=16.0,
        faults=(FaultAt(fault="pause_node", at_s=4.0, hold_s=3.0, node=0, params=WRITTEN),),
    ),
)
