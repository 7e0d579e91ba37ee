"""The doctor finds what is lacking, says how to get it, and survives its own broken checks."""

from __future__ import annotations

import re
import resource
import socket
import tomllib
from pathlib import Path

import pytest

from iceworthy.orchestrator import doctor

ROOT = Path(__file__).resolve().parents[3]


def test_this_machine_can_run_the_tests_so_it_lacks_no_library() -> None:
    text, _ = doctor.examine()
    assert re.search(r"^ok +libraries", text, re.MULTILINE), text
    assert re.search(r"^ok +loopback", text, re.MULTILINE), text


def test_a_library_that_does_not_import_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LIBRARIES", {"json": "json", "no_such_module": "no-such"})
    found = doctor.libraries()
    assert found.state == "lacks"
    assert "no-such: ModuleNotFoundError" in found.detail
    assert "make setup" in found.remedy


def test_every_declared_dependency_is_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[\[>=<~! ]", one)[0] for one in project["dependencies"]}
    assert {*doctor.LIBRARIES.values(), *doctor.BINARIES_ALONE} == declared


def test_too_few_open_files_are_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1024))
    found = doctor.open_files()
    assert found.state == "lacks"
    assert "--sessions 256" in found.remedy


def test_a_soft_limit_below_a_generous_hard_one_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 1_048_576))
    assert doctor.open_files().state == "ok"


def test_no_disk_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DISK_NEEDED_GB", 1e9)
    assert doctor.disk().state == "lacks"


def test_no_loopback_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no such address")

    monkeypatch.setattr(socket, "create_server", refuse)
    assert doctor.loopback().state == "lacks"


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> doctor.Finding:
        raise RuntimeError("boom")

    monkeypatch.setattr(doctor, "memory", broken)
    monkeypatch.setattr(doctor, "LIBRARIES", {"json": "json"})  # all others take seconds
    found = [one for one in doctor.findings() if "boom" in one.detail]
    assert [one.state for one in found] == ["poor"]


def test_a_lacking_thing_makes_the_machine_unfit(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = doctor.Finding(what="x", state="lacks", detail="none", remedy="get one")
    monkeypatch.setattr(doctor, "findings", lambda: iter([lacking]))
    text, fit = doctor.examine()
    assert not fit
    assert "-> get one" in text
    assert text.endswith("1 lacking; see the -> lines")
