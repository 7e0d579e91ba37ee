"""Of a case's requests the scene keeps those that made what the deciding request shows."""

from __future__ import annotations

import orjson

from iceworthy.client.asker import Asked, Reply
from iceworthy.client.connection import Exchange
from iceworthy.contract.scene import FIRST, LAST, Scene

STEM = "iw_contract_ab_"
SPACES = "/v1/namespaces"
TABLES = f"{SPACES}/{STEM}ns1/tables"


def reply(method: str, path: str, body: object = None, status: int = 200) -> Reply:
    sent = None if body is None else orjson.dumps(body)
    asked = Asked(url="http://127.0.0.1:1", method=method, path=path, body=sent)
    return Reply(asked=asked, exchange=Exchange(status=status, complete=True))


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
