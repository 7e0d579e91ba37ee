"""One table commit is walked COMMIT by COMMIT on the database, with a fault at each of them.

Hypothesis: a fault before a COMMIT, or after it is durable and before it is acknowledged, leaves
the whole change or nothing. The answer is true, all nodes agree, and every acknowledged table stays
readable.
"""

from iceworthy.words.experiment import Drive, Experiment

EXPERIMENT = Experiment(
    hypothesis="a fault at any COMMIT leaves the whole change or none of it, and a true answer",
    needs=("process", "database", "database_link"),
    method=Drive(
        driver="commit_stepper",
        duration_s=120.0,
        params={"faults": ("cut_link", "blip", "kill_node", "drain_node"), "budget_s": 120.0},
    ),
    order=110,
)
