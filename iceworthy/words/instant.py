"""Instants of a run: nanoseconds of the machine's monotonic clock."""

from __future__ import annotations

NEVER_NS = 1 << 62
"""Later than every instant: stands for an event that did not happen. Fits a signed 64-bit column,
also when a run's whole length is added to it."""
