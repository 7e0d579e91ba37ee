"""Criteria: pure functions from measurements and limits to a verdict."""
