"""The row that was written last is locked from outside for three seconds, under contention.

Hypothesis: only who writes that row waits. One hot row does not use up the connections of the
others, and when the lock is gone nothing waits any more.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="a row that is locked from outside holds up its own writers and nobody else",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=16.0,
        faults=(FaultAt(fault="hold_row_lock", at_s=4.0, hold_s=3.0),),
    ),
)
