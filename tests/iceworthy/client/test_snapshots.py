"""Snapshot ids are as wide as they are asked for, follow from the seed, and show rounding."""

from __future__ import annotations

import random

import orjson
import pytest

from iceworthy.client.snapshots import snapshot_id
from iceworthy.client.wire import Wire


@pytest.mark.parametrize("bits", [31, 53, 62])
def test_an_id_has_exactly_its_bits_and_follows_from_the_source(bits: int) -> None:
    source, again = random.Random("a"), random.Random("a")
    ids = [snapshot_id(source, bits) for _ in range(500)]
    assert {one.bit_length() for one in ids} == {bits}
    assert ids == [snapshot_id(again, bits) for _ in range(500)]
    assert len(set(ids)) == 500


def test_a_float_loses_each_wide_id_and_keeps_each_that_it_can_hold() -> None:
    source = random.Random(1)
    assert all(int(float(one)) != one for one in (snapshot_id(source, 62) for _ in range(2000)))
    assert all(int(float(one)) == one for one in (snapshot_id(source, 53) for _ in range(2000)))


@pytest.mark.parametrize("parent", [None, 7])
def test_an_append_adds_the_snapshot_moves_main_and_asserts_what_was_read(
    parent: int | None,
) -> None:
    call = Wire().append(
        ("a",),
        "t",
        snapshot_id=9,
        uuid="u",
        parent=parent,
        last_sequence=3,
        location="s3://b/t",
        also=[{"action": "set-properties", "updates": {"a": "1"}}],
    )
    body = orjson.loads(call.body or b"")
    added, moved, also = body["updates"]
    assert added["snapshot"].get("parent-snapshot-id") == parent
    assert (added["snapshot"]["snapshot-id"], added["snapshot"]["sequence-number"]) == (9, 4)
    assert added["snapshot"]["manifest-list"] == "s3://b/t/metadata/snap-empty.avro"
    assert (moved["ref-name"], moved["snapshot-id"]) == ("main", 9)
    assert also["action"] == "set-properties"
    assert body["requirements"] == [
        {"type": "assert-table-uuid", "uuid": "u"},
        {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": parent},
    ]
