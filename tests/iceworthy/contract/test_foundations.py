"""A plain request that is refused or has no effect is one finding; the rest is not tried."""

from __future__ import annotations

import pytest

from iceworthy.contract.case import cases_of
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs, Skipped, Unanswered
from iceworthy.contract.foundations import SCENES, setup_stands
from iceworthy.contract.run import run_case
from tests.iceworthy.contract.conftest import Server

VIEW = b'{"metadata":{"view-uuid":"u","properties":{"b":"0"}}}'


def test_a_case_shows_each_scene() -> None:
    assert {one.founds for one in cases_of("plain_requests") if one.founds} == set(SCENES)


def test_an_acknowledged_change_that_is_not_there_is_no_scene(
    whole_desk: Desk, server: Server
) -> None:
    """A catalog whose replaceView answers 200 and changes nothing."""
    server.otherwise = 200, VIEW
    named = {one.name: one for one in cases_of("plain_requests")}
    found = run_case(whole_desk, named["a_view_is_changed_by_one_update_alone"])
    assert (found.ended, found.expected) == ("broken", "property k: 1")
    assert not setup_stands(whole_desk, "replaceView")
    stands_on = {"replaceView": "plain_requests.a_view_is_changed_by_one_update_alone"}
    others = [one for one in cases_of("view_versions") if one.about == "replaceView"]
    assert others
    for one in others:
        assert run_case(whole_desk, one, stands_on).stands_on == stands_on["replaceView"]
    server.otherwise = 200, VIEW.replace(b'"b":"0"', b'"k":"1"')
    assert setup_stands(whole_desk, "replaceView")


def test_a_plan_of_another_status_is_one_finding(whole_desk: Desk, server: Server) -> None:
    server.otherwise = 202, b'{"plan-id":"p","status":"pending"}'
    whole_desk.shared("a table with manifests", lambda: _Scene)
    assert not setup_stands(whole_desk, "planTableScan")


class _Scene:
    space, name = ("a",), "t"


@pytest.mark.parametrize(
    ("ending", "stands"),
    [(Skipped("no storage"), True), (Unanswered("no answer"), True), (Needs("a 4xx"), False)],
)
def test_what_does_not_apply_or_is_late_is_not_fallen(
    whole_desk: Desk, monkeypatch: pytest.MonkeyPatch, ending: Exception, stands: bool
) -> None:
    """A JVM on a busy machine took over 10 s for a scene: 418 cases were not tried."""

    def ends(desk: Desk) -> object:
        raise ending

    monkeypatch.setitem(SCENES, "planTableScan", ends)  # type: ignore[arg-type]
    assert setup_stands(whole_desk, "planTableScan") is stands
