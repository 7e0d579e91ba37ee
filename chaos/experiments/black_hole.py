"""The database link of node 0 accepts everything and answers nothing for six seconds.

Hypothesis: the node does not hang for ever. Waiting operations are answered truthfully or stay
unknown, readiness turns, and the node serves again when the link is back.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="a black-holed database link loses nothing acknowledged, and the node recovers",
    method=Load(
        scenario="mix",
        warmup_s=2.0,
        duration_s=18.0,
        sessions=600,
        faults=(FaultAt(fault="black_hole", at_s=4.0, hold_s=6.0, node=0),),
    ),
    order=80,
)
