"""The survey: nothing to say of an honest catalog, the right thing of each dishonest one."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from iceworthy.contract import run, silence
from iceworthy.contract.case import Case, cases_of, subjects
from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.known import Known
from iceworthy.specification import BY_DEFAULT, advertised_name, operation
from iceworthy.words.errors import TargetError
from iceworthy.words.target import AuthSpec, CatalogSpec, DatabaseSpec, NodeSpec
from tests.streams import lines_of

EARLY: list[Case] = [one for subject in subjects() for one in cases_of(subject) if one.early]
OFFERED = [*BY_DEFAULT, "namespaceExists", "tableExists"]
ENDPOINTS = [advertised_name(operation(name)) for name in OFFERED]
SHORT = [f"{subject}.*" for subject in subjects() if subject != "listings"]
Lines = dict[str, CaseResult]


def ask(live: Any, *cases: str) -> tuple[Inquired, Lines]:
    """What the survey came to, and its lines by case; with names, only these cases."""
    params = {"cases": cases} if cases else {}
    plan = InquiryPlan(seed=1, token="", known=Known(), params=params, say=lambda text: None)
    found = run.inquire(live, live.folder, plan, early=True)
    return found, read(live)


def read(live: Any) -> Lines:
    return {one.case: one for one in live.folder.read(CaseResult)}


def ended(lines: Lines, *how: str) -> dict[str, str]:
    return {name: one.got for name, one in lines.items() if one.ended in how}


def offering(catalog: Any) -> Any:
    """The catalog with every operation that it has in its list, those of existence too."""
    catalog.config["endpoints"] = ENDPOINTS
    return catalog


def test_an_honest_catalog_has_nothing_broken_and_nothing_unknown(
    tiny_catalog: Any, live_over: Any
) -> None:
    live = live_over(offering(tiny_catalog()))
    found, lines = ask(live)
    assert ended(lines, "broken", "unknown") == {}
    assert found.known == Known(
        endpoints=tuple(ENDPOINTS), pages=True, delegation=(), newest_only=False
    )
    assert list(lines) == [one.full_name for one in EARLY]
    skipped = ended(lines, "skipped")
    assert set(skipped) == {
        f"snapshot_ids.a_snapshot_id_is_kept_exactly[{bits} bits]" for bits in (53, 31)
    }
    assert {one.requirement for one in lines.values()} == {
        "FR-001",
        "FR-002",
        "FR-003",
        "FR-004",
        "FR-006",
        "FR-013",
    }
    asked = [one for one in lines.values() if one.ended == "holds" and one.about]
    assert all(one.request.startswith("curl ") for one in asked)
    assert not any(one.schema for one in lines.values())


TABLE_NAME = "tables.an_odd_table_name_is_kept_exactly_or_refused[slash]"


@pytest.mark.parametrize(
    ("quirk", "requirement", "case"),
    [
        ("created_201", "FR-001", "namespaces.a_created_namespace_is_named_in_the_answer"),
        (
            "create_again",
            "FR-001",
            "namespaces.the_second_create_of_a_namespace_is_refused_and_changes_nothing",
        ),
        ("drop_non_empty", "FR-001", "namespaces.a_namespace_that_holds_a_table_stays"),
        ("drop_non_empty", "FR-003", "hierarchy.a_namespace_with_a_child_stays"),
        (
            "properties_forgotten",
            "FR-001",
            "namespace_properties.properties_are_as_asked_and_the_others_as_they_were"
            "[set and remove]",
        ),
        ("drop_does_nothing", "FR-001", "table_presence.a_dropped_table_is_gone"),
        ("exists_200", "FR-001", "table_presence.exists_tells_whether_a_table_is_there"),
        ("rename_overwrites", "FR-001", "rename.a_taken_destination_is_refused_and_nothing_moves"),
        ("commit_does_nothing", "FR-001", "table_updates.properties_are_set_and_removed"),
        ("no_nesting", "FR-003", "hierarchy.so_many_levels_deep[2]"),
        ("flat_listing", "FR-003", "hierarchy.a_parent_lists_its_children_and_nothing_deeper"),
        ("dots_are_levels", "FR-003", "hierarchy.a_dot_in_a_name_is_no_level"),
        ("cut_at_20", "FR-001", "listings.without_a_token_all_tables_come_at_once"),
        ("cut_at_100", "FR-001", "listings.without_a_token_all_namespaces_come_at_once"),
        ("stage_creates", "FR-001", "tables.a_staged_table_is_not_there"),
        ("pages_overlap", "FR-001", "listings.every_table_is_shown_once_at_this_page_size[7]"),
        ("ids_rounded", "FR-001", "snapshot_ids.a_snapshot_id_is_kept_exactly[62 bits]"),
        (
            "ignore_assert-table-uuid",
            "FR-004",
            "requirements.a_requirement_that_does_not_hold[assert-table-uuid]",
        ),
        (
            "ignore_assert-ref-snapshot-id",
            "FR-004",
            "requirements.a_requirement_that_does_not_hold[assert-ref-snapshot-id, null]",
        ),
        (
            "ignore_assert-default-spec-id",
            "FR-004",
            "requirements.a_requirement_that_does_not_hold[assert-default-spec-id]",
        ),
        ("html_errors", "FR-002", "errors.an_error_has_the_body_of_an_error[unknown table]"),
        (
            "bad_json_500",
            "FR-002",
            "errors.a_malformed_request_is_refused[namespace, broken JSON]",
        ),
        ("wants_spec", "FR-001", "plain_requests.a_table_needs_a_name_and_a_schema_alone"),
        ("malformed_metrics", "FR-013", "nodes.metrics_can_be_read"),
    ],
)
def test_each_defect_is_found_where_it_is(
    tiny_catalog: Any, live_over: Any, quirk: str, requirement: str, case: str
) -> None:
    live = live_over(offering(tiny_catalog(quirk)), nodes=1)
    _, lines = ask(live, case)
    assert (lines[case].ended, lines[case].requirement) == ("broken", requirement)


def test_a_body_that_is_not_as_its_schema_says_is_kept_with_its_case(
    tiny_catalog: Any, live_over: Any
) -> None:
    case = "readable_metadata.an_engine_can_read_the_table[loadTable]"
    _, lines = ask(live_over(tiny_catalog("null_snapshots"), nodes=1), case)
    assert [one.operation for one in lines[case].schema] == ["loadTable"]


def test_a_listing_in_one_answer_is_no_defect(tiny_catalog: Any, live_over: Any) -> None:
    found, lines = ask(live_over(tiny_catalog("no_pages"), nodes=1), "listings.*")
    assert ended(lines, "broken", "unknown") == {}
    assert found.known is not None
    assert found.known.pages is False


def test_where_wide_ids_are_not_kept_the_next_width_is_found_and_used(
    tiny_catalog: Any, live_over: Any
) -> None:
    live = live_over(tiny_catalog("ids_rounded"), nodes=1)
    found, lines = ask(live, "snapshot_ids.*", "requirements.a_requirement_that_holds*")
    assert found.known is not None
    assert found.known.id_bits == 53
    # Each requirement that is touched is refuted, though every later question is with narrow ids.
    assert set(ended(lines, "broken")) == {"snapshot_ids.a_snapshot_id_is_kept_exactly[62 bits]"}
    (wide,) = (one for one in lines.values() if one.ended == "broken")
    assert (wide.requirement, wide.touches) == ("FR-001", ("FR-002",))


def test_a_token_is_sent_and_never_written_down(
    tiny_catalog: Any, live_over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IW_T_TOKEN", "s3cr3t")
    catalog = tiny_catalog()
    catalog.token = "s3cr3t"
    auth = AuthSpec(kind="token", token_variable="IW_T_TOKEN")
    live = live_over(catalog, nodes=1, auth=auth)
    _, lines = ask(live, "namespaces.*", "nodes.*")
    assert ended(lines, "broken", "unknown") == {}
    text = live.folder.stream_file(CaseResult).read_text()
    assert "s3cr3t" not in text
    assert '-H \\"Authorization: Bearer $IW_T_TOKEN\\"' in text


def test_everything_stays_below_the_root_and_is_swept_from_a_target_that_lives_on(
    tiny_catalog: Any, live_over: Any
) -> None:
    catalog = tiny_catalog()
    catalog.namespaces[("team",)] = {}
    live = live_over(catalog, nodes=1, catalog=CatalogSpec(root_namespace=("team",)))
    found, lines = ask(live, *SHORT)
    assert ended(lines, "broken", "unknown") == {}
    assert found.left == []
    assert list(catalog.namespaces) == [("team",)]
    assert not catalog.tables


def test_a_target_on_a_database_of_our_own_is_not_swept(tiny_catalog: Any, live_over: Any) -> None:
    catalog = tiny_catalog()
    node = NodeSpec(command=("x",))
    live = live_over(catalog, nodes=1, node=node, database=DatabaseSpec(kind="postgres"))
    ask(live, "tables.*")
    assert catalog.tables


def test_endpoints_that_are_not_word_for_word_are_not_advertised(
    tiny_catalog: Any, live_over: Any
) -> None:
    catalog = tiny_catalog()
    catalog.config["endpoints"] = ["GET /v1/namespaces", "POST /v1/{prefix}/namespaces"]
    _, lines = ask(live_over(catalog, nodes=1), "configuration.*")
    case = "configuration.what_every_client_needs_is_advertised"
    assert lines[f"{case}[createNamespace]"].ended == "holds"
    listing = lines[f"{case}[listNamespaces]"]
    assert listing.ended == "broken"
    assert "'GET /v1/namespaces', which is another text" in listing.got
    assert lines[f"{case}[renameTable]"].ended == "skipped"


def test_what_is_not_advertised_is_not_asked(tiny_catalog: Any, live_over: Any) -> None:
    asked: set[tuple[str, str]] = set()
    catalog = tiny_catalog()
    catalog.config["endpoints"] = [one for one in ENDPOINTS if not one.endswith("rename")]
    del catalog.config["endpoints"][-2:]  # HEAD, which no client must have
    answer = catalog.answer

    def heard(method: str, path: str, *rest: Any) -> Any:
        asked.add((method, path.rpartition("/")[2]))
        return answer(method, path, *rest)

    catalog.answer = heard
    _, lines = ask(live_over(catalog, nodes=1), *SHORT)
    assert "HEAD" not in {method for method, _ in asked}
    assert ("POST", "rename") not in asked
    said = ended(lines, "skipped")
    assert said["table_presence.exists_tells_whether_a_table_is_there"] == (
        "tableExists is not advertised"
    )


def test_a_scene_that_cannot_be_made_is_one_finding_and_the_rest_names_it(
    tiny_catalog: Any, live_over: Any
) -> None:
    """One field that a create needs and should not: one cause, not fifty."""
    _, lines = ask(live_over(offering(tiny_catalog("wants_spec")), nodes=1))
    first = "plain_requests.a_table_needs_a_name_and_a_schema_alone"
    assert ended(lines, "broken").keys() == {first}
    assert lines[first].request.count('"schema"') == 1
    unknown = [one for one in lines.values() if one.ended == "unknown"]
    assert len(unknown) > 40
    assert {one.stands_on for one in unknown} == {first}
    assert all(first in one.got for one in unknown)
    # A refusal proves nothing where everything is refused; namespaces need no table.
    assert lines["table_presence.an_unknown_table_is_not_found"].ended == "holds"
    assert lines["namespaces.a_loaded_namespace_is_named"].ended == "holds"


def test_a_dead_first_node_does_not_hide_the_second(tiny_catalog: Any, live_over: Any) -> None:
    live = live_over(tiny_catalog(), nodes=1)
    live.nodes = [replace(live.nodes[0], url="http://127.0.0.1:1"), replace(live.nodes[0], index=1)]
    _, lines = ask(live, "nodes.*", "namespaces.*")
    assert ended(lines, "broken") == {}
    assert set(ended(lines, "unknown")) == {name for name in lines if name.startswith("nodes.")}


def test_a_target_without_any_answer_is_an_error(live_over: Any) -> None:
    live = live_over(urls=["http://127.0.0.1:1", "http://127.0.0.1:2"])
    with pytest.raises(TargetError, match=r"no node answers: .*refused"):
        ask(live)


def test_a_target_that_dies_in_the_middle_leaves_the_rest_unknown(
    tiny_catalog: Any, live_over: Any
) -> None:
    catalog = tiny_catalog()
    live = live_over(catalog, nodes=1)
    answer = catalog.answer

    def dying(*arguments: Any) -> Any:
        return (0, None) if catalog.requests > 60 else answer(*arguments)

    catalog.answer = dying
    _, lines = ask(live)
    unknown = ended(lines, "unknown")
    assert not ended(lines, "broken")
    assert "the target stopped answering before this case" in unknown.values()


def test_where_the_time_is_over_the_reason_is_the_time(
    tiny_catalog: Any, live_over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "SURVEY_S_MAX", -1.0)
    _, lines = ask(live_over(tiny_catalog(), nodes=1))
    assert {one.ended for one in lines.values()} == {"unknown"}
    (why,) = {one.got for one in lines.values()}
    assert "s for all cases were over" in why
    assert "target" not in why


def test_a_target_that_hangs_after_its_configuration_ends_the_survey_soon(
    live_over: Any, raw_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(connection: socket.socket, _: int) -> None:
        while data := connection.recv(65536):
            if b"/config" in data:
                body = b'{"defaults":{},"overrides":{}}'
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
                )

    monkeypatch.setattr(run, "SURVEY_REQUEST_S_MAX", 0.3)
    monkeypatch.setattr(silence, "PATIENCE_S", 0.3)
    _, lines = ask(live_over(urls=[raw_server(serve).url]), "plain*", "snapshot*", "hierarchy*")
    never = list(ended(lines, "broken").values())
    assert len(never) <= run.SILENT_MOST  # fewer where the machine is too busy to say never
    assert all("getConfig were answered" in came for came in never)
    rest = set(lines) - ended(lines, "broken").keys()
    assert rest == ended(lines, "unknown").keys()
    said = (
        "no answer to ",
        "not tried: it needs ",
        "the target stopped answering before this case",
    )
    assert all(came.startswith(said) for came in ended(lines, "unknown").values())


WRONG_TYPES = (
    b'{"defaults":3,"overrides":[],"endpoints":"x","namespace":7,"identifiers":{"a":1},'
    b'"namespaces":"abc","metadata":{"snapshots":5,"table-uuid":null,"refs":"main"},"x":1}'
)
NONSENSE = {
    "html": b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>",
    "a list": b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n[1,null]",
    "an empty object": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "wrong types": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(WRONG_TYPES), WRONG_TYPES)
    ),
    "an error for all": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_gives_findings_and_never_a_pass_for_what_depends_on_it(
    live_over: Any, raw_server: Callable[..., Any], answer: bytes
) -> None:
    def serve(connection: socket.socket, _: int) -> None:
        while connection.recv(65536):
            connection.sendall(answer)

    found, lines = ask(live_over(urls=[raw_server(serve).url]))
    assert found.known is not None
    assert found.known.id_bits == 31
    by_requirement: dict[str, set[str]] = {}
    for one in lines.values():
        by_requirement.setdefault(one.requirement, set()).add(one.ended)
    for requirement in ("FR-001", "FR-002", "FR-003", "FR-004", "FR-013"):
        assert by_requirement[requirement] & {"broken", "unknown"}, requirement


def test_its_lines_are_those_of_the_contract(tiny_catalog: Any, live_over: Any) -> None:
    live = live_over(tiny_catalog(), nodes=1)
    ask(live, TABLE_NAME)
    (line,) = lines_of(live.folder, "cases")
    assert line["case"] == TABLE_NAME
    assert not live.folder.stream_file(CaseResult).with_name("findings.jsonl").exists()
    assert list(lines_of(live.folder, "operations"))
