"""/metrics exposes at least 10 operational metrics on every node (SC-006).

An operational metric is a metric family with at least one sample that is about the catalog. A
family is the name of a # TYPE line; without such a line, a sample's name less _bucket, _sum,
_count, _total. Families of the language runtime (RUNTIME, and Python's *_created) do not count.
Where no request for metrics was answered 200, there are none, whatever the bodies hold.
What it does NOT show: whether the metrics are right, or useful.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analysis.criteria._ruling import failed, lacks, passed, unknown, user_limits
from analysis.evidence_kinds import grounds_of_probes
from analysis.run import Run
from iceworthy.record.sample_lines import Probe, Scrape
from iceworthy.words.finding import Harm
from iceworthy.words.limits import DEFAULTS
from iceworthy.words.measure import Limit, Measure
from iceworthy.words.verdict import Verdict

NAME = "metrics_count"
HARM = Harm.SHAPE
LEAST = DEFAULTS["metrics_least"]
GOOD = 200
LIMITS = (Limit(name="fewest", relation=">=", value=LEAST, unit="metrics"),)
RUNTIME = (
    "go_",
    "process_",
    "python_",
    "promhttp_",
    "jvm_",
    "nodejs_",
    "dotnet_",
    "ruby_",
    "scrape_",
    "target_info",
    "up{",
    "tokio_",
)
_SUFFIX = re.compile(r"_(bucket|sum|count|total|created)$")


def judge(run: Run) -> Verdict:
    """FAIL when some node exposes fewer; UNKNOWN when no scrape could be read."""
    limits = user_limits(run, LIMITS, {"fewest": "metrics_least"})
    families: dict[int, set[str]] = {}
    scrapes = 0
    for line in run.read(Scrape):
        scrapes += 1
        types = line.types
        families.setdefault(line.node, set()).update(
            family(sample, types) for sample in line.samples
        )
    counted = {node: operational(found) for node, found in sorted(families.items())}
    probes = [line for line in run.read(Probe) if line.probe == "metrics"]
    if probes and all(line.status != GOOD for line in probes):
        return failed(
            NAME,
            f"none of {len(probes)} requests for metrics was answered 200",
            measures=(Measure(name="fewest", value=0, unit="metrics"),),
            limits=limits,
            judged=len(probes),
            grounds=grounds_of_probes(run, probes),
        )
    if not counted:
        none = lacks(run, "metrics") or "no scrape of /metrics was recorded"
        return unknown(NAME, none, limits=limits)
    fewest = min(len(found) for found in counted.values())
    facts: dict[str, Any] = {
        "measures": (Measure(name="fewest", value=fewest, unit="metrics"),),
        "limits": limits,
        "evidence": [{"node": node, "metrics": found} for node, found in counted.items()],
        "judged": scrapes,
    }
    if fewest < run.limits.metrics_least:
        return failed(NAME, f"a node exposes only {fewest} operational metrics", **facts)
    return passed(NAME, f"every node exposes at least {fewest} operational metrics", **facts)


def family(sample: str, types: Mapping[str, str]) -> str:
    """The family of a sample such as `http_seconds_bucket{le="1"}`."""
    name = sample.partition("{")[0]
    if name in types:
        return name
    stem = _SUFFIX.sub("", name)
    return stem if stem in types or f"{stem}_total" not in types else f"{stem}_total"


def operational(families: set[str]) -> list[str]:
    """The families that are about the catalog, in alphabetical order."""
    return sorted(
        name
        for name in families
        if not (name + "{").startswith(RUNTIME) and not name.endswith("_created")
    )
