"""A finding of the history brings its scene: lines that a shell sends from nothing to the fault."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.pasted_lines import needs_text
from analysis.scene_of_operations import requests_to_paste, with_scenes
from iceworthy.record.history import FLAG_MEMBER, NULL_PARENT, key_of
from iceworthy.words.finding import Cause, Finding, Request
from iceworthy.words.target import AuthSpec, CatalogSpec, TargetSpec

TABLE = key_of(("a b", "c"), "t")
OTHER = key_of(("a b", "c"), "u")
SPACE = key_of(("a b", "c"))
SPACES = ["/v1/{prefix}/namespaces", "/v1/{prefix}/namespaces"]
IN_SPACE = "/v1/{prefix}/namespaces/a%20b%1Fc"


def asked(requests: Sequence[Request]) -> list[tuple[str, str]]:
    return [(one.method, one.path.removeprefix(IN_SPACE)) for one in requests]


def body(request: Request) -> Any:
    return json.loads(request.body)


@pytest.fixture
def run(synthetic: Callable[..., Any]) -> Any:
    return synthetic("steady")


def test_a_lost_update_is_a_table_two_commits_at_once_and_its_reads(run: Any) -> None:
    run.op("updateTable", 1.0, key=TABLE, value=5, parent=NULL_PARENT)
    run.op("updateTable", 2.0, key=TABLE, value=7, parent=5, took_ms=50)
    run.op("updateTable", 2.01, key=TABLE, value=9, parent=5, took_ms=50, node=1)
    found = requests_to_paste(["load-0:1"], run.done())
    scene = [("POST", one) for one in (*SPACES, "/tables", "/tables/t")]
    commits = [("POST", "/tables/t")] * 2
    assert asked(found) == [*scene, *commits, ("GET", "/tables/t"), ("GET", "/tables/t")]
    made, first, second = (body(one)["updates"][0]["snapshot"] for one in found[3:6])
    assert [one["snapshot-id"] for one in (made, first, second)] == [5, 7, 9]
    assert [one["sequence-number"] for one in (made, first, second)] == [1, 2, 2]
    assert first["parent-snapshot-id"] == second["parent-snapshot-id"] == 5
    assert "parent-snapshot-id" not in made
    asserts = {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 5}
    assert body(found[4])["requirements"] == body(found[5])["requirements"] == [asserts]
    assert found[4].curl.endswith(" &")
    assert found[5].curl.endswith(" & wait")
    assert '"$CATALOG"' in found[4].curl
    assert '"$CATALOG_2"' in found[5].curl


def test_operations_that_did_not_overlap_are_sent_one_after_the_other(run: Any) -> None:
    run.op("updateTable", 1.0, key=TABLE, value=5, parent=NULL_PARENT)
    run.op("updateTable", 2.0, key=TABLE, value=7, parent=NULL_PARENT)
    found = requests_to_paste(["load-0:0", "load-0:1"], run.done())
    assert not [one for one in found if "&" in one.curl.replace('"${PREFIX:+/$PREFIX}"', "")]


def test_a_stale_read_has_the_write_that_it_lacks_in_front(run: Any) -> None:
    run.op("updateTable", 1.0, key=TABLE, value=5, parent=NULL_PARENT)
    run.op("updateTable", 2.0, key=TABLE, value=6, parent=5, status=409)
    run.op("loadTable", 3.0, key=TABLE, node=1, chain=[])
    found = requests_to_paste(["load-0:2"], run.done())
    assert asked(found)[3:] == [("POST", "/tables/t"), ("GET", "/tables/t")]
    assert body(found[3])["updates"][0]["snapshot"]["snapshot-id"] == 5
    assert '"$CATALOG_2"' in found[4].curl


def test_a_transaction_is_one_request_about_all_its_tables(run: Any) -> None:
    first = run.op("commitTransaction", 1.0, key=TABLE, value=5, parent=NULL_PARENT)
    member = run.op(
        "commitTransaction", 1.0, key=OTHER, value=6, parent=NULL_PARENT, flags=FLAG_MEMBER
    )
    run._recorder.seen(first, transaction=[member])
    found = requests_to_paste([f"load-0:{member}", f"load-0:{first}"], run.done())
    (sent,) = [one for one in found if one.path.endswith("/transactions/commit")]
    changes = body(sent)["table-changes"]
    assert [one["identifier"]["name"] for one in changes] == ["t", "u"]
    ids = [one["updates"][0]["snapshot"]["snapshot-id"] for one in changes]
    assert ids == [5, 6]
    assert asked(found)[-2:] == [("GET", "/tables/t"), ("GET", "/tables/u")]


def test_lost_properties_have_the_change_that_competed(run: Any) -> None:
    one = run.op("updateProperties", 1.0, key=SPACE, took_ms=50)
    other = run.op("updateProperties", 1.01, key=SPACE, took_ms=50, node=1)
    run._recorder.seen(one, set={"k": "1"}, removed=[])
    run._recorder.seen(other, set={"l": "2"}, removed=[])
    found = requests_to_paste([f"load-0:{one}"], run.done())
    assert [body(each)["updates"] for each in found[2:4]] == [{"k": "1"}, {"l": "2"}]
    assert [each.method for each in found[4:]] == ["GET", "GET"]


def test_a_lost_property_has_all_its_nearest_competitors_at_the_same_moment(run: Any) -> None:
    """A race of two is seldom lost, one of eight mostly; a change of another namespace and one
    whose body is not known are no competitors."""
    numbers = [run.op("updateProperties", 1.0 + i, key=SPACE, node=i % 2) for i in range(9)]
    for number in numbers:
        run._recorder.seen(number, set={f"k{number}": "1"}, removed=[])
    run.op("updateProperties", 4.0, key=SPACE)
    other = run.op("updateProperties", 4.0, key=key_of(("z",)))
    run._recorder.seen(other, set={"z": "1"}, removed=[])
    found = requests_to_paste([f"load-0:{numbers[2]}"], run.done())
    sent = [one for one in found if one.path.endswith("/properties")]
    assert [body(one)["updates"] for one in sent] == [{f"k{i}": "1"} for i in range(7)]
    assert [one.curl.endswith(" &") for one in sent] == [True] * 6 + [False]
    assert sent[-1].curl.endswith(" & wait")


def test_a_listing_has_what_it_should_show(run: Any) -> None:
    run.op("createTable", 1.0, key=TABLE)
    run.op("createTable", 2.0, key=key_of(("z",), "v"))
    run.op("listTables", 3.0, key=SPACE)
    found = requests_to_paste(["load-0:2"], run.done())
    assert asked(found)[2:] == [("POST", "/tables"), ("GET", "/tables")]


def test_a_fault_between_two_operations_is_a_comment(run: Any) -> None:
    run.op("updateTable", 1.0, key=TABLE, value=5, parent=NULL_PARENT)
    run.fault("kill_node", 2.0, 3.0, node=1)
    run.op("loadTable", 4.0, key=TABLE, chain=[])
    found = requests_to_paste(["load-0:0", "load-0:1"], run.done())
    assert found[-2].curl == "# the fault kill_node on node 1 was injected here"
    assert found[-1].method == "GET"


def test_a_rename_and_a_drop_are_sent_as_they_were(run: Any) -> None:
    renamed = run.op("renameTable", 1.0, key=TABLE)
    run._recorder.seen(renamed, destination=OTHER)
    run.op("dropTable", 2.0, key=TABLE)
    found = requests_to_paste(["load-0:0", "load-0:1"], run.done())
    assert body(found[3])["destination"] == {"namespace": ["a b", "c"], "name": "u"}
    assert (found[4].method, "-X DELETE" in found[4].curl) == ("DELETE", True)


@pytest.mark.parametrize("operation", ["updateTable", "updateProperties", "renameTable"])
def test_without_its_body_a_write_has_no_scene(run: Any, operation: str) -> None:
    run.op(operation, 1.0, key=TABLE if operation != "updateProperties" else SPACE)
    done = run.done()
    assert requests_to_paste(["load-0:0"], done) == ()
    described = Request(method="POST", path="/x", body="", curl="", answer="")
    one = Finding(cause=Cause(rule="r"), title="t", operations=("load-0:0",), requests=(described,))
    assert with_scenes([one], done) == (one,)


def test_a_finding_with_lines_keeps_them(run: Any) -> None:
    run.op("loadTable", 1.0, key=TABLE)
    line = Request(method="GET", path="/x", body="", curl="curl x", answer="")
    one = Finding(cause=Cause(rule="r"), title="t", operations=("load-0:0",), requests=(line,))
    done = run.done()
    assert with_scenes([one], done) == (one,)
    (other,) = with_scenes([replace(one, requests=())], done)
    assert other.requests == requests_to_paste(one.operations, done) != ()


@pytest.mark.parametrize(
    ("auth", "header", "needed"),
    [
        (AuthSpec(kind="client_credentials"), '-H "Authorization: Bearer $TOKEN"', "TOKEN"),
        (AuthSpec(kind="token", token_variable="T"), '-H "Authorization: Bearer $T"', "T"),
        (AuthSpec(kind="api_key", api_key_variable="K"), '-H "X-API-Key: $K"', "K"),
    ],
)
def test_a_login_is_a_variable(
    synthetic: Callable[..., Any], auth: AuthSpec, header: str, needed: str
) -> None:
    target = TargetSpec(name="t", summary="s", auth=auth)
    run = synthetic("steady", target=target)
    run.op("loadTable", 1.0, key=TABLE)
    found = requests_to_paste(["load-0:0"], run.done())
    assert all(header in one.curl for one in found)
    said = needs_text(found, ())
    assert f"for curl: {needed}" in said
    assert "PREFIX: what /v1/config names so, if it does" in said


@pytest.mark.parametrize("shell", ["bash", "zsh", "sh"])
@pytest.mark.parametrize(("prefix", "start"), [("", "/v1"), ("p", "/v1/p")])
def test_a_shell_sends_what_the_scene_says(
    run: Any, tmp_path: Path, shell: str, prefix: str, start: str
) -> None:
    """A `curl` that writes its words takes the place of the real one."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    quote = key_of(("it's",), "t")
    run.op("updateTable", 2.0, key=quote, value=7, parent=NULL_PARENT)
    (tmp_path / "curl").write_text('#!/bin/sh\nfor one; do echo "$one"; done\necho --\n')
    (tmp_path / "curl").chmod(0o755)
    (commit,) = [
        one for one in requests_to_paste(["load-0:0"], run.done()) if "tables/t" in one.path
    ][:1]
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CATALOG": "http://h:1", "PREFIX": prefix}
    said = subprocess.run([shell, "-c", commit.curl], env=env, capture_output=True, text=True)
    words = said.stdout.splitlines()
    assert f"http://h:1{start}/namespaces/it%27s/tables/t" in words, said.stderr
    sent = json.loads(words[words.index("--data-binary") + 1])
    assert sent["updates"][0]["snapshot"]["snapshot-id"] == 7
    assert sent["updates"][0]["snapshot"]["timestamp-ms"] > 1_700_000_000_000


def test_a_prefix_of_the_target_file_stands_in_the_line(synthetic: Callable[..., Any]) -> None:
    target = TargetSpec(name="t", summary="s", catalog=CatalogSpec(prefix="p/q", base="/api"))
    run = synthetic("steady", target=target)
    run.op("loadTable", 1.0, key=TABLE)
    found = requests_to_paste(["load-0:0"], run.done())
    assert '"$CATALOG"/api/v1/p/q/namespaces' in found[0].curl
    assert "PREFIX" not in found[0].curl
