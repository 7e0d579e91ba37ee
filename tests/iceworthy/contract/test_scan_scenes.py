"""A plan is followed to its end; one that expires before it is completed decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iceworthy.client.connect import Config
from iceworthy.contract import scan_scenes
from iceworthy.contract.case import cases_of
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken, Needs
from iceworthy.contract.run import run_case
from iceworthy.contract.scan_scenes import ScanTable, completed, submit
from iceworthy.words.target import PlansSpec
from tests.iceworthy.contract.conftest import Server
from tests.iceworthy.contract.test_remarks import error

SCENE = ScanTable(space=("a",), name="t", snapshots=(), paths={})
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
    plan = "/v1/{prefix}/namespaces/{namespace}/tables/{table}/plan"
    offered: Any = (f"POST {plan}", f"GET {plan}/{{plan-id}}")
    desk = desk_on(Config(endpoints=offered), plans=PlansSpec(expiry_s=expiry_s))
    with pytest.raises(ending):
        completed(desk, SCENE, submit(desk, SCENE))


@pytest.mark.parametrize(
    ("name", "fetched", "ended"),
    [
        ("a_plan_can_be_fetched_by_its_id", 404, "remark"),
        ("a_plan_can_be_fetched_by_its_id", 500, "broken"),
        ("a_plan_is_fetched_from_the_other_node", 404, "remark"),
    ],
)
def test_a_plan_that_is_completed_at_once_need_not_be_kept(
    whole_desk: Desk, server: Server, name: str, fetched: int, ended: str
) -> None:
    whole_desk.shared("a table with manifests", lambda: SCENE)
    server.answers["POST", PLAN] = 200, b'{"plan-id":"x","status":"completed"}'
    server.answers["GET", f"{PLAN}/x"] = error(fetched, "NoSuchPlanIdException")
    named = {one.name: one for one in cases_of("plan_life")}
    assert run_case(whole_desk, named[name]).ended == ended
