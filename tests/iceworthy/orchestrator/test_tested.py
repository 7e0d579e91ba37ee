"""What is tested is said as far as it can be found, without secrets, and ends no review."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from iceworthy.orchestrator.tested import checksum, start_command, under_test, version_of
from iceworthy.words.target import DatabaseSpec, NodeSpec, TargetSpec


def target(*command: str, version: tuple[str, ...] = ()) -> TargetSpec:
    node = NodeSpec(command=command, version_command=version)
    return TargetSpec(name="t", summary="", node=node, database=DatabaseSpec(kind="postgres"))


def test_the_program_has_the_checksum_of_its_file(tmp_path: Path) -> None:
    program = tmp_path / "catalog"
    program.write_bytes(b"#!/bin/sh\n")
    program.chmod(0o755)
    found = under_test(target(str(program), "--port", "{port}"))
    assert found.program == str(program.resolve())
    assert found.sha256 == hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    assert found.command.endswith("--port '{port}'")
    assert found.toxiproxy
    assert found.memory_bytes


def test_what_cannot_be_found_is_empty() -> None:
    found = under_test(target("{env:NO_SUCH_VARIABLE_OF_A_TEST}"))
    assert (found.program, found.sha256, found.version) == ("", "", "")
    assert checksum("/no/such/file") == ""
    assert under_test(TargetSpec(name="t", summary="")).command == ""


def test_the_version_is_the_first_line_of_its_command() -> None:
    said = ("-c", "print('catalog 1.2 (abc123)'); print('more')")
    assert version_of(target("x", version=("{python}", *said))) == "catalog 1.2 (abc123)"
    broken = version_of(target("x", version=(sys.executable, "-c", "import sys; sys.exit('no')")))
    assert broken == "not known: version_command: exit code 1, no"
    assert version_of(target("x", version=("/no/such/program",))).startswith("not known: ")
    assert version_of(target("x")) == ""


def test_a_literal_secret_is_left_out_of_the_command() -> None:
    words = ("catalog", "--db-password", "hunter2", "--api-key=hunter3", "--token", "{token}")
    told = start_command((*words, "--port", "80"))
    assert "hunter" not in told
    assert "--db-password" in told
    assert "{token}" in told
    assert told.endswith("--port 80")
