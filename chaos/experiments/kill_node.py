"""SIGKILL to node 0 and, once it is back, to node 1, under load; each is started again.

Hypothesis: acknowledged changes survive, all others are applied as a whole or not at all, and the
other node goes on serving.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

SLOW = {"slow_ms": 60}

EXPERIMENT = Experiment(
    hypothesis="a killed node loses nothing that it acknowledged, and the other node goes on",
    method=Load(
        scenario="mix",
        warmup_s=2.0,
        duration_s=20.0,
        sessions=600,
        faults=(
            FaultAt(fault="kill_node", at_s=4.0, hold_s=2.0, node=0, params=SLOW),
            FaultAt(fault="kill_node", at_s=11.0, hold_s=2.0, node=1, params=SLOW),
        ),
    ),
    order=90,
)
