"""A bundle is the folder again, byte for byte; a hostile one writes nothing."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from iceworthy.orchestrator import bundle
from iceworthy.orchestrator.bundle import pack, unpack
from iceworthy.words.errors import PlanError


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def made(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for member, data in members:
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return path


def plain(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), b"x"


def link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member, b""


def test_what_is_packed_is_unpacked(tmp_path: Path) -> None:
    root = tmp_path / "20261128T000000Z-reference-1"
    (root / "experiments" / "steady").mkdir(parents=True)
    (root / "review.json").write_bytes(b"{}")
    (root / "experiments" / "steady" / "a b\nc.jsonl").write_bytes(os.urandom(3_000_000))
    (root / "out").symlink_to(tmp_path)
    pack(root, tmp_path / "b.tar.gz")
    found = unpack(tmp_path / "b.tar.gz", tmp_path / "into")
    assert found == tmp_path / "into" / root.name
    (root / "out").unlink()
    assert contents(found) == contents(root)
    assert not (found / "out").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "20261128T000000Z-reference-1",
        "b.tar.gz",
        "into",
    ]


@pytest.mark.parametrize(
    "member",
    [
        plain("/etc/x"),
        plain("../x"),
        plain("run/../../x"),
        plain("x"),
        link("run/x", "/etc/passwd"),
        link("run/x", "review.json", tarfile.LNKTYPE),
        link("run/x", "", tarfile.FIFOTYPE),
        link("run/x", "", tarfile.CHRTYPE),
    ],
    ids=lambda member: f"{member[0].name} {member[0].type!r}",
)
def test_a_member_that_leaves_the_folder_or_is_no_file_is_refused(
    tmp_path: Path, member: tuple[tarfile.TarInfo, bytes]
) -> None:
    path = made(tmp_path / "b.tar.gz", plain("run/review.json"), member)
    with pytest.raises(PlanError, match="no regular file below the run folder"):
        unpack(path, tmp_path / "into")
    assert not (tmp_path / "x").exists()


def test_two_folders_or_none_are_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="expected one run folder in the bundle; got 2"):
        unpack(made(tmp_path / "b.tar.gz", plain("a/x"), plain("b/x")), tmp_path / "into")
    with pytest.raises(PlanError, match="got 0"):
        unpack(made(tmp_path / "c.tar.gz"), tmp_path / "other")


def test_a_member_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be unpacked"):
        unpack(made(tmp_path / "b.tar.gz", plain("a/x"), plain("a/x")), tmp_path / "into")


def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    whole = made(tmp_path / "b.tar.gz", plain("a/x"), (tarfile.TarInfo("a/y"), os.urandom(99_999)))
    for name, data in (("text", b"hello"), ("cut", whole.read_bytes()[:50_000]), ("empty", b"")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(PlanError, match=r"cannot be unpacked|got 0"):
            unpack(tmp_path / name, tmp_path / f"into {name}")


def test_a_bundle_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "b.tar.gz", plain("a/x"), (tarfile.TarInfo("a/y"), b"0" * 10_000))
    monkeypatch.setattr(bundle, "BYTES_MOST", 5_000)
    with pytest.raises(PlanError, match="more than"):
        unpack(path, tmp_path / "into")
    monkeypatch.setattr(bundle, "BYTES_MOST", 50_000)
    monkeypatch.setattr(bundle, "MEMBERS_MOST", 1)
    with pytest.raises(PlanError, match="more than"):
        unpack(path, tmp_path / "other")
