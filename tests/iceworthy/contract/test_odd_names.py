"""Odd names are tried where a request can name them, and dropped where they were made."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from iceworthy.contract.case import cases_of
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Skipped
from iceworthy.contract.odd_names import can_be_addressed
from iceworthy.contract.run import run_case
from tests.iceworthy.contract.conftest import Server
from tests.iceworthy.contract.test_remarks import error


def test_a_name_with_the_advertised_separator_in_it_is_not_asked(
    desk: Desk, server: Server
) -> None:
    server.otherwise = error(500)
    desk.wire = replace(desk.wire, separator=".", path_separator="%2E")
    named = {one.name: one for one in cases_of("namespaces")}
    for label, ended in (("dot", "skipped"), ("slash", "broken")):
        one = named[f"an_odd_name_is_kept_exactly_or_refused[{label}]"]
        assert run_case(desk, one).ended == ended


def test_a_name_without_the_separator_is_asked(desk: Desk) -> None:
    can_be_addressed(desk, ("a.b", "c"))
    with pytest.raises(Skipped, match="no path can name"):
        can_be_addressed(desk, ("a\x1fb",))


def test_a_drop_of_another_2xx_is_not_the_names_fault(desk: Desk, server: Server) -> None:
    """Else one wrong status of dropNamespace breaks thirty cases about createNamespace."""
    levels = ["iw_n1 a b"]
    path = "/v1/p/namespaces/iw_n1%20a%20b"
    server.answers["POST", "/v1/p/namespaces"] = 200, orjson.dumps({"namespace": levels})
    server.answers["GET", path] = 200, orjson.dumps({"namespace": levels})
    listed = orjson.dumps({"namespaces": [levels]})
    server.answers["GET", "/v1/p/namespaces"] = 200, listed
    server.answers["DELETE", path] = 200, b"null"
    named = {one.name: one for one in cases_of("namespaces")}
    found = run_case(desk, named["an_odd_name_is_kept_exactly_or_refused[space]"])
    assert found.expected == "to be gone (404)", "the drop counts, and then the name is still there"
