"""Random sequences of operations, on the quiet target and on a reference beside it.

Hypothesis: both answer alike, and hold the same afterwards, wherever the contract decides it.
"""

from iceworthy.words.experiment import Experiment

EXPERIMENT = Experiment(
    hypothesis="the same operations have the same effect as on the reference",
    scenario=None,
    inquiry="differential",
)
