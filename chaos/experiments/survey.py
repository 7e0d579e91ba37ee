"""What the target can do at all: the first experiment of every run.

Hypothesis: the early cases of the contract hold, on which the other experiments depend. These use
what is learned (example: the width of the snapshot ids that the target keeps exactly).
"""

from iceworthy.words.experiment import Experiment, Inquire

EXPERIMENT = Experiment(
    hypothesis="what the rest stands on works",
    method=Inquire(inquiry="survey"),
    opens=True,
    order=10,
    quick={},
)
