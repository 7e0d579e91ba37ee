"""One table commit is walked COMMIT by COMMIT on the database, with a fault at each of them.

Hypothesis: a fault before a COMMIT, or after it is durable and before it is acknowledged, leaves
the whole change or nothing. The answer is true, all nodes agree, and every acknowledged table stays
readable.
"""

from iceworthy.words.experiment import Experiment

EXPERIMENT = Experiment(
    hypothesis="at each durable moment of a commit a fault leaves all or nothing and a true answer",
    scenario=None,
    driver="commit_stepper",
    warmup_s=0.0,
    duration_s=120.0,
    params={"faults": ("kill_node", "cut_link", "drain_node"), "budget_s": 120.0},
)
