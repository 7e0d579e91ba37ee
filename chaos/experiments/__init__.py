"""Experiments: a hypothesis and timed faults over a scenario, data only."""
