"""Random sequences of operations, on the target and on a reference beside it."""

from iceworthy.contract.oracle.inquiry import inquire

__all__ = ["inquire"]
