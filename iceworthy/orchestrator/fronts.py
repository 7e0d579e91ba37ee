"""Puts other addresses before a catalog's nodes: one for all of them, or one of IPv6 for each.

Claim: the context yields a target whose nodes run already, as a user's file names a catalog behind
a load balancer. The nodes and fixtures/reference/front.py end with the context.
What it does NOT do: balance by load; connections go to the nodes in turn.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from fixtures.stack.ports import HOST, Ports
from fixtures.stack.processes import Leash, Program
from fixtures.stack.stack import open_stack
from iceworthy.record.run_folder import RunFolder
from iceworthy.suite_path import suite_root
from iceworthy.words.target import DatabaseSpec, NodeSpec, TargetSpec


@contextlib.contextmanager
def reachable(spec: TargetSpec, front: str, folder: RunFolder) -> Iterator[TargetSpec]:
    """The target itself where front is ""; else its nodes, started, behind other addresses. folder:
    for the logs of these nodes."""
    if not front:
        yield spec
        return
    with open_stack(spec, folder) as live, Leash() as leash, Ports() as ports:
        nodes = [urlsplit(node.url).netloc for node in live.nodes]
        rows = rows_of(front, nodes, [ports.take() for _ in nodes])
        leash.spawn(
            Program(
                name="front",
                argv=(sys.executable, "-m", "fixtures.reference.front", *rows),
                log=folder.logs / "front.log",
                env={**os.environ, "PYTHONPATH": str(suite_root())},
            )
        )
        urls = tuple(f"http://{row.partition('=')[0]}" for row in rows)
        node = NodeSpec(urls=urls, count=len(urls), ready_s=spec.node.ready_s)
        yield replace(spec, node=node, database=DatabaseSpec(kind="hidden"))


def rows_of(front: str, nodes: Sequence[str], ports: Sequence[int]) -> list[str]:
    """The rows of fixtures/reference/front.py. nodes: their HOST:PORT."""
    if front == "one address":
        return [f"{HOST}:{ports[0]}={','.join(nodes)}"]
    return [f"[::1]:{port}={node}" for port, node in zip(ports, nodes, strict=True)]
