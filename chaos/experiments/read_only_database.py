"""The database takes no writes for three seconds, as after a failover, under contention.

Hypothesis: no write is acknowledged that the database refused, reads go on, and when the database
takes writes again the nodes write again.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="what a read-only database refused is not acknowledged, and writing resumes",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=16.0,
        faults=(FaultAt(fault="read_only_database", at_s=4.0, hold_s=3.0),),
    ),
)
