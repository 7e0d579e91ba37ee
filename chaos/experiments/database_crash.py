"""The database is killed with commits under way, and recovers by itself, under contention.

Hypothesis: every acknowledged commit is there after the recovery, no other one is half there, and
the nodes serve again without a restart.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

WRITTEN = {"when": "written"}

EXPERIMENT = Experiment(
    hypothesis="a crash of the database loses nothing acknowledged, and the nodes recover",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=19.0,
        faults=(FaultAt(fault="database_crash", at_s=4.0, hold_s=5.0, params=WRITTEN),),
    ),
)
