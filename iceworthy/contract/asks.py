"""One request of several that a case sends at the same moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iceworthy.client.wire import Namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request of several that are sent at the same moment (Desk.at_once)."""

    operation: str
    parts: tuple[Namespace | str, ...] = ()
    body: Any = None
    query: Mapping[str, Any] | None = None
    node: int = 0
    headers: Mapping[str, str] | None = None
