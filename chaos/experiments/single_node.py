"""All sessions on one node: one process alone holds 1,000 connections.

Hypothesis: SC-002 asks for 1,000 concurrent connections on a node, not on a cluster.
"""

from iceworthy.words.experiment import Experiment

EXPERIMENT = Experiment(
    hypothesis="a single node holds 1,000 connections at the same moment without an error",
    scenario="read_mix",
    nodes="first",
    warmup_s=2.0,
    duration_s=12.0,
)
