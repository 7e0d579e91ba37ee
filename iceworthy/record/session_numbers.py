"""Bands of session numbers in a history: one band for each source of operations.

Claim: within an experiment, a session number belongs to one connection of one worker, because each
source has its own band. Numbers are unsigned 32-bit (the history's "session").
"""

from __future__ import annotations

LOAD_EACH_WORKER = 1_000_000
"""Load worker k counts from k times this; it may hold no more sessions than that."""
WORLD = 4_000_000_000
"""Namespaces and tables built before the load."""
AUDIT = 4_100_000_000
"""Reads of everything after the load."""
COMMIT_STEPPER = 4_250_000_000
"""The driver that breaks commits step by step."""
