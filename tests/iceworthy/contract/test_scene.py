"""Of a case's requests the scene keeps those that made what the deciding request shows."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import orjson
import pytest

from analysis.pasted_lines import portable
from iceworthy.client.asker import Asked, Reply
from iceworthy.client.connection import Exchange
from iceworthy.contract.scene import FIRST, LAST, Scene

STEM = "iw_contract_ab_"
SPACES = "/v1/namespaces"
TABLES = f"{SPACES}/{STEM}ns1/tables"


def reply(
    method: str, path: str, body: object = None, status: int = 200, answer: bytes = b""
) -> Reply:
    sent = None if body is None else orjson.dumps(body)
    asked = Asked(url="http://127.0.0.1:1", method=method, path=path, body=sent)
    return Reply(asked=asked, exchange=Exchange(status=status, complete=True, body=answer))


def kept(scene: Scene, last: Reply) -> list[str]:
    return [f"{one.method} {one.path}" for one in scene.shortest(last.asked, STEM).requests]


SPACE = reply("POST", SPACES, {"namespace": [f"{STEM}ns1"]})
OTHER = reply("POST", SPACES, {"namespace": [f"{STEM}ns2"]})
TABLE, SECOND = (reply("POST", TABLES, {"name": name}) for name in ("t", "u"))
COMMIT = reply("POST", f"{TABLES}/t", {"updates": []}, 409)
LOAD = reply("GET", f"{TABLES}/t")


def test_reads_and_writes_to_other_names_are_left_out() -> None:
    scene = Scene()
    scene.add([SPACE, OTHER, TABLE, SECOND, LOAD, COMMIT])
    decides = reply("GET", f"{TABLES}/t")
    scene.add([decides, reply("DELETE", f"{TABLES}/t")])
    found = scene.shortest(decides.asked, STEM)
    assert [one.path for one in found.requests] == [SPACES, TABLES, f"{TABLES}/t"]
    assert [one.status for one in found.requests] == [200, 200, 409]
    assert found.left_out == 0


def test_a_name_is_the_same_in_a_path_and_in_a_body() -> None:
    made = reply("POST", TABLES, {"name": "a/b c%"})
    scene = Scene()
    scene.add([SPACE, TABLE, made])
    assert [one.body for one in scene.shortest(LOAD.asked, STEM).requests][1:] == ['{"name":"t"}']
    odd = reply("GET", f"{TABLES}/a%2Fb%20c%25")
    assert [one.body for one in scene.shortest(odd.asked, STEM).requests][1:] == [
        '{"name":"a/b c%"}'
    ]


def test_a_listing_needs_everything_in_its_namespace_and_a_rename_both_names() -> None:
    scene = Scene()
    scene.add([SPACE, OTHER, TABLE, SECOND])
    assert kept(scene, reply("GET", TABLES)) == [
        f"POST {SPACES}",
        f"POST {TABLES}",
        f"POST {TABLES}",
    ]
    ends = [{"namespace": [f"{STEM}ns1"], "name": name} for name in ("u", "w")]
    scene.add([reply("POST", "/v1/tables/rename", {"source": ends[0], "destination": ends[1]})])
    found = scene.shortest(reply("GET", f"{TABLES}/w").asked, STEM).requests
    assert [one.body for one in found[1:2]] == ['{"name":"u"}']
    assert len(found) == 3


def test_what_cases_share_stands_in_the_scene_of_each() -> None:
    scene = Scene()

    def make() -> str:
        scene.add([SPACE, TABLE])
        return "made"

    for _ in range(2):
        scene.begin()
        assert scene.shared("a table", make) == "made"
        assert kept(scene, LOAD) == [f"POST {SPACES}", f"POST {TABLES}"]
    scene.begin()
    assert kept(scene, LOAD) == []


def test_of_a_long_scene_the_beginning_and_the_end_are_kept() -> None:
    scene = Scene()
    scene.add([SPACE, *(reply("POST", TABLES, {"name": f"t{i}"}) for i in range(30))])
    found = scene.shortest(reply("GET", TABLES).asked, STEM)
    assert len(found.requests) == FIRST + LAST
    assert found.left_out == 31 - FIRST - LAST
    assert found.requests[-1].body == '{"name":"t29"}'


def test_without_a_request_there_is_no_scene() -> None:
    assert Scene().shortest(None, STEM).requests == ()


UUID = "f356a3d5-4c63-4d63-b281-829267758662"
MADE = orjson.dumps({"metadata": {"table-uuid": UUID}})
ASSERTS = {"requirements": [{"type": "assert-table-uuid", "uuid": UUID}]}


def commit_line(*made: Reply) -> str:
    """The line of a commit that asserts the uuid, behind these requests."""
    scene = Scene()
    commit = reply("POST", f"{TABLES}/t", ASSERTS)
    scene.add([SPACE, *made, commit])
    return scene.shortest(commit.asked, STEM).decides


def test_the_uuid_that_a_line_sends_is_the_one_of_the_catalog_that_it_is_pasted_to(
    tmp_path: Path,
) -> None:
    """A `curl` that knows the table's new uuid, and writes what it is told to send, is run."""
    line = commit_line(reply("POST", TABLES, {"name": "t"}, answer=MADE))
    assert UUID not in line
    (tmp_path / "curl").write_text(
        '#!/bin/sh\ncase "$*" in *--data*) for one; do last=$one; done; echo "$last";;\n'
        f'*{TABLES}/t*) echo \'{{"metadata": {{"table-uuid": "new", "x": 1}}}}\';; esac\n'
    )
    (tmp_path / "curl").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CATALOG": "http://127.0.0.1:1"}
    for pasted in (line, portable(line)):
        said = subprocess.run(["sh", "-c", pasted], env=env, capture_output=True, text=True)
        sent = orjson.loads(said.stdout)
        assert sent == {"requirements": [{"type": "assert-table-uuid", "uuid": "new"}]}
    assert portable(line).count('"$CATALOG"') == 2
    assert "127.0.0.1" not in portable(line)


@pytest.mark.parametrize(
    "made",
    [
        [],
        [reply("POST", TABLES, {"name": "t", "stage-create": True}, answer=MADE)],
        [reply("POST", TABLES, {"name": "t"}, 409, MADE)],
        [
            reply("POST", TABLES, {"name": "t"}, answer=MADE),
            reply("DELETE", f"{TABLES}/t"),
            reply("POST", TABLES, {"name": "t"}, answer=MADE.replace(b"f356", b"0000")),
        ],
    ],
    ids=["of no table", "of a staged table", "refused", "of a table that was dropped"],
)
def test_a_uuid_that_a_load_would_not_show_is_sent_as_it_was(made: list[Reply]) -> None:
    assert UUID in commit_line(*made)


def test_requests_of_one_moment_are_sent_at_one_moment() -> None:
    scene = Scene()
    scene.add([SPACE])
    changes = [reply("POST", f"{SPACES}/{STEM}ns1/properties", {"updates": {}}) for _ in range(3)]
    scene.add_at_once(changes)
    read = reply("GET", f"{SPACES}/{STEM}ns1")
    scene.add([read])
    ends = [one.curl[-6:] for one in scene.shortest(read.asked, STEM).requests]
    assert [one.partition("&")[1:] for one in ends] == [
        ("", ""),
        ("&", ""),
        ("&", ""),
        ("&", " wait"),
    ]
    found = scene.shortest(changes[-1].asked, STEM)
    assert [one.curl.endswith(" &") for one in found.requests] == [False, True, True]
    assert "&" not in found.decides
