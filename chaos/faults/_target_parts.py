"""The part of the target that a fault needs: a node, its database link, or the database.

Each function returns the part, or raises FaultError that names what the target lacks.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from iceworthy.words.errors import FaultError
from iceworthy.words.live import Backend, Database, Lifecycle, Link, LiveTarget, Node


def no_params(params: Mapping[str, Any], fault: str) -> None:
    """FaultError if a fault that takes no params is given some."""
    if params:
        raise FaultError(f"{fault} takes no params, got {', '.join(sorted(params))}")


def lifecycle_of(target: LiveTarget, index: int, fault: str) -> Lifecycle:
    """The lifecycle of node `index`, which the suite started and which runs."""
    lifecycle = _known(target, index, fault).lifecycle
    if lifecycle is None:
        raise FaultError(
            f"{fault} needs a node whose process the suite started, but {target.spec.name} runs "
            "already and is only known by its URL; give [node] a command"
        )
    if lifecycle.incarnation is None:
        raise FaultError(f"{fault} needs node {index} running, but it has no process")
    return lifecycle


def life_of(target: LiveTarget, index: int) -> dict[str, Any]:
    """Facts of a node that runs: its pid, its client connections, its database sessions."""
    victim = target.nodes[index]
    return {
        "pid": victim.lifecycle.incarnation if victim.lifecycle is not None else None,
        "connections": victim.connections(),
        "sessions": len(backends_of(target, index)),
    }


def start_again(target: LiveTarget, index: int) -> None:
    """Start node `index` if it does not run, and wait until it is ready; nothing where the suite
    did not start it."""
    victim = target.nodes[index] if index < len(target.nodes) else None
    if victim is None or victim.lifecycle is None:
        return
    if not victim.is_running():
        victim.lifecycle.start(reason="restart")
    victim.wait_ready(deadline_s=target.spec.node.ready_s)


def link_of(target: LiveTarget, index: int, fault: str) -> Link:
    """The link between node `index` and the database."""
    link = _known(target, index, fault).database_link
    if link is None:
        raise FaultError(
            f"{fault} needs the link between node {index} and its database, but the suite has no "
            f'view of {target.spec.name}\'s database; [database] kind = "postgres" gives it one'
        )
    return link


def restore_link(target: LiveTarget, index: int) -> None:
    """Restore a clean database link of node `index`, where there is such a node with a link."""
    link = target.nodes[index].database_link if index < len(target.nodes) else None
    if link is not None:
        link.restore()


def database_of(target: LiveTarget, fault: str) -> Database:
    """The database under the target, as a superuser sees it."""
    if target.database is None:
        raise FaultError(
            f"{fault} needs a view of the database, but {target.spec.name} hides it; "
            '[database] kind = "postgres" gives one'
        )
    return target.database


def backends_of(target: LiveTarget, index: int) -> list[Backend]:
    """The database sessions of node `index`; none where the database is hidden."""
    if target.database is None:
        return []
    return [backend for backend in target.database.activity() if backend.node == index]


def bit_ns(proof: Mapping[str, Any]) -> int:
    """From when on a fault acted, as its proof says; now, where the proof names no instant.

    Ask after the call that made it act: an instant before that call would count answers that were
    given while the target was still whole.
    """
    return int(proof.get("bit_ns") or time.monotonic_ns())


def _known(target: LiveTarget, index: int, fault: str) -> Node:
    if not 0 <= index < len(target.nodes):
        raise FaultError(
            f"{fault} was planned for node {index}, but {target.spec.name} has "
            f"{len(target.nodes)} node(s), counted from 0"
        )
    return target.nodes[index]
