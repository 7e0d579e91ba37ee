"""The frame of the contract's cases: how a case ends, and that each end is told truthfully."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iceworthy.client.asker import Reply
from iceworthy.client.connect import Config
from iceworthy.contract import desk as desk_module
from iceworthy.contract.asks import Ask
from iceworthy.contract.case import Case, cases_of, subjects
from iceworthy.contract.desk import Desk
from iceworthy.contract.inquiries import InquiryPlan
from iceworthy.contract.run import Asking, CaseEnding, ask_all, run_case
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.known import Known
from iceworthy.record.run_folder import RunFolder
from tests.iceworthy.contract.conftest import Server


def case_of(body: Callable[..., None], about: str = "loadTable", **more: Any) -> Case:
    return Case(
        name="c", subject="s", about=about, requirement="FR-001", says="", body=body, **more
    )


def test_a_path_holds_every_level_and_name_encoded(desk: Desk, server: Server) -> None:
    desk.do("loadTable", ("a/b", "c d"), "t%?", query={"snapshots": "refs", "x": True})
    assert server.asked[0][1] == (
        "/v1/p/namespaces/a%2Fb%1Fc%20d/tables/t%25%3F?snapshots=refs&x=true"
    )


def test_what_a_case_wants_and_what_came_is_kept_with_a_curl_line(
    desk: Desk, server: Server
) -> None:
    server.answers["GET", "/v1/p/namespaces/a/tables/t"] = (500, b'{"error":"boom"}')
    outcome = run_case(desk, case_of(lambda d: d.expect(d.do("loadTable", ("a",), "t"), 200)))
    assert (outcome.ended, outcome.expected) == ("broken", "status 200")
    assert "status 500" in outcome.got
    assert outcome.asked is not None
    assert '"Authorization: Bearer $TOKEN"' in outcome.asked.curl
    assert "s3cret" not in outcome.asked.curl
    assert "/v1/p/namespaces/a/tables/t" in outcome.asked.curl


def test_manifest_lists_are_written_before_commits_are_sent_at_one_moment(
    desk_on: Callable[..., Desk], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each commit would be late by the time that its own file takes, and miss the others."""
    written: list[tuple[str, int]] = []
    keep = lambda location, data: written.append((location, len(server.asked)))  # noqa: E731
    monkeypatch.setattr(desk_module, "keeper_of", lambda live: keep)
    desk = desk_on(Config())

    def commit(number: int) -> Ask:
        named = {"snapshot-id": number, "manifest-list": f"s3://b/{number}.avro"}
        updates = [{"action": "add-snapshot", "snapshot": named}]
        return Ask(operation="updateTable", parts=(("a",), "t"), body={"updates": updates})

    desk.at_once(commit(1), commit(2))
    assert written == [("s3://b/1.avro", 0), ("s3://b/2.avro", 0)]
    assert len(server.asked) == 2


def test_a_broken_case_keeps_its_statuses_and_the_request_as_data(
    desk: Desk, server: Server
) -> None:
    server.answers["POST", "/v1/p/namespaces"] = (409, b'{"error":{"type":"X"}}')
    body = {"namespace": ["a"]}
    ask = {"body": body, "headers": {"Idempotency-Key": "k"}}

    def ended(check: Callable[[Desk, Reply], Any]) -> CaseEnding:
        return run_case(desk, case_of(lambda d: check(d, d.do("createNamespace", **ask))))

    wrong_status = ended(lambda d, reply: d.expect(reply, 200, 204))
    assert (wrong_status.expected_statuses, wrong_status.given) == ((200, 204), 409)
    wrong_type = ended(lambda d, reply: d.expect(reply, 409, error="Y"))
    assert (wrong_type.expected_statuses, wrong_type.given) == ((), 409)
    wrong_body = ended(lambda d, reply: d.same("x", 1, 2))
    assert (wrong_body.expected_statuses, wrong_body.given) == ((), 409)
    assert wrong_body.asked is not None
    sent = wrong_body.asked.sent
    assert (sent.method, sent.path) == ("POST", "/v1/p/namespaces")
    assert json.loads(sent.body) == body
    assert sent.headers["Idempotency-Key"] == "k"
    assert sent.headers["Authorization"] == "Bearer $TOKEN"
    assert sent.curl == wrong_body.asked.curl


def test_no_answer_is_unknown_and_a_change_is_sent_once(desk: Desk, server: Server) -> None:
    server.answers["POST", "/v1/p/namespaces"] = (0, b"")
    outcome = run_case(desk, case_of(lambda d: d.do("createNamespace", body={})))
    assert outcome.ended == "unknown"
    assert len(server.asked) == 1


def test_a_scene_that_cannot_be_set_is_unknown(desk: Desk) -> None:
    outcome = run_case(desk, case_of(lambda d: d.fresh()))
    assert outcome.ended == "unknown"
    assert "createNamespace" in outcome.got


