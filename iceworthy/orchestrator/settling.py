"""After the load: waits until the nodes are ready, then reads everything on each node.

A node that has ended is started again. A node that does not become ready in time is no error here:
the reads on it get no answer, and the checkers judge that.
"""

from __future__ import annotations

import signal
import time

from fixtures.audit import audit
from iceworthy.orchestrator.progress import Progress
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import NodeExit, Window
from iceworthy.words.errors import TargetError
from iceworthy.words.live import LiveTarget

__all__ = ["settle_and_audit"]


def settle_and_audit(
    live: LiveTarget, folder: RunFolder, settle_s: float, seed: int, progress: Progress
) -> None:
    """Wait until every node is ready, settle_s at most, then read everything on every node."""
    progress.live(f"{folder.name}: settling")
    start_ns = time.monotonic_ns()
    deadline = time.monotonic() + settle_s
    for end in folder.read(NodeExit):
        if end.asked == "none":
            ended = f"node {end.node} ended by itself ({_how(end)})"
            progress.warn(f"{folder.name}: {ended}; see {folder.logs}")
    for node in live.nodes:
        left_s = max(0.5, deadline - time.monotonic())
        try:
            if node.lifecycle is not None and not node.is_running():
                node.lifecycle.start(reason="restart")
            node.wait_ready(deadline_s=left_s)
        except TargetError as error:
            # A node that does not come back is a finding: the audit's reads on it will show it.
            progress.warn(f"{folder.name}: node {node.index} is not ready after the load: {error}")
    settled_ns = time.monotonic_ns()
    folder.append(
        Window(
            name="settle",
            kind="settle",
            start_ns=start_ns,
            end_ns=settled_ns,
            node=None,
            fault=None,
        )
    )
    progress.live(f"{folder.name}: reading every table and namespace on every node")
    audit(live, folder, seed=seed)
    folder.append(
        Window(
            name="audit",
            kind="audit",
            start_ns=settled_ns,
            end_ns=time.monotonic_ns(),
            node=None,
            fault=None,
        )
    )


def _how(end: NodeExit) -> str:
    code = end.code
    if code is None or code >= 0:
        return f"code {code}"
    return next((s.name for s in signal.Signals if s == -code), f"signal {-code}")
