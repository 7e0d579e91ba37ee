"""Each connection of node 0 to the database ends after 4,000 bytes of answers, under load.

Hypothesis: an answer that is cut in its middle is no answer: nothing half-read is acknowledged or
shown, and the node serves again when the limit has gone.
"""

from iceworthy.words.experiment import Experiment, FaultAt, Load

EXPERIMENT = Experiment(
    hypothesis="a database connection that is cut in mid-answer loses and invents nothing",
    method=Load(
        scenario="mix",
        warmup_s=2.0,
        duration_s=18.0,
        sessions=600,
        faults=(FaultAt(fault="cut_after_bytes", at_s=4.0, hold_s=5.0, node=0),),
    ),
)
