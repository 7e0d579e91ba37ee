"""A plan is followed to its end; one that expires before it is completed decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iceworthy.client.connect import Config
from iceworthy.contract import scan_scenes
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken, Needs
from iceworthy.contract.scan_scenes import Scene, completed, submit
from iceworthy.words.target import PlansSpec
from tests.iceworthy.contract.conftest import Server
from tests.iceworthy.contract.test_remarks import error

SCENE = Scene(space=("a",), name="t", snapshots=(), paths={})
PLAN = "/v1/p/namespaces/a/tables/t/plan"
SUBMITTED = 200, b'{"plan-id":"x","status":"submitted"}'


@pytest.mark.parametrize(("expiry_s", "ending"), [(0.01, Needs), (60.0, Broken), (0.0, Broken)])
def test_a_404_after_the_expiry_decides_nothing(
    desk_on: Callable[..., Desk],
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    expiry_s: float,
    ending: type[Exception],
) -> None:
    monkeypatch.setattr(scan_scenes, "POLL_S", 0.02)
    server.answers["POST", PLAN] = SUBMITTED
    server.answers["GET", f"{PLAN}/x"] = error(404, "NoSuchPlanIdException")
    offered: Any = ("GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/plan/{plan-id}",)
    desk = desk_on(Config(endpoints=offered), plans=PlansSpec(expiry_s=expiry_s))
    with pytest.raises(ending):
        completed(desk, SCENE, submit(desk, SCENE))
