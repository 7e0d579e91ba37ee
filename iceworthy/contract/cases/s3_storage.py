"""Tables on the suite's S3 store: metadata files are in the bucket, complete, and never change."""

from __future__ import annotations

from typing import Any

import orjson

from iceworthy.client.asker import Reply
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.object_access import FILE_BYTES_MAX, own_view, place, works
from iceworthy.contract.same_metadata import same_metadata

PLACE = "FR-017"

FR = "FR-017"
NEEDS = ("s3_bucket",)


def _created(desk: Desk) -> tuple[Any, Reply]:
    space = desk.fresh()
    return space, desk.expect(desk.do("createTable", space, body=desk.table_body("t", space)), 200)


def _file(desk: Desk, reply: Reply, location: str) -> bytes:
    found = str(location)
    desk.that(
        "metadata-location",
        found.startswith(("s3://", "s3a://")),
        expected="a location on S3",
        got=found,
        reply=reply,
    )
    bucket, key = place(reply, found)
    data: bytes = works(
        desk,
        f"the file {found} read",
        lambda: own_view(desk).get(bucket, key, most_bytes=FILE_BYTES_MAX),
    )
    return data


@case(
    "createTable",
    requirement=FR,
    needs=NEEDS,
    says="metadata-location is the file with the table's metadata",
)
def a_created_tables_file_is_in_the_bucket_as_answered(desk: Desk) -> None:
    _, reply = _created(desk)
    data = _file(desk, reply, reply.get("metadata-location"))
    same_metadata(desk, reply.metadata, orjson.loads(data), reply, name="the file's metadata")


@case("createTable", requirement=FR, needs=NEEDS, says="the table's files are below location")
def a_created_tables_location_is_on_the_store(desk: Desk) -> None:
    _, reply = _created(desk)
    location = str(reply.metadata.get("location"))
    desk.that("location", location.startswith(("s3://", "s3a://")), expected="on S3", got=location)


@case(
    "updateTable",
    requirement=FR,
    needs=NEEDS,
    says="a commit's metadata-location is a new file; metadata files never change",
)
def a_commit_writes_a_new_file_and_leaves_the_old_one(desk: Desk) -> None:
    space, first = _created(desk)
    before = _file(desk, first, first.get("metadata-location"))
    done = desk.expect(
        desk.commit(space, "t", [{"action": "set-properties", "updates": {"a": "1"}}]), 200
    )
    desk.that(
        "metadata-location",
        done.get("metadata-location") != first.get("metadata-location"),
        expected="a new location",
        got=done.get("metadata-location"),
    )
    after = _file(desk, done, done.get("metadata-location"))
    same_metadata(desk, done.metadata, orjson.loads(after), done, name="the new file's metadata")
    desk.same("the old file", before, _file(desk, done, first.get("metadata-location")), done)


@case(
    "updateTable",
    requirement=FR,
    needs=NEEDS,
    uses=("loadTable",),
    says="a commit that is refused changes nothing",
)
def a_refused_commit_leaves_the_current_file(desk: Desk) -> None:
    space, first = _created(desk)
    desk.expect(
        desk.commit(
            space,
            "t",
            [{"action": "set-properties", "updates": {"a": "1"}}],
            [{"type": "assert-table-uuid", "uuid": "00000000-0000-4000-8000-000000000000"}],
        ),
        409,
    )
    now = desk.load(space)
    desk.same("metadata-location", first.get("metadata-location"), now.get("metadata-location"))
    data = _file(desk, now, now.get("metadata-location"))
    same_metadata(desk, now.metadata, orjson.loads(data), name="the file's metadata")


@case(
    "dropTable",
    requirement=FR,
    needs=NEEDS,
    uses=("createTable",),
    says="files are deleted only where purging was requested",
)
def dropping_without_purge_leaves_the_files(desk: Desk) -> None:
    space, first = _created(desk)
    before = _file(desk, first, first.get("metadata-location"))
    desk.expect(desk.do("dropTable", space, "t", query={"purgeRequested": False}), 204)
    desk.same("the file", before, _file(desk, first, first.get("metadata-location")))


@case(
    "registerTable",
    requirement=FR,
    needs=NEEDS,
    uses=("createTable", "dropTable"),
    says="a table is registered by its metadata file",
)
def a_dropped_tables_file_can_be_registered_again(desk: Desk) -> None:
    space, first = _created(desk)
    desk.expect(desk.do("dropTable", space, "t"), 204)
    body = {"name": "again", "metadata-location": first.get("metadata-location")}
    reply = desk.expect(desk.do("registerTable", space, body=body), 200)
    desk.same("table-uuid", first.metadata.get("table-uuid"), reply.metadata.get("table-uuid"))


@case(
    "registerTable",
    requirement=FR,
    needs=NEEDS,
    uses=("createTable",),
    says="a metadata file that does not exist cannot be registered",
)
def a_file_that_is_not_in_the_bucket_is_not_registered(desk: Desk) -> None:
    space, first = _created(desk)
    folder = str(first.get("metadata-location")).rpartition("/")[0]
    missing = f"{folder}/00009-{desk.uuid()}.metadata.json"
    body = {"name": "gone", "metadata-location": missing}
    desk.refused(desk.do("registerTable", space, body=body))
    if desk.offers("tableExists"):
        desk.is_there("tableExists", space, "gone", there=False)
