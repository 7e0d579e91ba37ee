"""Every case of the contract, one after the other."""

from iceworthy.contract.run import inquire

__all__ = ["inquire"]
