"""The catalog's most written table is locked from outside for three seconds, under contention.

Hypothesis: writers wait or are refused in bounds, none is acknowledged falsely, and when the lock
is gone nothing waits any more.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="a table that is locked from outside costs writers time and nothing else",
    method=Load(
        scenario="commit_contention",
        warmup_s=2.0,
        duration_s=16.0,
        faults=(FaultAt(fault="hold_table_lock", at_s=4.0, hold_s=3.0),),
    ),
)
