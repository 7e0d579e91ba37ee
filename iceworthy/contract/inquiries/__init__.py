"""Inquiries: experiments that question a quiet target, one file each, found by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from iceworthy.record.known import Known

__all__ = ["Inquired", "InquiryPlan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryPlan:
    """What an inquiry needs beside the target. seed, token: as in iceworthy/words/seeded.py.

    known: what earlier experiments learned about the target. params: the experiment's. say: shows
    one line of progress.
    """

    seed: int
    token: str
    known: Known
    say: Callable[[str], None]
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquired:
    """The result of an inquiry, beside its records. left: names that it could not drop again from a
    target that lives on. known: for the experiments after it; None: nothing new was learned."""

    left: Sequence[str] = ()
    known: Known | None = None
