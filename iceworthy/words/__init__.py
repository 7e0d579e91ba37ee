"""The vocabulary that all parts share: operations, outcomes, verdicts, errors, targets, scenarios.

Nothing here runs anything, and nothing here imports another part of the suite.
"""
