"""Every answered request has a JSON line with method, path and status in its node's log (FR-014).

Method: the output of the nodes (logs/node-*.log). A request line is a JSON object with method, path
and status under any of the common keys, nested or flat; other lines are ignored. For each node and
status there must be at least as many request lines as the suite got answers. Many programs do not
log the probes of health and readiness; where these alone have no lines, the reason says so, and
that is no fail.
What it does NOT show: that the other fields are right; lines for requests without an answer. A
process that is killed (SIGKILL) may not have written its last lines: as many may lack as it gave
answers in the ten seconds before. Example: kill_all_nodes kills both nodes, and 8 of the 3,000
answers before have no line. A kill by somebody outside makes a larger lack unknown, too.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from signal import SIGKILL
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from analysis.criteria._ruling import failed, passed, unknown
from analysis.process_lifetimes import lives
from analysis.run import Run
from iceworthy.record.history import FLAG_MEMBER, FLAG_TORN
from iceworthy.record.sample_lines import Probe
from iceworthy.words.blame import EvidenceKind, Ground
from iceworthy.words.finding import Harm
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.target import EndpointSpec
from iceworthy.words.verdict import Verdict

NAME = "access_logs"
HARM = Harm.SHAPE
LIMITS = (Limit(name="logged", relation="all", shown="a JSON line for each answer"),)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
METHOD_KEYS = frozenset({"method", "http_method", "request_method", "verb", "requestmethod"})
PATH_KEYS = frozenset(
    {
        "path",
        "uri",
        "url",
        "request_uri",
        "request_path",
        "target",
        "route",
        "url_path",
        "requesturi",
        "requesturl",
        "http_target",
        "http_path",
    }
)
STATUS_KEYS = frozenset(
    {
        "status",
        "status_code",
        "code",
        "statuscode",
        "http_status",
        "response_status",
        "response_code",
        "response_status_code",
    }
)
SAMPLE = 5
UNWRITTEN_NS = 10_000_000_000  # lines that a killed process had not written yet are younger
LINE_CHARACTERS_MAX = 1 << 20
KEPT_NAMES_MAX, KEPT_CHARACTERS_MAX = 4096, 100
CUT = re.compile(r"iceworthy: \d+ bytes were cut out here: the log grew too large$")
"""The line that stands where the suite cut a log that had grown too large."""


def judge(run: Run) -> Verdict:
    """FAIL when answers have no line; UNKNOWN without logs or answers."""
    logs = {
        int(p.stem.removeprefix("node-")): p
        for p in sorted(run.folder.logs.glob("node-*.log"))
        if p.stem.removeprefix("node-").isdigit()
    }
    answered, probed = answers(run), probes(run)
    if not logs:
        return unknown(NAME, "the nodes' output was not recorded", limits=LIMITS)
    if not sum(answered.values()) + sum(probed.values()):
        return unknown(NAME, "no request was answered", limits=LIMITS)
    rows: list[dict[str, Any]] = []
    missing = unlogged = unwritten = 0
    for node, path in logs.items():
        log = _read(path, _operators_paths(run))
        if log.cut:
            reason = f"{path.name} grew beyond its bound, and the suite cut its middle out"
            return unknown(NAME, reason, limits=LIMITS)
        rows.append(row := _row(run, node, log, _of(answered, node), _of(probed, node)))
        unwritten += row["lost_by_kill"]
        missing += sum(row["lacking"].values()) - row["lost_by_kill"]
        unlogged += sum(max(0, n - log.probes[status]) for status, n in _of(probed, node).items())
    total = sum(n for (node, _), n in (*answered.items(), *probed.items()) if node in logs)
    lines, as_json = sum(r["lines"] for r in rows), sum(r["json"] for r in rows)
    facts: dict[str, Any] = {
        "measures": (_measure(total - missing - unlogged - unwritten, total),),
        "limits": LIMITS,
        "evidence": rows,
        "judged": total,
    }
    share = as_json / lines if lines else 0.0
    if missing:
        shown = ", ".join(f"{n} × {status}" for row in rows for status, n in row["lacking"].items())
        return failed(
            NAME,
            f"{missing} of {total} answers have no JSON line with method, path and "
            f"status ({shown}); {share:.1%} of {lines} lines are JSON",
            grounds=_grounds(run, rows),
            **facts,
        )
    each = "each with its line"
    if unwritten:
        each += f", but for {unwritten} that a node gave in the last seconds before it was killed"
    if unlogged:
        each += f", but for {unlogged} probes of health and readiness (a remark: many log none)"
    return passed(NAME, f"{total} answers, {each}; {share:.1%} of {lines} lines are JSON", **facts)


def _of(counted: Counter[tuple[int, int]], node: int) -> Counter[int]:
    """Status -> count of one node."""
    return Counter({status: n for (own, status), n in counted.items() if own == node})


def _row(
    run: Run, node: int, log: _Log, answered: Counter[int], probed: Counter[int]
) -> dict[str, Any]:
    """What one node's log holds beside what the node answered."""
    lacking = {s: n - log.found[s] for s, n in answered.items() if n > log.found[s]}
    lost = min(sum(lacking.values()), _answered_before(run, node, _kills(run, node)))
    return {
        "node": node,
        "lines": log.lines,
        "json": log.json,
        "requests": sum(log.found.values()) + sum(log.probes.values()),
        "answers": sum(answered.values()) + sum(probed.values()),
        "lost_by_kill": lost,
        "lacking": {str(status): n for status, n in sorted(lacking.items())},
        "file": f"logs/node-{node}.log",
        "not_json": log.others[:SAMPLE],
    }


