"""On SIGTERM a node ends by itself within 35 s, without an error exit code (SC-005, FR-005).

Method: each SIGTERM in exits.jsonl: the time from the signal to the process' end, and its exit
code. Code 0 is clean. So are the codes that say "ended because of SIGTERM": 143, with which every
Java process ends after its shutdown hooks, and death by the signal itself, which some servers send
to themselves after draining. A node that the suite had to kill after SIGTERM did not end by itself.
What it does NOT show: whether requests were dropped (a process that dies from the signal at once
drops them); graceful_shutdown shows that.
"""

from __future__ import annotations

from typing import Any

from analysis.criteria._ruling import failed, passed, unknown, user_limits
from analysis.run import Run
from iceworthy.record.run_lines import NodeExit
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.limits import DEFAULTS
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "shutdown_time"
HARM = Harm.UNAVAILABLE
NEEDS_NO_LOAD = True
LIMIT_S = DEFAULTS["shutdown_s"]
LIMITS = (
    Limit(name="slowest end", relation="<=", value=LIMIT_S, unit="s"),
    Limit(name="unclean", relation="<=", value=0, shown="no error code"),
)
CLEAN = (0, 128 + 15, -15)


def judge(run: Run) -> Verdict:
    """FAIL for any SIGTERM without a clean end in time."""
    limit_s = run.limits.shutdown_s
    limits = user_limits(run, LIMITS, {"slowest end": "shutdown_s"})
    asked = [line for line in run.read(NodeExit) if line.asked == "SIGTERM"]
    if not asked:
        return unknown(NAME, "no node was sent SIGTERM", limits=limits)
    ends = [_end(line, limit_s) for line in asked]
    slowest = max(end["took_s"] for end in ends)
    wrong = [end for end in ends if end["wrong"]]
    asked = [line for line, end in zip(asked, ends, strict=True) if end["wrong"]]
    facts: dict[str, Any] = {
        "measures": (
            Measure(name="slowest end", value=slowest, unit="s", decimals=2),
            Measure(name="unclean", value=len(wrong), unit="ends", of=len(ends), shown=""),
        ),
        "limits": limits,
        "evidence": ends,
        "judged": len(ends),
    }
    if wrong:
        shown = "; ".join(f"node {end['node']} {end['wrong']}" for end in wrong)
        return failed(NAME, shown, grounds=[_ground(line, limit_s) for line in asked], **facts)
    return passed(NAME, f"{len(ends)} SIGTERM, the slowest end after {slowest:.2f} s", **facts)


def _ground(line: NodeExit, limit_s: float) -> Ground:
    """An end that took too long, or had to be forced, is a matter of time; a code is not."""
    asked_ns = line.asked_ns or line.t_ns
    took_s = (line.t_ns - asked_ns) / 1e9
    if line.code is not None and line.code != -9 and took_s <= limit_s:
        return Ground(kind=EvidenceKind.STATUS, node=line.node)
    excess_s = max(0.0, took_s - limit_s)
    return Ground(
        kind=EvidenceKind.LATENCY, spans=((asked_ns, line.t_ns),), excess_s=excess_s, node=line.node
    )


def _end(line: NodeExit, limit_s: float) -> dict[str, Any]:
    assert line.asked_ns is not None, "a SIGTERM without its instant"
    took_s = (line.t_ns - line.asked_ns) / 1e9
    code = line.code
    wrong = ""
    if code is None:
        wrong = f"did not end within {took_s:.1f} s"
    elif code == -9:
        wrong = f"had to be killed after {took_s:.1f} s"
    elif took_s > limit_s:
        wrong = f"took {took_s:.1f} s"
    elif code not in CLEAN:
        wrong = f"ended with code {code}"
    return {
        "node": line.node,
        "pid": line.pid,
        "took_s": round(took_s, 3),
        "code": code,
        "wrong": wrong,
    }
