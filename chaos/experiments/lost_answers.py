"""The database hears node 0 and node 0 does not hear the database, for six seconds under load.

Hypothesis: a COMMIT whose answer is lost is durable, so its operation is acknowledged late, or
stays unknown to its client; it is never answered as refused, and never applied twice.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="a change whose answer from the database is lost is never answered as refused",
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
                params={"direction": "answers", "when": "durable"},
            ),
        ),
    ),
)
