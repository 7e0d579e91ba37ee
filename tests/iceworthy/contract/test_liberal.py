"""A body that is not as its schema says may be ignored; what comes of it, or a 5xx, is a defect."""

from __future__ import annotations

import pytest

from iceworthy.contract.case import cases_of
from iceworthy.contract.desk import Desk
from iceworthy.contract.liberal import refused_or_ignored
from iceworthy.contract.run import run_case
from tests.iceworthy.contract.conftest import Server
from tests.iceworthy.contract.test_remarks import case_of

TABLE = "/v1/p/namespaces/a/tables/t"


@pytest.mark.parametrize(
    ("status", "ended"), [(400, "holds"), (422, "holds"), (200, "remark"), (500, "broken")]
)
def test_a_2xx_is_a_remark(desk: Desk, server: Server, status: int, ended: str) -> None:
    server.answers["POST", TABLE] = status, b"{}"

    def body(one: Desk) -> None:
        refused_or_ignored(one, one.do("updateTable", ("a",), "t", body=[]))

    assert run_case(desk, case_of(body)).ended == ended


def test_what_came_of_it_breaks_the_case(whole_desk: Desk, server: Server) -> None:
    server.otherwise = 200, b'{"properties":{"a":"5"}}'  # the value was an object
    named = {one.name: one for one in cases_of("namespace_properties")}
    one = named["a_change_of_the_wrong_shape_is_refused[value an object]"]
    found = run_case(whole_desk, one)
    assert (found.ended, found.expected.split(":")[0]) == ("broken", "properties")
