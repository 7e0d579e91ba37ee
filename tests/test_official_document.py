"""What the suite asks and the reference catalog advertises is in the official document.

Method: paths and methods are read by their indentation, which the document keeps; no YAML parser.
Not shown: that bodies and status codes agree.
"""

from __future__ import annotations

import re

from fixtures.reference.routes import advertised
from iceworthy.client.wire import Append, Call, Wire

TABLE = ("ns",), "t"


def operations(document: str) -> set[str]:
    """ "METHOD /v1/..." of every operation, with {} for each parameter."""
    found, path = set(), ""
    for line in document.split("\ncomponents:")[0].splitlines():
        if head := re.match(r"  (/v1/\S*):$", line):
            path = re.sub(r"\{[^}]*\}", "{}", head[1])
        elif verb := re.match(r"    (get|head|post|put|delete|patch):$", line):
            found.add(f"{verb[1].upper()} {path}")
    return found


def calls() -> list[Call]:
    wire = Wire(prefix="p")
    return [
        wire.config("w"),
        wire.list_namespaces(("a", "b"), page_size=10),
        wire.create_namespace(("a",)),
        wire.load_namespace(("a",)),
        wire.namespace_exists(("a",)),
        wire.drop_namespace(("a",)),
        wire.update_namespace_properties(("a",), {"k": "v"}),
        wire.list_tables(("a",), page_size=10, page_token="x"),
        wire.create_table(*TABLE),
        wire.load_table(*TABLE),
        wire.table_exists(*TABLE),
        wire.drop_table(*TABLE),
        wire.rename_table(*TABLE, ("ns",), "u"),
        wire.commit(*TABLE, [], []),
        wire.append_to_all(
            [
                Append(
                    namespace=TABLE[0],
                    table=TABLE[1],
                    snapshot_id=9,
                    uuid="00000000-0000-4000-8000-000000000000",
                    parent=None,
                    last_sequence=0,
                    location="s3://b/t",
                )
            ]
        ),
    ]


def matches(call: Call, operation: str) -> bool:
    method, template = operation.split(" ")
    pattern = re.escape(template).replace(r"\{\}", "[^/]+")
    return call.method == method and bool(re.fullmatch(pattern, call.path.partition("?")[0]))


def test_the_document_is_read_whole(official_document: str) -> None:
    assert len(operations(official_document)) == 35


def test_every_call_of_the_wire_is_an_operation_of_the_document(official_document: str) -> None:
    known = operations(official_document)
    unknown = [call.operation for call in calls() if not any(matches(call, one) for one in known)]
    assert not unknown, unknown


def test_every_kind_of_call_is_tried_here() -> None:
    public = {name for name in vars(Wire) if not name.startswith("_")}
    helpers = {
        "base",
        "prefix",
        "separator",
        "path_separator",
        "root",
        "path_of",
        "append",  # a commit
        "namespace_path",
        "table_path",
        "location",
        "offered",
        "location_of",
    }
    methods = {
        "getConfig": "config",
        "loadNamespaceMetadata": "load_namespace",
        "updateProperties": "update_namespace_properties",
        "updateTable": "commit",
        "commitTransaction": "append_to_all",
    }
    asked = {methods.get(call.operation, snake(call.operation)) for call in calls()}
    assert public - helpers == asked


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda one: "_" + one[0].lower(), name)


def test_the_reference_catalog_advertises_only_what_the_document_has(
    official_document: str,
) -> None:
    known = operations(official_document)
    told = {re.sub(r"\{[^}]*\}", "{}", one) for one in advertised()}
    assert len(told) > 10
    assert not told - known