def _grounds(run: Run, rows: list[dict[str, Any]]) -> list[Ground]:
    """Lines that a killed node may have taken with it, apart from those that it never wrote."""
    found: list[Ground] = []
    for row in rows:
        lacking, node = sum(row["lacking"].values()) - row["lost_by_kill"], int(row["node"])
        outside = [death.t_ns for death in run.deaths if death.node == node]
        lost = min(lacking, _answered_before(run, node, outside))
        if lost:
            found.append(Ground(kind=EvidenceKind.RECORD, count=lost, node=node))
        if lacking > lost:
            found.append(Ground(kind=EvidenceKind.CONTENT, count=lacking - lost, node=node))
    return found


def _kills(run: Run, node: int) -> list[int]:
    """When the suite killed processes of a node: t_ns of each end by SIGKILL."""
    ends = [life.end for life in lives(run) if life.node == node and life.end is not None]
    asked = [end for end in ends if end.asked != "none"]
    return [end.t_ns for end in asked if end.code in (-SIGKILL, 128 + SIGKILL)]


def _answered_before(run: Run, node: int, deaths_ns: list[int]) -> int:
    """How many answers a node gave in the last seconds before its processes were killed."""
    ops = run.history.ops
    count = 0
    for death_ns in deaths_ns:
        since_ns = death_ns - UNWRITTEN_NS
        recent = (ops["completed_ns"] >= since_ns) & (ops["completed_ns"] <= death_ns)
        count += int((recent & (ops["node"] == node) & (ops["status"] > 0)).sum())
        count += sum(
            probe.status > 0 and probe.node == node and since_ns <= probe.end_ns <= death_ns
            for probe in run.read(Probe)
        )
    return count


def _measure(logged: int, total: int) -> Measure:
    shown = "{value} of {of} {unit} logged"
    return Measure(name="logged", value=logged, unit="answers", of=total, shown=shown)


