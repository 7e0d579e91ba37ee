"""On SIGTERM a node ends by itself within 35 s, with exit code 0 (SC-005, FR-005).

Method: each SIGTERM in exits.jsonl: from the signal to the process' end, and its exit code. A node
that the suite had to kill after SIGTERM did not end by itself.
What it does NOT show: whether requests were dropped; graceful_shutdown does.
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._ruling import failed, passed, unknown
from analysis.run import Run
from iceworthy.verdict import Verdict

NAME = "shutdown_time"
LIMIT_S = 35.0
LIMIT = f"{LIMIT_S:g} s, exit code 0"


def judge(run: Run) -> Verdict:
    """FAIL for any SIGTERM that was not followed by a clean end in time."""
    asked = [line for line in run.stream("exits") if line.get("asked") == "SIGTERM"]
    if not asked:
        return unknown(NAME, "no node was sent SIGTERM", limit=LIMIT)
    ends = [_end(line) for line in asked]
    slowest = max(end["took_s"] for end in ends)
    facts = {"figure": f"{slowest:.2f} s", "limit": LIMIT, "evidence": ends, "judged": len(ends)}
    wrong = [end for end in ends if end["wrong"]]
    if wrong:
        told = "; ".join(f"node {end['node']} {end['wrong']}" for end in wrong)
        return failed(NAME, told, **facts)
    return passed(NAME, f"{len(ends)} SIGTERM, the slowest end after {slowest:.2f} s", **facts)


def _end(line: dict[str, Any]) -> dict[str, Any]:
    took_s = (int(line["t_ns"]) - int(line["asked_ns"])) / 1e9
    code = line.get("code")
    wrong = ""
    if code is None:
        wrong = f"did not end within {took_s:.1f} s"
    elif code == -9:
        wrong = f"had to be killed after {took_s:.1f} s"
    elif took_s > LIMIT_S:
        wrong = f"took {took_s:.1f} s"
    elif code != 0:
        wrong = f"ended with code {code}" + (" (by the signal, unhandled)" if code == -15 else "")
    return {
        "node": line["node"],
        "pid": line["pid"],
        "took_s": round(took_s, 3),
        "code": code,
        "wrong": wrong,
    }
