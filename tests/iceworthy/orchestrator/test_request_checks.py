"""A request that cannot be run is refused before anything is started."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.stack.certificates import make_certificates
from iceworthy.orchestrator.request_checks import (
    refuse_missing_authorities,
    refuse_missing_program,
    refuse_other_runtime,
    refuse_unknown_cases,
)
from iceworthy.words.errors import PlanError
from iceworthy.words.target import NodeSpec, TargetSpec
from iceworthy.words.target_file import load_target


def test_an_image_needs_the_runtime_that_has_containers() -> None:
    spec = load_target("reference")
    refuse_other_runtime(spec, "processes")
    with pytest.raises(PlanError, match=r"'acme:1', which is run in containers; add --runtime"):
        refuse_other_runtime(replace(spec, node=NodeSpec(image="acme:1")), "processes")


def test_nodes_that_run_already_are_not_run_in_containers() -> None:
    running = NodeSpec(urls=("http://127.0.0.1:1",), count=1)
    with pytest.raises(PlanError, match=r"its nodes run already, at http://127\.0\.0\.1:1"):
        refuse_other_runtime(replace(load_target("reference"), node=running), "docker")


def test_a_program_of_an_image_is_not_looked_for_on_this_machine() -> None:
    spec = load_target("reference")
    with pytest.raises(PlanError, match="wants the program 'no-such-program'"):
        refuse_missing_program(replace(spec, node=NodeSpec(command=("no-such-program",))))
    refuse_missing_program(replace(spec, node=NodeSpec(command=("no-such",), image="acme:1")))


@pytest.fixture
def secured() -> TargetSpec:
    """A target whose node runs already, at https."""
    running = NodeSpec(urls=("https://127.0.0.1:9443",), count=1)
    return replace(load_target("reference"), name="mine", node=running)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file or directory"),
        ("", "it holds no certificate in PEM"),
        ("no certificate", "it holds no certificate in PEM"),
    ],
)
def test_a_file_of_authorities_that_cannot_be_used_is_told_before_anything_starts(
    secured: TargetSpec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str | None,
    why: str,
) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(PlanError, match=f"mine: SSL_CERT_FILE=.*https://127.*{why}; export"):
        refuse_missing_authorities(secured)
    refuse_missing_authorities(load_target("reference"))  # its nodes speak no TLS


def test_a_file_of_authorities_that_holds_some_is_taken(
    secured: TargetSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.ca))
    refuse_missing_authorities(secured)
    monkeypatch.setenv("SSL_CERT_FILE", "")
    refuse_missing_authorities(secured)


@pytest.mark.parametrize("pattern", ["", " ", "no_such_case"])
def test_a_case_that_is_none_is_told_before_anything_starts(pattern: str) -> None:
    """An empty text would else ask for the cases that are about no operation."""
    with pytest.raises(PlanError, match=f"--case: no case named '{pattern}'"):
        refuse_unknown_cases((pattern,))
    refuse_unknown_cases(("loadTable", "*"))
