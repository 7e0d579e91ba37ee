"""Rows for the program that puts other addresses before the nodes."""

from __future__ import annotations

from iceworthy.orchestrator.fronts import reachable, rows_of
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.target_file import load_target

NODES = ["127.0.0.1:1", "127.0.0.1:2"]


def test_one_address_stands_for_all_nodes() -> None:
    assert rows_of("one address", NODES, [8, 9]) == ["127.0.0.1:8=127.0.0.1:1,127.0.0.1:2"]


def test_each_node_has_its_ipv6_address() -> None:
    assert rows_of("IPv6", NODES, [8, 9]) == ["[::1]:8=127.0.0.1:1", "[::1]:9=127.0.0.1:2"]


def test_without_a_front_the_target_is_the_one_that_was_given() -> None:
    spec = load_target("reference")
    with reachable(spec, "", RunFolder.__new__(RunFolder)) as found:
        assert found is spec
