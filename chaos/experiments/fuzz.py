"""Odd requests to every advertised operation, by a seed, for about a minute, on a quiet target.

Hypothesis: whatever is sent, the answer is a truthful 2xx or a 4xx with the specification's body.
"""

from iceworthy.words.experiment import Experiment, Inquire

EXPERIMENT = Experiment(
    hypothesis="whatever is sent, the answer is a truthful 2xx or a 4xx with the error's body",
    method=Inquire(inquiry="fuzz"),
    order=30,
)
