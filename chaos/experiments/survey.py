"""Asks the target for its abilities, on which the other experiments depend; runs first.

Hypothesis: the early cases of the contract hold. Later experiments use the answers (example: the
width of the snapshot ids that the target keeps exactly).
"""

from iceworthy.words.experiment import Experiment, Inquire

EXPERIMENT = Experiment(
    hypothesis="what the rest stands on works",
    method=Inquire(inquiry="survey"),
    opens=True,
    order=10,
    quick={},
)
