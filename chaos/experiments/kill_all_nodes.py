"""SIGKILL to both nodes at the same moment, while a transaction has written and not committed.

Hypothesis: acknowledged changes survive, all others are applied as a whole or not at all, nothing
stays locked by a node that is gone, and both nodes serve again after their start.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="nodes that are killed at once lose nothing acknowledged, and leave nothing locked",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=18.0,
        faults=(FaultAt(fault="kill_all_nodes", at_s=5.0, hold_s=1.0, params={"when": "written"}),),
    ),
)
