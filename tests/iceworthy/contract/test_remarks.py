"""What the words leave open is a remark; who was not let in decides nothing; places exist."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest
import yaml

from iceworthy.client import asker
from iceworthy.client.connect import Config
from iceworthy.contract.attempts import refuse
from iceworthy.contract.capabilities import keeps_properties, missing
from iceworthy.contract.case import Case, case, cases_of, subjects
from iceworthy.contract.desk import Desk
from iceworthy.contract.logins import NOBODY
from iceworthy.contract.run import run_case
from tests.iceworthy.contract.conftest import Server
from tests.places import is_place, is_place_of

LOAD = ("GET", "/v1/p/namespaces/a/tables/t")
OWN = ("FR-", "SC-", "EC-")
PAGE_SIZE = "a_page_size_that_is_none_never_loses_a_name"


def case_of(body: Callable[..., None], **more: Any) -> Case:
    return Case(
        name="c", subject="s", about="loadTable", requirement="FR-1", says="", body=body, **more
    )


def error(status: int, kind: str = "NoSuchTableException") -> tuple[int, bytes]:
    return status, orjson.dumps({"error": {"message": "no", "type": kind, "code": status}})


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (error(400, "BadRequestException"), "holds"),
        (error(422, "BadRequestException"), "remark"),
        (error(400, "org.example.Bad"), "remark"),
        (error(404, "BadRequestException"), "broken"),
        (error(500, "BadRequestException"), "broken"),
    ],
)
def test_another_4xx_or_type_that_the_words_allow_is_a_remark(
    desk: Desk, server: Server, answer: tuple[int, bytes], ended: str
) -> None:
    server.answers[LOAD] = answer

    def body(one: Desk) -> None:
        one.expect(one.do("loadTable", ("a",), "t"), 400, error="BadRequestException")

    found = run_case(desk, case_of(body))
    assert found.ended == ended
    if ended == "remark":
        assert found.expected.startswith("status 400")
        assert found.asked is not None


@pytest.mark.parametrize(
    ("texts", "ended"),
    [
        ({"message": "no", "type": "T"}, "holds"),
        ({"message": "no", "type": ""}, "remark"),
        ({"message": "", "type": "T"}, "remark"),
        ({"message": "no", "type": None}, "broken"),
        ({"message": "no"}, "broken"),
    ],
)
def test_an_empty_text_is_a_text_and_none_is_not(
    whole_desk: Desk, server: Server, texts: Mapping[str, Any], ended: str
) -> None:
    server.otherwise = 404, orjson.dumps({"error": {**texts, "code": 404}})
    server.kind = "application/json"
    name = "an_error_has_the_body_of_an_error[unknown namespace]"
    one = next(case for case in cases_of("errors") if case.name == name)
    assert run_case(whole_desk, one).ended == ended


@pytest.mark.parametrize(
    ("more", "message", "ended"),
    [
        ({}, "no", "holds"),
        ({"stack": ["at org.x.Y(Y.java:1)"]}, "no", "remark"),
        ({"hints": [1]}, "no", "holds"),
        ({}, "no: at org.x.Y(Y.java:1)", "broken"),
        ({"stack": []}, "select a from b", "broken"),
    ],
)
def test_an_error_may_have_the_stack_that_its_schema_names(
    whole_desk: Desk, server: Server, more: Mapping[str, Any], message: str, ended: str
) -> None:
    said = {"message": message, "type": "NoSuchNamespaceException", "code": 404, **more}
    server.otherwise = 404, orjson.dumps({"error": said})
    name = "an_error_tells_nothing_of_the_inside[unknown namespace]"
    one = next(case for case in cases_of("errors") if case.name == name)
    assert run_case(whole_desk, one).ended == ended


def test_what_was_refused_as_too_many_decides_nothing(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asker, "PATIENCE_S", 0.0)
    server.answers[LOAD] = error(429)
    found = run_case(desk, case_of(lambda one: one.refused(one.do("loadTable", ("a",), "t"))))
    assert found.ended == "unknown"
    assert "429, too many requests" in found.got


def test_a_case_goes_on_after_a_remark_and_may_still_break(desk: Desk, server: Server) -> None:
    server.answers[LOAD] = error(422)

    def body(one: Desk) -> None:
        one.expect(one.do("loadTable", ("a",), "t"), 400)
        one.broken("the state as it was", "another")

    assert run_case(desk, case_of(body)).ended == "broken"
    assert run_case(desk, case_of(lambda one: None)).ended == "holds", "remarks are forgotten"


def test_a_case_that_rests_on_a_reading_breaks_nothing(desk: Desk) -> None:
    body = case_of(lambda one: one.broken("a 4xx", "status 204"), reading="it may look away")
    assert run_case(desk, body).ended == "remark"


def test_no_reading_lets_a_server_fail(desk: Desk, server: Server) -> None:
    server.answers[LOAD] = error(500)
    body = case_of(
        lambda one: one.refused(one.do("loadTable", ("a",), "t")), reading="it may look away"
    )
    assert run_case(desk, body).ended == "broken"


@pytest.mark.parametrize(("status", "ended"), [(405, "holds"), (501, "holds"), (500, "broken")])
def test_a_server_may_know_a_method_nowhere(
    whole_desk: Desk, server: Server, status: int, ended: str
) -> None:
    server.otherwise = status, b""
    named = {one.name: one for one in cases_of("errors")}
    assert run_case(whole_desk, named["an_unknown_method_is_a_4xx[PUT]"]).ended == ended


@pytest.mark.parametrize(("status", "ended"), [(406, "remark"), (400, "broken"), (500, "broken")])
def test_a_server_may_not_know_overwrite(
    whole_desk: Desk, server: Server, status: int, ended: str
) -> None:
    server.otherwise = 200, b'{"metadata-location":"s3://b/m.json"}'
    server.answers["POST", "/v1/p/namespaces/iw_ns1/register"] = error(status, "X")
    named = {one.name: one for one in cases_of("register")}
    assert run_case(whole_desk, named["overwrite_of_a_free_name_registers"]).ended == ended


def test_a_reading_may_be_about_one_label() -> None:
    by_name = {one.name: one.reading for one in cases_of("namespaces")}
    assert by_name["a_body_that_is_no_request_is_refused[trailing]"]
    assert not by_name["a_body_that_is_no_request_is_refused[null]"]


def test_answers_are_booked_on_the_operation_that_gives_them() -> None:
    about = {one.name: one.about for one in cases_of("errors")}
    assert about["an_error_has_the_body_of_an_error[taken table]"] == "createTable"
    assert about["an_error_has_the_body_of_an_error[namespace that is not empty]"] == (
        "dropNamespace"
    )
    with pytest.raises(KeyError):
        case({"one": "loadTable"}, says="x", each=("two",))(lambda desk, value: None)


@pytest.mark.parametrize(
    ("status", "ended"), [(401, "holds"), (403, "remark"), (404, "remark"), (200, "broken")]
)
def test_a_refusal_may_say_less(whole_desk: Desk, server: Server, status: int, ended: str) -> None:
    server.otherwise = error(status)
    whole_desk.shared("refusal of the login", str)  # the target's own login is let in
    whole_desk.shared("space of attempts", lambda: ("a",))
    found = run_case(whole_desk, case_of(lambda one: refuse(one, "listTables", NOBODY, 401)))
    assert found.ended == ended


def test_an_open_configuration_is_a_remark(whole_desk: Desk, server: Server) -> None:
    server.otherwise = 200, b"{}"
    found = run_case(whole_desk, case_of(lambda one: refuse(one, "getConfig", NOBODY, 401)))
    assert found.ended == "remark"


def test_where_the_own_login_is_refused_nothing_is_decided(
    whole_desk: Desk, server: Server
) -> None:
    server.otherwise = error(401)
    found = run_case(whole_desk, case_of(lambda one: refuse(one, "listTables", NOBODY, 401)))
    assert found.ended == "unknown"
    assert "the login itself is refused" in found.got


def test_what_is_not_advertised_is_not_asked(desk: Desk, server: Server) -> None:
    server.answers["GET", "/v1/p/namespaces/a/tables/t"] = 200, b"{}"
    desk.is_there("tableExists", ("a",), "t")
    desk.is_there("viewExists", ("a",), "v")
    assert [method for method, *_ in server.asked] == ["GET"]


def test_an_answer_of_what_is_not_advertised_has_no_schema(desk: Desk, server: Server) -> None:
    server.otherwise = 404, b'{"error": "no"}'
    one = next(
        case
        for case in cases_of("configuration")
        if case.name.startswith("what_is_not_advertised") and case.values[0].id == "listViews"
    )
    server.answers["POST", "/v1/p/namespaces"] = 200, b'{"namespace": ["iw_ns1"]}'
    assert run_case(desk, one).ended == "holds"
    reply = desk.recent[-1]
    assert (reply.status, reply.problems) == (404, ())
    server.otherwise = 500, b""
    assert run_case(desk, one).ended == "broken"


@pytest.mark.parametrize(
    ("status", "ended", "words"),
    [(400, "holds", ""), (422, "holds", ""), (500, "broken", "a status 4xx")],
)
def test_a_page_size_that_is_no_number_is_no_lawful_request(
    whole_desk: Desk, server: Server, status: int, ended: str, words: str
) -> None:
    one = next(c for c in cases_of("listings") if c.name == f"{PAGE_SIZE}[x]")
    whole_desk.fresh = lambda **_: ("a",)  # type: ignore[method-assign]
    whole_desk.table = lambda *_, **__: {}  # type: ignore[method-assign]
    server.otherwise = error(status)
    found = run_case(whole_desk, one)
    assert (found.ended, found.expected) == (ended, words)


def test_a_step_that_is_not_advertised_makes_the_case_not_apply(desk: Desk) -> None:
    found = run_case(desk, case_of(lambda one: one.need(one.do("createView", ("a",), body={}))))
    assert (found.ended, found.got) == ("skipped", "createView is not advertised")


@pytest.mark.parametrize(
    ("shown", "changed", "kept"),
    [({"p": "1"}, 406, True), ({}, 406, False), ({}, 200, True)],
)
def test_properties_of_namespaces_are_optional_but_not_by_halves(
    whole_desk: Desk, server: Server, shown: Mapping[str, str], changed: int, kept: bool
) -> None:
    loaded = {"namespace": ["iw_ns1"], "properties": shown}
    server.answers["POST", "/v1/p/namespaces"] = 200, json.dumps(loaded).encode()
    server.answers["GET", "/v1/p/namespaces/iw_ns1"] = 200, json.dumps(loaded).encode()
    server.answers["POST", "/v1/p/namespaces/iw_ns1/properties"] = changed, b"{}"
    assert keeps_properties(whole_desk) is kept
    assert bool(missing(whole_desk, ("namespace_properties",))) is not kept


def test_page_tokens_that_repeat_are_broken_and_empty_pages_are_not(
    desk_on: Callable[..., Desk], server: Server
) -> None:
    one = next(c for c in cases_of("listings") if c.name.startswith("every_table_is_shown_once"))
    desk = desk_on(Config())
    desk.shared("many tables", lambda: (("a",), ["t"]))
    path = "/v1/p/namespaces/a/tables?pageSize=1&pageToken="
    pages: dict[str, dict[str, Any]] = {
        "": {"identifiers": [], "next-page-token": "1"},
        "1": {"identifiers": [{"namespace": ["a"], "name": "t"}], "next-page-token": "2"},
        "2": {"identifiers": [], "next-page-token": None},
    }
    for token, page in pages.items():
        server.answers["GET", path + token] = 200, json.dumps(page).encode()
    assert run_case(desk, one).ended == "holds"
    pages["2"]["next-page-token"] = "1"
    server.answers["GET", f"{path}2"] = 200, json.dumps(pages["2"]).encode()
    assert "repeats a token" in run_case(desk, one).got


@pytest.mark.parametrize("subject", subjects())
def test_every_case_names_the_place_of_the_words_that_decide_it(
    subject: str, official_document: str
) -> None:
    document = _read(official_document)
    for one in cases_of(subject):
        assert one.place.startswith(OWN) or is_place(document, one.place), (one.name, one.place)
        assert one.place != one.about, f"{one.name}: name a part of the operation"
        is_own = not one.about or one.place.startswith(OWN)
        assert is_own or is_place_of(document, one.about, one.place), (one.name, one.place)


def test_words_about_another_operation_are_no_place_of_it(official_document: str) -> None:
    document = _read(official_document)
    assert is_place_of(document, "listViews", "schemas.PageToken")
    assert not is_place_of(document, "listViews", "schemas.CreateViewRequest")
    assert not is_place_of(document, "updateProperties", "schemas.TableRequirement")
    assert not is_place_of(document, "cancelPlanning", "fetchPlanningResult.description")


_documents: dict[int, Mapping[str, Any]] = {}


def _read(text: str) -> Mapping[str, Any]:
    if id(text) not in _documents:
        _documents[id(text)] = yaml.load(text, Loader=yaml.CSafeLoader)
    return _documents[id(text)]
