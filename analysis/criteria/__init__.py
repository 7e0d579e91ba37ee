"""Criteria: measurements against limits, a verdict out; pure."""
