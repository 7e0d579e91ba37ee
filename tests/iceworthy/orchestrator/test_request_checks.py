"""A request that cannot be run is refused before anything is started."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iceworthy.orchestrator.request_checks import refuse_missing_program, refuse_other_runtime
from iceworthy.words.errors import PlanError
from iceworthy.words.target import NodeSpec
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
