"""Connections of node 0 to the database are reset in mid-conversation, twice, under load.

Hypothesis: operations under way are answered truthfully or stay unknown, none is applied twice,
and the node serves again when the link is back, without a restart.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

SLOW = {"slow_ms": 60}

EXPERIMENT = Experiment(
    hypothesis="a reset database link loses nothing acknowledged, and nothing is applied twice",
    method=Load(
        scenario="mix",
        warmup_s=2.0,
        duration_s=18.0,
        sessions=600,
        faults=(
            FaultAt(fault="reset_link", at_s=4.0, hold_s=3.0, node=0, params=SLOW),
            FaultAt(fault="reset_link", at_s=10.0, hold_s=1.0, node=0, params=SLOW),
        ),
    ),
)
