"""Drivers: experiments that steer the target step by step instead of by the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from iceworthy.client.auth import HeaderSource
from iceworthy.client.wire import Wire


def _silent(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverPlan:
    """A driver's input beside the target: how to ask it, the seed, and the experiment's params.

    id_bits: width of the random snapshot ids that the target accepts. say: shows one line of
    progress.
    """

    wire: Wire
    headers: HeaderSource
    seed: int
    id_bits: int = 62
    timeout_s: float = 10.0
    params: Mapping[str, Any] = field(default_factory=dict)
    say: Callable[[str], None] = _silent
