"""Other load generators, if they are on PATH, with the same work as the suite's engine.

Paced: 1,000 connections, starts spread over each second (k6: think time; vegeta: a constant rate,
with as many connections as vegeta opens). Closed: 50 connections without pause. wrk has no paced
mode.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PATH = "/v1/namespaces/bench/tables/t001"
K6_SCRIPT = """
import http from 'k6/http';
import {{ sleep }} from 'k6';
export const options = {{
  vus: {sessions}, duration: '{duration_s}s', discardResponseBodies: true,
}};
let phased = false;
export default function () {{
  if (!phased) {{ phased = true; sleep((__VU - 1) / {sessions} * {period_s}); }}
  const began = Date.now();
  http.get('{url}');
  const left = {period_s} - (Date.now() - began) / 1000;
  if (left > 0) sleep(left);
}}
"""

Argv = Callable[[str, str, int, float, Path], "list[str] | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """argv(pace, url, sessions, duration_s, work): its command; None if it has no such mode."""

    name: str
    argv: Argv


def found() -> list[Other]:
    """The generators that are on PATH."""
    known = (
        Other(name="k6", argv=_k6),
        Other(name="vegeta", argv=_vegeta),
        Other(name="wrk", argv=_wrk),
    )
    return [other for other in known if shutil.which(other.name)]


def _k6(pace: str, url: str, sessions: int, duration_s: float, work: Path) -> list[str]:
    script = work / f"k6-{pace}.js"
    period_s = 1.0 if pace == "paced" else 0.0
    script.write_text(
        K6_SCRIPT.format(
            sessions=sessions, duration_s=int(duration_s), period_s=period_s, url=url + PATH
        ),
        encoding="utf-8",
    )
    return ["k6", "run", "--quiet", "--no-usage-report", str(script)]


def _vegeta(pace: str, url: str, sessions: int, duration_s: float, work: Path) -> list[str]:
    targets = work / "vegeta.targets"
    targets.write_text(f"GET {url}{PATH}\n", encoding="utf-8")
    rate = [f"-rate={sessions}"] if pace == "paced" else ["-rate=0", f"-max-workers={sessions}"]
    return [
        "vegeta",
        "attack",
        f"-targets={targets}",
        f"-duration={duration_s:g}s",
        *rate,
        f"-output={work / 'vegeta.bin'}",
    ]


def _wrk(pace: str, url: str, sessions: int, duration_s: float, work: Path) -> list[str] | None:
    if pace == "paced":
        return None
    return ["wrk", "-t1", f"-c{sessions}", f"-d{int(duration_s)}s", url + PATH]
