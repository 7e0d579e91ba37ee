"""Renamed and registered views: a name belongs to one table or view, and no view is lost."""

from __future__ import annotations

from typing import Any

import orjson

from iceworthy.client.manifest_lists import path_of
from iceworthy.contract.asks import Ask
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import hindered
from iceworthy.contract.liberal import refused_or_unreadable
from iceworthy.contract.same_metadata import same_metadata
from iceworthy.contract.view_scenes import (
    load_view,
    make_view,
    move,
    names,
    properties,
    replace,
    view_body,
)

PLACE = "renameView.description"

RENAME, REGISTER = "renameView", "registerView"
MADE = ("createView", "loadView")


@case(RENAME, uses=MADE, says="204; the view exists under the new name only")
def a_renamed_view_has_its_new_name_alone(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space).metadata
    desk.expect(move(desk, "View", (space, "v"), (space, "w")), 204)
    desk.expect(desk.do("loadView", space, "v"), 404)
    same_metadata(desk, before, load_view(desk, space, "w").metadata)
    desk.same("views", ["w"], names(desk, space))


@case(RENAME, uses=MADE, says="a view may be moved to another namespace")
def a_view_moves_to_another_namespace(desk: Desk) -> None:
    here, there = desk.fresh(), desk.fresh()
    before = make_view(desk, here).metadata
    reply = move(desk, "View", (here, "v"), (there, "v"))
    if reply.status in (400, 406):
        desk.skip("the target does not move views across namespaces, as it may")
    desk.expect(reply, 204)
    desk.expect(desk.do("loadView", here, "v"), 404)
    desk.same("view-uuid", before["view-uuid"], load_view(desk, there).metadata.get("view-uuid"))


@case(RENAME, uses=MADE, says="409 when the destination is a view; nothing is renamed")
def a_view_is_not_renamed_onto_a_view(desk: Desk) -> None:
    space = desk.fresh()
    both = {name: make_view(desk, space, name).metadata for name in ("v", "w")}
    reply = move(desk, "View", (space, "v"), (space, "w"))
    desk.expect(reply, 409, error="AlreadyExistsException")
    for name, before in both.items():
        found = load_view(desk, space, name).metadata
        same_metadata(desk, before, found, name=f"metadata of {name}")


@case(
    RENAME,
    uses=(*MADE, "createTable"),
    says="409 when the destination is a table; nothing is renamed",
)
def a_view_is_not_renamed_onto_a_table(desk: Desk) -> None:
    space = desk.fresh()
    table, view = desk.table(space), make_view(desk, space).metadata
    reply = move(desk, "View", (space, "v"), (space, "t"))
    desk.expect(reply, 409, error="AlreadyExistsException")
    desk.same("table-uuid", table.get("table-uuid"), desk.load(space).metadata.get("table-uuid"))
    same_metadata(desk, view, load_view(desk, space).metadata)


@case(RENAME, says="404 when the source does not exist")
def renaming_an_unknown_view_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    reply = move(desk, "View", (space, "unknown"), (space, "w"))
    desk.expect(reply, 404, error="NoSuchViewException")
    desk.same("views", [], names(desk, space))


@case(RENAME, uses=("createTable",), says="404 when the source is a table; it keeps its name")
def renaming_a_table_as_a_view_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(move(desk, "View", (space, "t"), (space, "w")), 404)
    desk.load(space)


