"""All sessions spread over both nodes, without faults: the baseline for all other experiments.

Hypothesis: with 1,000 connections held at the same moment no operation errs, and reads are fast.
"""

from iceworthy.words.experiment import Experiment, Load

EXPERIMENT = Experiment(
    hypothesis="1,000 sessions over all nodes are served without an error, reads within the limit",
    method=Load(
        scenario="mix",
        nodes="spread",
        warmup_s=3.0,
        duration_s=26.0,
    ),
    order=40,
    quick={"duration_s": 8.0, "warmup_s": 2.0},
)