def test_an_answer_that_the_case_did_not_foresee_is_unknown(desk: Desk) -> None:
    outcome = run_case(desk, case_of(lambda d: d.do("loadTable", ("a",), "t").body["metadata"]))
    assert outcome.ended == "unknown"
    assert "KeyError" in outcome.got


def test_a_case_without_what_it_needs_does_not_apply(desk: Desk) -> None:
    def never(_: Desk) -> None:
        raise AssertionError

    assert run_case(desk, case_of(never, about="loadView")).ended == "skipped"
    assert run_case(desk, case_of(never, uses=("loadView",))).ended == "skipped"
    assert run_case(desk, case_of(never, needs=("two_nodes",))).ended == "skipped"
    with pytest.raises(KeyError, match="no capability"):
        run_case(desk, case_of(never, needs=("wings",)))


def test_a_skip_may_name_the_case_that_answers_its_question(desk: Desk) -> None:
    found = run_case(desk, case_of(lambda d: d.skip("served openly", left_to="s.other")))
    assert (found.ended, found.got, found.left_to) == ("skipped", "served openly", "s.other")


def test_equal_means_of_the_same_type(desk: Desk) -> None:
    for wanted, came in ((1, True), ([0], [False]), ({"a": 1}, {"a": True}), (1, 2)):
        outcome = run_case(desk, case_of(lambda d, w=wanted, c=came: d.same("x", w, c)))
        assert outcome.ended == "broken", (wanted, came)
    assert run_case(desk, case_of(lambda d: d.same("x", {"a": [1]}, {"a": [1]}))).ended == "holds"


def test_without_endpoints_what_old_servers_have_is_offered(desk: Desk) -> None:
    assert desk.offers("loadTable")
    assert not desk.offers("loadView")


def test_there_are_many_cases_each_with_a_name_and_words_of_its_own() -> None:
    found = [one for subject in subjects() for one in cases_of(subject)]
    names = [f"{one.subject}.{one.name}" for one in found]
    assert len(found) > 250
    assert len(set(names)) == len(names)
    assert all(one.says and one.requirement for one in found)
    json.dumps([one.title for one in found])


def test_what_a_capability_needs_and_does_not_get_ends_the_case_alone(
    whole_desk: Desk, server: Server
) -> None:
    """To know whether namespaces have properties, one is created; where createNamespace never
    answers, the case is not tried, and the run goes on."""
    whole_desk.silent.add("createNamespace")
    one = case_of(lambda d: d.fresh(), about="listNamespaces", needs=("namespace_properties",))
    found = run_case(whole_desk, one, {"createNamespace": "plain_requests.first"})
    assert (found.ended, found.stands_on) == ("unknown", "plain_requests.first")


@pytest.mark.parametrize(
    ("about", "status", "ended"),
    [
        ("dropTable", 204, "holds"),
        ("dropTable", 200, "broken"),
        ("createTable", 200, "holds"),
        ("createTable", 404, "broken"),
        ("", 200, "broken"),
    ],
)
def test_which_2xx_it_is_counts_where_the_case_is_about_the_operation(
    desk: Desk, server: Server, about: str, status: int, ended: str
) -> None:
    """Else a drop that answers 200 breaks every case that drops something."""
    server.answers["DELETE", "/v1/p/namespaces/a/tables/t"] = status, b"{}"
    one = case_of(lambda d: d.expect(d.do("dropTable", ("a",), "t"), 204), about=about)
    assert run_case(desk, one).ended == ended


def test_an_entry_may_spell_the_prefix_that_the_requests_have(
    desk_on: Callable[..., Desk],
) -> None:
    """The target's file may give the prefix, and /v1/config none: the requests' prefix counts."""
    desk = desk_on(Config(endpoints=("GET /v1/p/namespaces",)))
    assert desk.wire.prefix == "p"
    assert desk.offers("listNamespaces")
    assert not desk.offers("createNamespace")


@pytest.mark.parametrize(
    ("stops", "wanted"),
    [(True, ["holds", "broken", "unknown"]), (False, ["holds", "broken", "holds"])],
)
def test_a_run_that_is_to_stop_at_a_fail_asks_nothing_after_a_broken_case(
    stops: bool, wanted: list[str], desk: Desk, server: Server, tmp_path: Path
) -> None:
    server.answers["GET", "/v1/p/namespaces/a/tables/t"] = (500, b"{}")
    good = case_of(lambda _: None)
    bad = case_of(lambda d: d.expect(d.do("loadTable", ("a",), "t"), 200))
    folder = RunFolder(tmp_path)
    params = {"stops_at_fail": True} if stops else {}
    plan = InquiryPlan(seed=1, token="", known=Known(), params=params, say=lambda _: None)
    asking = Asking(desk=desk, ends_at=time.monotonic() + 60.0, time_is_over="the time is over")
    ask_all(folder, asking, [good, bad, good], plan)
    lines = list(folder.read(CaseResult))
    assert [one.ended for one in lines] == wanted
    assert not stops or "stop at a broken case (s.c)" in lines[-1].got
