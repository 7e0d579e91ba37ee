"""Random sequences of operations, on the target and on a reference beside it."""

from iceworthy.contract.differential.inquiry import inquire

__all__ = ["inquire"]
