"""Runs a review: starts the stack, conducts each experiment, judges and reports."""
