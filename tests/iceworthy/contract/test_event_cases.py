"""An event that did not arrive is late, or missing where the stream tells a later change."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from iceworthy.client.events import Seen
from iceworthy.contract.cases.events import _check_event
from iceworthy.contract.endings import Broken
from iceworthy.words.blame import EvidenceKind


class Told:
    """In place of a subscriber: no wait; the messages are those that the test puts in."""

    def __init__(self, *bodies: Any) -> None:
        self.seen = [Seen(at=0.0, body=body) for body in bodies]

    def wait(self, enough: Callable[[list[Seen]], bool], _: float) -> bool:
        return enough(self.seen)


def created(name: str) -> Any:
    return {"type": "view.created", "namespace": ["n"], "name": name}


def judged(*bodies: Any) -> EvidenceKind | None:
    def broken(expected: str, got: Any, *, evidence: EvidenceKind | None) -> None:
        raise Broken(expected, str(got), None, evidence=evidence)

    desk: Any = SimpleNamespace(fresh=lambda: ("later",), broken=broken)
    here: Any = Told(*bodies)
    with pytest.raises(Broken) as raised:
        _check_event(desk, here, "created", "view", ("n", "v"))
    return raised.value.evidence


def test_a_stream_that_tells_nothing_more_may_be_late() -> None:
    assert judged() is EvidenceKind.LATENESS
    assert judged(created("other")) is EvidenceKind.LATENESS


def test_an_event_is_missing_where_a_later_change_is_told() -> None:
    later = {"type": "namespace.created", "namespace": ["later"]}
    assert judged(created("other"), later) is not EvidenceKind.LATENESS