def answers(run: Run) -> Counter[tuple[int, int]]:
    """How many whole answers of each status the suite got from each node, probes left out."""
    ops = run.history.ops
    whole = (ops["status"] > 0) & ((ops["flags"] & (FLAG_TORN | FLAG_MEMBER)) == 0)
    counted: Counter[tuple[int, int]] = Counter()
    both = ops["node"][whole].astype(np.uint32) * 1000 + ops["status"][whole]
    for code, count in zip(*np.unique(both, return_counts=True), strict=True):
        counted[int(code) // 1000, int(code) % 1000] += int(count)
    return counted


def probes(run: Run) -> Counter[tuple[int, int]]:
    """How many probes of each status each node answered."""
    counted: Counter[tuple[int, int]] = Counter()
    for probe in run.read(Probe):
        if probe.status:
            counted[probe.node, probe.status] += 1
    return counted


def _operators_paths(run: Run) -> frozenset[str]:
    """The paths of health, readiness and metrics, as the target's file has them."""
    target = run.plan.target
    ends = target.endpoints if target is not None else EndpointSpec()
    named = (ends.health, ends.ready, ends.metrics)
    return frozenset(urlsplit(one.replace("{", "").replace("}", "")).path for one in named if one)


class _Log:
    """One node's log, counted; probes: lines about the operators' paths."""

    def __init__(self) -> None:
        self.lines = 0
        self.cut = 0
        self.json = 0
        self.found: Counter[int] = Counter()
        self.probes: Counter[int] = Counter()
        self.others: list[str] = []


def _read(path: Path, operators: frozenset[str]) -> _Log:
    log = _Log()
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in iter(lambda: file.readline(LINE_CHARACTERS_MAX), ""):
            log.cut += CUT.match(line) is not None
            if not line.strip():
                continue
            log.lines += 1
            entry = _object(line)
            if entry is None:
                if len(log.others) < SAMPLE:
                    log.others.append(line.strip()[:200])
                continue
            log.json += 1
            fields = list(_flat(entry))
            status = _status_of(fields)
            if status:
                counted = log.probes if operators & _paths(fields) else log.found
                counted[status] += 1
    return log


def _object(line: str) -> dict[str, Any] | None:
    # A prefix such as a container's timestamp is allowed; the object must end the line.
    start = line.find("{")
    try:
        entry = json.loads(line[start:]) if start >= 0 else None
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def request_status(entry: dict[str, Any]) -> int:
    """The status of a request line; 0 where the object names no method, path and status."""
    return _status_of(list(_flat(entry)))


def _status_of(fields: list[tuple[str, Any]]) -> int:
    method = path = False
    status = 0
    for name, value in fields:
        of_method, of_path, of_status = _known(name)
        if of_method and value in METHODS:
            method = True
        elif of_path and isinstance(value, str) and "/" in value:
            path = True
        elif of_status and (number := _status(value)):
            status = number
    return status if method and path else 0


def _paths(fields: list[tuple[str, Any]]) -> set[str]:
    """The paths that a request line names, without their queries."""
    return {urlsplit(value).path for _, value in fields if isinstance(value, str) and "/" in value}


def _flat(entry: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, value in entry.items():
        if isinstance(value, dict) and depth < 3:
            yield from _flat(value, f"{_name(prefix, key)}.", depth + 1)
        elif isinstance(value, str | int):
            yield _name(prefix, key), value


def _name(prefix: str, key: str) -> str:
    # The lines of a log have the same few names, of which each is made once; a log of names that
    # are megabytes long may not fill the memory.
    kept = len(prefix) + len(key) <= KEPT_CHARACTERS_MAX
    return _kept_name(prefix, key) if kept else _made_name(prefix, key)


def _made_name(prefix: str, key: str) -> str:
    return f"{prefix}{key}".lower().replace("-", "_")


_kept_name = lru_cache(maxsize=KEPT_NAMES_MAX)(_made_name)


def _known(name: str) -> tuple[bool, bool, bool]:
    """Whether a field of this name holds a request's method, its path, its status."""
    return _kept_roles(name) if len(name) <= KEPT_CHARACTERS_MAX else _roles(name)


def _roles(name: str) -> tuple[bool, bool, bool]:
    both = {name.rpartition(".")[2], name.replace(".", "_")}
    return bool(both & METHOD_KEYS), bool(both & PATH_KEYS), bool(both & STATUS_KEYS)


_kept_roles = lru_cache(maxsize=KEPT_NAMES_MAX)(_roles)


def _status(value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        return 0
    return number if 100 <= number <= 599 else 0
