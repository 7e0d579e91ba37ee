"""Every case of the contract, one after the other, on a quiet target.

Hypothesis: each advertised operation does what the specification says, and each answer has the
shape that the specification gives.
"""

from iceworthy.words.experiment import Experiment, Inquire

EXPERIMENT = Experiment(
    hypothesis="each advertised operation does what the specification says",
    method=Inquire(inquiry="contract"),
    order=20,
    quick={},
)
