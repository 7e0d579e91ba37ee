"""Odd requests to every advertised operation."""

from iceworthy.contract.fuzz.run import inquire

__all__ = ["inquire"]
