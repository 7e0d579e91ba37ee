"""The experiments of the default review and of the quick one, in the order in which they run."""

from __future__ import annotations

from typing import Any

ORDER = (
    "survey",
    "contract",
    "fuzz",
    "steady",
    "single_node",
    "contention",
    "cut_link",
    "black_hole",
    "kill_node",
    "drain_node",
    "commit_stepper",
    "differential",
)
"""The experiments of the default review, in the order in which they run."""

QUICK: dict[str, dict[str, Any]] = {
    "survey": {},
    "steady": {"duration_s": 8.0, "warmup_s": 2.0},
    "contract": {},
    "contention": {"duration_s": 6.0, "warmup_s": 1.0},
    "drain_node": {},
}
"""The quick review's experiments, with the fields of each Experiment that it replaces."""
