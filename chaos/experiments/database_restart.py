"""The database is shut down and started again, as for an upgrade of it, under contention.

Hypothesis: answers meanwhile are bounded and truthful, nothing acknowledged is lost, and the nodes
serve again without a restart.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="a restart of the database costs errors meanwhile and nothing afterwards",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=19.0,
        faults=(FaultAt(fault="database_restart", at_s=4.0, hold_s=5.0),),
    ),
)
