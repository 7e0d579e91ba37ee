"""Many committers on few tables through both nodes: optimistic concurrency under real conflicts.

Hypothesis: of the commits that assert the same parent exactly one is acknowledged, the others
get 409; where the target streams change events, each node sends each commit once and in order.
"""

from iceworthy.words.experiment import Experiment, Load

EXPERIMENT = Experiment(
    hypothesis="conflicting commits: one wins, the others are refused with 409, nothing is lost",
    method=Load(
        scenario="commit_contention",
        nodes="spread",
        warmup_s=2.0,
        duration_s=12.0,
        events=True,
    ),
    order=60,
    quick={"duration_s": 6.0, "warmup_s": 1.0},
)
