"""What the target can do at all: the first experiment of every run.

Hypothesis: what the other experiments stand on works; they use what it finds out (the width of the
snapshot ids that the target keeps exactly).
"""

from iceworthy.words.experiment import Experiment, Inquire

EXPERIMENT = Experiment(
    hypothesis="what the rest stands on works",
    method=Inquire(inquiry="survey"),
    opens=True,
    order=10,
    quick={},
)
