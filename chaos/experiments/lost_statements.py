"""Node 0 hears the database and the database does not hear node 0, for six seconds under load.

Hypothesis: a COMMIT that never reaches the database is not durable, so its operation is never
acknowledged; the node's readiness turns, and it serves again when the link is back.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="a change that never reached the database is never acknowledged",
    method=Load(
        scenario="mix",
        warmup_s=2.0,
        duration_s=18.0,
        sessions=600,
        faults=(
            FaultAt(
                fault="black_hole",
                at_s=4.0,
                hold_s=6.0,
                node=0,
                params={"direction": "statements", "when": "written"},
            ),
        ),
    ),
)
