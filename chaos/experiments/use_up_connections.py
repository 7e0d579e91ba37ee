"""The database lets node 0 have no connection for five seconds, although it answers.

Hypothesis: the node says that it is not ready and answers in bounds; nothing acknowledged is lost,
and when connections are left again it serves again, without a restart.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="without a free database connection answers are bounded, and the node recovers",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=18.0,
        faults=(
            FaultAt(
                fault="use_up_connections",
                at_s=4.0,
                hold_s=5.0,
                node=0,
                params={"when": "written", "slow_ms": 40},
            ),
        ),
    ),
)
