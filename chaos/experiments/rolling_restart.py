"""Both nodes are replaced one by one, twice, while commits go on: a rolling restart.

Hypothesis: no request is dropped, nothing acknowledged is lost, and a start on a database that is
in use changes nothing in it.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="nodes that are replaced one by one drop no request and lose nothing",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=24.0,
        settle_s=45.0,
        faults=tuple(
            FaultAt(fault="drain_node", at_s=at_s, hold_s=0.5, node=node, params={"slow_ms": 40})
            for at_s, node in ((4.0, 0), (8.0, 1), (12.0, 0), (16.0, 1))
        ),
    ),
)
