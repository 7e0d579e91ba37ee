"""The database link of node 0 is cut twice while operations are under way, and healed, under load.

Hypothesis: operations under way are answered truthfully or stay unknown. Meanwhile the node says
that it is not ready; when the link is back it serves again, without a restart.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

SLOW = {"slow_ms": 60}

EXPERIMENT = Experiment(
    hypothesis="a cut database link loses nothing that was acknowledged, and the node recovers",
    method=Load(
        scenario="mix",
        warmup_s=2.0,
        duration_s=18.0,
        sessions=600,
        faults=(
            FaultAt(fault="cut_link", at_s=4.0, hold_s=5.0, node=0, params=SLOW),
            FaultAt(fault="cut_link", at_s=11.0, hold_s=2.0, node=0, params=SLOW),
        ),
    ),
    order=70,
)
