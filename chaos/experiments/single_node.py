"""All sessions on one node: one process alone holds 1,000 connections.

Hypothesis: one node holds 1,000 concurrent connections; SC-002 is about a node, not a cluster.
"""

from iceworthy.words.experiment import Experiment, Load

EXPERIMENT = Experiment(
    hypothesis="a single node holds 1,000 connections at the same moment without an error",
    method=Load(
        scenario="read_mix",
        nodes="first",
        warmup_s=2.0,
        duration_s=12.0,
    ),
    order=50,
)
