"""The survey: nothing to say of an honest catalog, the right thing of each dishonest one."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from typing import Any

import pytest

from iceworthy.contract.survey import check_names, survey
from iceworthy.record.contract_lines import TriedThing
from iceworthy.words.errors import TargetError
from iceworthy.words.target import AuthSpec, CatalogSpec, DatabaseSpec, NodeSpec
from tests.streams import lines_of


def broken(found: Any) -> list[str]:
    return [finding.what for finding in found.broken]


def test_an_honest_catalog_has_nothing_broken_and_nothing_unknown(
    tiny_catalog: Any, live_over: Any
) -> None:
    live = live_over(tiny_catalog())
    start = time.monotonic()
    found = survey(live, live.folder, seed=1)
    assert time.monotonic() - start < 5
    assert (broken(found), [f.what for f in found.unknown], found.id_bits) == ([], [], 62)
    lines = list(lines_of(live.folder, "findings"))
    assert len(lines) == len(found.findings) > 120
    assert {line["check"] for line in lines} == set(check_names())
    assert {line["requirement"] for line in lines} == {
        "FR-001",
        "FR-002",
        "FR-003",
        "FR-004",
        "FR-006",
        "FR-013",
    }
    assert all(line["works"] is True and line["request"].startswith("curl ") for line in lines)


@pytest.mark.parametrize(
    ("quirk", "requirement", "what"),
    [
        ("created_201", "FR-001", "create a namespace"),
        ("create_again", "FR-001", "create a namespace that is there"),
        ("drop_non_empty", "FR-001", "drop a namespace that holds a table"),
        ("drop_non_empty", "FR-003", "drop a namespace that has children and a table below"),
        ("properties_forgotten", "FR-001", "properties are as they were set, removed and left"),
        ("drop_does_nothing", "FR-001", "a dropped table is gone"),
        ("exists_200", "FR-001", "HEAD of a table that is there"),
        ("rename_overwrites", "FR-001", "rename onto a name that is taken"),
        ("commit_does_nothing", "FR-001", "committed properties are there"),
        ("no_nesting", "FR-003", "create a namespace of a second level"),
        ("flat_listing", "FR-003", "under the parent only its own children are listed"),
        ("dots_are_levels", "FR-003", "a level with a dot in its name is not two levels"),
        ("cut_at_20", "FR-001", "list tables without a page token"),
        ("cut_at_100", "FR-001", "list namespaces without a page token"),
        ("stage_creates", "FR-001", "a staged table is not there before it is committed"),
        ("pages_overlap", "FR-001", "list tables by pages of 10"),
        ("ids_rounded", "FR-001", "append a snapshot with a 62-bit id and read it back exactly"),
        (
            "ignore_assert-table-uuid",
            "FR-004",
            "assert-table-uuid that does not hold refuses the commit",
        ),
        (
            "ignore_assert-ref-snapshot-id",
            "FR-004",
            "assert-ref-snapshot-id null for a ref that is there refuses the commit",
        ),
        (
            "ignore_assert-default-spec-id",
            "FR-004",
            "assert-default-spec-id that does not hold refuses the commit",
        ),
        ("html_errors", "FR-002", "body of the error: load a table that is not there"),
        ("bad_json_500", "FR-002", "malformed JSON to create a namespace: the request is refused"),
        ("null_snapshots", "FR-002", "body of the answer: load a table"),
        ("malformed_metrics", "FR-013", "metrics of node 0 at /metrics"),
    ],
)
def test_each_defect_is_found_where_it_is(
    tiny_catalog: Any, live_over: Any, quirk: str, requirement: str, what: str
) -> None:
    live = live_over(tiny_catalog(quirk), nodes=1)
    found = survey(live, live.folder, seed=1)
    assert (requirement, what) in {(f.requirement, f.what) for f in found.broken}


@pytest.mark.parametrize("quirk", ["no_pages"])
def test_what_the_specification_leaves_open_is_no_defect(
    tiny_catalog: Any, live_over: Any, quirk: str
) -> None:
    live = live_over(tiny_catalog(quirk), nodes=1)
    assert broken(survey(live, live.folder, seed=1)) == []


def test_where_wide_ids_are_not_kept_the_next_width_is_found(
    tiny_catalog: Any, live_over: Any
) -> None:
    live = live_over(tiny_catalog("ids_rounded"), nodes=1)
    found = survey(live, live.folder, seed=1)
    assert found.id_bits == 53
    widths = [(f.what.split("-bit")[0][-2:], f.works) for f in found.findings if "-bit" in f.what]
    assert widths == [("62", False), ("53", True)]


def test_a_prefix_a_separator_and_a_token_are_used(
    tiny_catalog: Any, live_over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IW_T_TOKEN", "s3cr3t")
    catalog = tiny_catalog()
    catalog.token = "s3cr3t"
    auth = AuthSpec(kind="token", token_variable="IW_T_TOKEN")
    live = live_over(catalog, nodes=1, auth=auth)
    found = survey(live, live.folder, seed=1)
    assert broken(found) == []
    text = live.folder.stream_file(TriedThing).read_text()
    assert "s3cr3t" not in text
    assert '-H \\"Authorization: Bearer $IW_T_TOKEN\\"' in text


def test_everything_stays_below_the_root_and_is_swept_from_a_target_that_lives_on(
    tiny_catalog: Any, live_over: Any
) -> None:
    catalog = tiny_catalog()
    catalog.namespaces[("team",)] = {}
    live = live_over(catalog, nodes=1, catalog=CatalogSpec(root_namespace=("team",)))
    found = survey(live, live.folder, seed=1)
    assert broken(found) == []
    assert list(catalog.namespaces) == [("team",)]
    assert not catalog.tables


def test_a_target_on_a_database_of_our_own_is_not_swept(tiny_catalog: Any, live_over: Any) -> None:
    catalog = tiny_catalog()
    node = NodeSpec(command=("x",))
    live = live_over(catalog, nodes=1, node=node, database=DatabaseSpec(kind="postgres"))
    survey(live, live.folder, seed=1)
    assert catalog.tables


def test_endpoints_that_are_not_word_for_word_are_not_advertised(
    tiny_catalog: Any, live_over: Any
) -> None:
    catalog = tiny_catalog()
    catalog.config["endpoints"] = ["GET /v1/namespaces", "POST /v1/{prefix}/namespaces"]
    live = live_over(catalog, nodes=1)
    found = {f.what: f for f in survey(live, live.folder, seed=1).findings}
    assert found["POST /v1/{prefix}/namespaces is advertised"].works is True
    listing = found["GET /v1/{prefix}/namespaces is advertised"]
    assert listing.works is False
    assert "'GET /v1/namespaces' is, which clients do not know" in listing.came
    assert found["HEAD /v1/{prefix}/namespaces/{namespace} is advertised"].works is True


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
    live_over: Any, raw_server: Any, answer: bytes
) -> None:
    def serve(connection: socket.socket, _: int) -> None:
        while connection.recv(65536):
            connection.sendall(answer)

    live = live_over(urls=[raw_server(serve).url])
    found = survey(live, live.folder, seed=1)
    assert found.id_bits == 31
    by_requirement: dict[str, set[bool | None]] = {}
    for finding in found.findings:
        by_requirement.setdefault(finding.requirement, set()).add(finding.works)
    for requirement in ("FR-001", "FR-002", "FR-003", "FR-004", "FR-013"):
        assert by_requirement[requirement] & {False, None}, requirement


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

    monkeypatch.setattr("iceworthy.contract.survey.REQUEST_S_MAX", 0.3)
    monkeypatch.setattr("iceworthy.contract.survey.checks.operations.ask_once", _no_answer)
    live = live_over(urls=[raw_server(serve).url])
    start = time.monotonic()
    found = survey(live, live.folder, seed=1)
    assert time.monotonic() - start < 5
    said = {finding.check: finding.came for finding in found.unknown}
    assert set(said) == set(check_names()) - {"configuration"}
    assert any("stopped answering" in came for came in said.values())
    assert any("timeout" in came for came in said.values())


def _no_answer(url: str, **_: Any) -> Any:
    from iceworthy.client.connection import Exchange

    return Exchange(error="timeout")


def test_a_target_that_dies_in_the_middle_leaves_the_rest_unknown(
    tiny_catalog: Any, live_over: Any
) -> None:
    catalog = tiny_catalog()
    live = live_over(catalog, nodes=1)
    answer = catalog.answer

    def dying(*arguments: Any) -> Any:
        return (0, None) if catalog.requests > 60 else answer(*arguments)

    catalog.answer = dying
    found = survey(live, live.folder, seed=1)
    assert found.unknown
    assert not found.broken


def test_a_target_without_any_answer_is_an_error(live_over: Any) -> None:
    live = live_over(urls=["http://127.0.0.1:1", "http://127.0.0.1:2"])
    with pytest.raises(TargetError, match=r"no node answers: .*refused"):
        survey(live, live.folder, seed=1)


def test_a_dead_first_node_does_not_hide_the_second(tiny_catalog: Any, live_over: Any) -> None:
    live = live_over(tiny_catalog(), nodes=1)
    live.nodes = [replace(live.nodes[0], url="http://127.0.0.1:1"), replace(live.nodes[0], index=1)]
    found = survey(live, live.folder, seed=1)
    assert broken(found) == []
    assert {f.requirement for f in found.unknown} == {"FR-006", "FR-013"}
