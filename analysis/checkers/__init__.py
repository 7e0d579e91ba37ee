"""Checkers: a history in, a verdict out; pure."""
