"""The database link of node 0 is cut for 0.3 s, six times in nine seconds, then for four seconds.

Hypothesis: each break ends sessions that were opened after the last break; the node answers each
operation truthfully, and serves again after the last break.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="a link that comes and goes loses nothing acknowledged, and the node recovers",
    method=Load(
        scenario="mix",
        warmup_s=2.0,
        duration_s=24.0,
        sessions=600,
        faults=(
            *(
                FaultAt(fault="cut_link", at_s=4.0 + 1.5 * turn, hold_s=0.3, node=0)
                for turn in range(6)
            ),
            FaultAt(fault="cut_link", at_s=14.0, hold_s=4.0, node=0),
        ),
    ),
)
