"""Random sequences of operations, on the quiet target and on a reference beside it.

Hypothesis: both give the same answers and hold the same state, wherever the specification decides
the answer or the state.
"""

from iceworthy.words.experiment import Experiment, Inquire

EXPERIMENT = Experiment(
    hypothesis="the same operations have the same effect as on the reference",
    method=Inquire(inquiry="differential"),
    order=120,
)
