"""A list without an entry is readable, and is put into the warehouse alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.reference.planning.manifests import Unreadable, read_manifest_list
from iceworthy.client import s3
from iceworthy.client.manifest_lists import (
    empty_list,
    keeper_of,
    lists_of,
    put_lists,
    put_shared,
    shared_list,
)
from iceworthy.client.snapshots import append_updates


def live(folder: Path | None) -> Any:
    return SimpleNamespace(warehouse_folder=folder, warehouse_bucket=None)


def updates(location: str) -> list[dict[str, Any]]:
    return append_updates(snapshot_id=7, parent=5, sequence=2, location=location)


def test_a_reader_of_tables_finds_no_manifest_in_it() -> None:
    assert read_manifest_list(empty_list()) == []
    with pytest.raises(Unreadable):
        read_manifest_list(empty_list()[:-20])


def test_it_says_whose_list_it_is() -> None:
    ((location, data),) = lists_of(updates("file:///w/t")).items()
    assert location == "file:///w/t/metadata/snap-7.avro"
    assert read_manifest_list(data) == []
    for part in (b"\x16snapshot-id\x027", b"\x24parent-snapshot-id\x025", b"sequence-number\x022"):
        assert part in data


def test_updates_of_any_shape_name_no_list() -> None:
    for odd in (None, "x", [5], [{"snapshot": 5}], [{"snapshot": {"manifest-list": 5}}], {}):
        assert lists_of(odd) == {}


def test_lists_are_put_below_the_warehouse_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    keep = keeper_of(live(folder))
    inside, outside = (folder / "t").as_uri(), (tmp_path / "x").as_uri()
    change = {"updates": updates(inside)}
    put_lists(keep, {"table-changes": [change, {"updates": updates(outside)}, 5]})
    put_lists(keep, {"updates": updates(f"{folder.as_uri()}/../y")})
    put_lists(keep, b"not a commit")
    put_shared(keep, inside)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.avro")}
    assert found == {"w/t/metadata/snap-7.avro", "w/t/metadata/snap-empty.avro"}
    assert shared_list(inside) == f"{inside}/metadata/snap-empty.avro"


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    keep = keeper_of(live(tmp_path))
    assert keep is not None
    (tmp_path / "a").write_bytes(b"mine")
    keep((tmp_path / "a").as_uri(), b"other")
    assert (tmp_path / "a").read_bytes() == b"mine"


def test_without_a_warehouse_nothing_is_put() -> None:
    assert keeper_of(live(None)) is None
    put_shared(None, "s3://b/t")
    put_lists(None, {"updates": updates("s3://b/t")})


class Bucket:
    """A store in memory, with the three calls that a keeper makes."""

    def __init__(self, objects: dict[tuple[str, str], bytes]) -> None:
        self.objects = objects

    def is_there(self, bucket: str, key: str) -> bool:
        return (bucket, key) in self.objects

    def put(self, bucket: str, key: str, data: bytes) -> None:
        self.objects[bucket, key] = data


def test_in_a_bucket_an_object_that_is_there_stays_and_a_strangers_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A case that plans a scan has put its own list where its snapshot names it."""
    store = Bucket({("b", "t/mine.avro"): b"mine"})
    made: list[Any] = []
    monkeypatch.setattr(s3, "s3_of", lambda bucket: made.append(bucket) or store)
    live: Any = SimpleNamespace(warehouse_folder=None, warehouse_bucket=SimpleNamespace(name="b"))
    keep = keeper_of(live)
    assert keep is not None
    keep("s3://other/t/x.avro", b"x")
    assert made == [], "no client is made for what is not written"
    for location in ("s3://b/t/mine.avro", "s3://b/t/new.avro", "s3://b/t/newer.avro"):
        keep(location, b"list")
    assert store.objects == {
        ("b", "t/mine.avro"): b"mine",
        ("b", "t/new.avro"): b"list",
        ("b", "t/newer.avro"): b"list",
    }
    assert len(made) == 1