@case("renameTable", uses=MADE, says="404 when the source is a view; it keeps its name")
def renaming_a_view_as_a_table_is_not_found(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.expect(move(desk, "Table", (space, "v"), (space, "w")), 404)
    load_view(desk, space)


@case(RENAME, uses=MADE, says="404 when the destination's namespace does not exist")
def moving_a_view_into_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    space, unknown = desk.fresh(), (*desk.root, desk.name())
    make_view(desk, space)
    reply = move(desk, "View", (space, "v"), (unknown, "v"))
    if reply.status in (400, 406):
        desk.skip("the target does not move views across namespaces, as it may")
    desk.expect(reply, 404, error="NoSuchNamespaceException")
    load_view(desk, space)


@case(RENAME, uses=(*MADE, "replaceView"), says="a renamed view can be replaced as before")
def a_renamed_view_takes_replaces(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.need(move(desk, "View", (space, "v"), (space, "w")))
    desk.expect(replace(desk, space, [properties(a="1")], name="w"), 200)
    desk.expect(replace(desk, space, [properties(a="1")], name="v"), 404)
    desk.same("property", "1", load_view(desk, space, "w").metadata["properties"].get("a"))


@case(RENAME, uses=MADE, says="the old name can be used again")
def the_old_name_of_a_view_is_free(desk: Desk) -> None:
    space = desk.fresh()
    first = make_view(desk, space).metadata
    desk.expect(move(desk, "View", (space, "v"), (space, "w")), 204)
    second = make_view(desk, space).metadata
    for name, expected in (("w", first), ("v", second)):
        found = load_view(desk, space, name).metadata
        same_metadata(desk, expected, found, name=f"metadata of {name}")


@case(
    RENAME,
    each={
        "no source": {"destination": {"namespace": ["a"], "name": "b"}},
        "no destination": {"source": {"namespace": ["a"], "name": "b"}},
        "a text": {"source": "a.b", "destination": "a.c"},
        "name a number": {
            "source": {"namespace": ["a"], "name": 1},
            "destination": {"namespace": ["a"], "name": "c"},
        },
        "empty": {},
    },
    says="source and destination are required identifiers",
)
def a_rename_of_a_view_of_the_wrong_shape_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    desk.refused(desk.do(RENAME, body=body))


@case(
    RENAME,
    uses=MADE,
    needs=("two_nodes",),
    says="every node shows a change that one node acknowledged",
    place="FR-007",
)
def the_other_node_knows_the_views_new_name_at_once(desk: Desk) -> None:
    space = desk.fresh()
    make_view(desk, space)
    desk.expect(move(desk, "View", (space, "v"), (space, "w"), node=0), 204)
    load_view(desk, space, "w", node=1)
    desk.expect(desk.do("loadView", space, "v", node=1), 404)


@case(
    "createView",
    uses=("loadView",),
    says="of concurrent creates one succeeds",
    place="createView.responses.409",
)
def of_many_creates_of_a_view_one_wins(desk: Desk) -> None:
    space = desk.fresh()
    asks = [
        Ask(
            operation="createView",
            parts=(space,),
            node=number,
            body=view_body(text=f"select {number}"),
        )
        for number in range(6)
    ]
    answered = desk.at_once(*asks)
    replies = [one for one in answered if one is not None]
    won = [one for one in replies if one.ok]
    desk.same("creates answered 200", 1, len(won), evidence=None if won else hindered(answered))
    same_metadata(desk, won[0].metadata, load_view(desk, space).metadata)


@case(
    "createView",
    uses=("createTable",),
    says="of a concurrent create of a table and of a view with one name, one succeeds",
    place="createView.responses.409",
)
def a_table_and_a_view_at_the_same_moment_do_not_both_win(desk: Desk) -> None:
    for _ in range(4):
        space = desk.fresh()
        view = Ask(operation="createView", parts=(space,), body=view_body("x"))
        table = Ask(
            operation="createTable", parts=(space,), body=desk.table_body("x", space), node=1
        )
        replies = desk.at_once(view, table)
        won = sum(one is not None and one.ok for one in replies)
        evidence = None if won else hindered(replies)
        desk.same("creates answered 200", 1, won, evidence=evidence)
        there = [*names(desk, space), *names(desk, space, "Table")]
        desk.same("tables and views", ["x"], there)


@case(
    REGISTER,
    uses=(*MADE, "dropView"),
    says="200 with the metadata in the file; a load shows the same",
)
def a_dropped_view_is_registered_again(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space)
    desk.need(desk.do("dropView", space, "v"))
    body = {"name": "w", "metadata-location": before.get("metadata-location")}
    reply = desk.do(REGISTER, space, body=body)
    if reply.status in (400, 404):
        desk.skip("the target deletes a view's metadata with it, as it may")
    desk.expect(reply, 200)
    same_metadata(desk, before.metadata, reply.metadata)
    found = load_view(desk, space, "w")
    same_metadata(desk, before.metadata, found.metadata)
    desk.same("metadata-location", before.get("metadata-location"), found.get("metadata-location"))


@case(
    REGISTER,
    uses=(*MADE, "replaceView", "dropView"),
    says="a registered view can be replaced like any other",
    place="registerView.description",
)
def a_registered_view_takes_replaces(desk: Desk) -> None:
    space = desk.fresh()
    before = make_view(desk, space)
    desk.need(desk.do("dropView", space, "v"))
    body = {"name": "v", "metadata-location": before.get("metadata-location")}
    if not desk.do(REGISTER, space, body=body).ok:
        desk.skip("the target deletes a view's metadata with it, as it may")
    desk.expect(replace(desk, space, [properties(a="1")]), 200)
    found = load_view(desk, space).metadata
    desk.same("property", "1", found["properties"].get("a"))
    desk.same("view-uuid", before.metadata.get("view-uuid"), found.get("view-uuid"))


@case(
    REGISTER,
    uses=MADE,
    each=("View", "Table"),
    says="409 when the name is taken by a table or a view",
)
def a_taken_name_is_not_registered(desk: Desk, kind: str) -> None:
    space = desk.fresh()
    before = make_view(desk, space, "other")
    if kind == "View":
        make_view(desk, space, "x")
    else:
        desk.table(space, "x")
    body = {"name": "x", "metadata-location": before.get("metadata-location")}
    desk.expect(desk.do(REGISTER, space, body=body), 409, error="AlreadyExistsException")
    load_view(desk, space, "other")


@case(REGISTER, uses=MADE, says="404 when the namespace does not exist")
def registering_in_an_unknown_namespace_is_not_found(desk: Desk) -> None:
    before = make_view(desk, desk.fresh())
    body = {"name": "w", "metadata-location": before.get("metadata-location")}
    reply = desk.do(REGISTER, (*desk.root, desk.name()), body=body)
    desk.expect(reply, 404, error="NoSuchNamespaceException")


@case(
    REGISTER,
    uses=MADE,
    says="a location without a file registers nothing",
    place="registerView.description",
)
def a_missing_file_is_not_registered(desk: Desk) -> None:
    space = desk.fresh()
    location = f"{make_view(desk, space).get('metadata-location')}.missing"
    body = {"name": "w", "metadata-location": location}
    refused_or_unreadable(desk, desk.do(REGISTER, space, body=body))
    desk.same("views", ["v"], names(desk, space))


@case(
    REGISTER,
    uses=MADE,
    needs=("local_folder",),
    each={
        "no json": b"{",
        "an array": b"[]",
        "a table's": b'{"format-version":2,"table-uuid":"x"}',
        "empty": b"",
        "no versions": {"versions": []},
        "no uuid": {"view-uuid": None},
        "another format": {"format-version": 7},
        "unknown current": {"current-version-id": 77},
    },
    says="a file without view metadata registers nothing",
    place="registerView.description",
)
def a_broken_file_is_not_registered(desk: Desk, wrong: Any) -> None:
    space = desk.fresh()
    made = make_view(desk, space)
    good = path_of(str(made.get("metadata-location")))
    file = good.with_name(f"{desk.name()}.metadata.json")
    file.write_bytes(wrong if isinstance(wrong, bytes) else orjson.dumps(made.metadata | wrong))
    body = {"name": "w", "metadata-location": f"file://{file}"}
    refused_or_unreadable(desk, desk.do(REGISTER, space, body=body))
    desk.same("views", ["v"], names(desk, space))


@case(
    REGISTER,
    each={
        "no name": {"metadata-location": "file:///x"},
        "no location": {"name": "w"},
        "location a number": {"name": "w", "metadata-location": 1},
        "empty": {},
    },
    says="name and metadata-location are required strings",
    place="schemas.RegisterViewRequest",
)
def a_registration_of_a_view_of_the_wrong_shape_is_refused(desk: Desk, body: Any) -> None:
    space = desk.fresh()
    desk.refused(desk.do(REGISTER, space, body=body))
    desk.same("views", [], names(desk, space))
