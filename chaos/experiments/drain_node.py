"""SIGTERM to node 0 and, once it is back, to node 1, under load; each is started again.

Hypothesis: every request that was fully sent before SIGTERM is answered completely and truthfully,
and the node ends within its limit.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

SLOW = {"slow_ms": 60}

EXPERIMENT = Experiment(
    hypothesis="a node that gets SIGTERM drops no request that it had received",
    method=Load(
        scenario="mix",
        warmup_s=2.0,
        duration_s=18.0,
        settle_s=45.0,
        sessions=600,
        faults=(
            FaultAt(fault="drain_node", at_s=4.0, hold_s=1.0, node=0, params=SLOW),
            FaultAt(fault="drain_node", at_s=11.0, hold_s=1.0, node=1, params=SLOW),
        ),
    ),
    order=100,
    quick={
        "warmup_s": 1.0,
        "duration_s": 15.0,
        "faults": (
            FaultAt(fault="drain_node", at_s=3.0, hold_s=1.0, node=0, params=SLOW),
            FaultAt(fault="drain_node", at_s=9.0, hold_s=1.0, node=1, params=SLOW),
        ),
    },
)
