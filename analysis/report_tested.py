"""The tested system as rows of the reports: the catalog, what it stands on, the machine, the load.

Claim: every row is from review.json, plan.json and the streams of the experiments; what they do not
say has no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import mean

from analysis.run import Run
from iceworthy.record.review import ReviewRecord
from iceworthy.record.run_lines import LoadSecond
from iceworthy.record.sample_lines import MachineUse
from iceworthy.words.foreign import markdown
from iceworthy.words.limits import own_limit_rows

Row = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What one experiment stood on and what was offered to the target. per_s: operations a second,
    of all workers together; steal, busy: shares of the machine's CPU time, on average."""

    experiment: str
    load: str = ""
    per_s: float | None = None
    steal: float | None = None
    busy: float | None = None
    versions: tuple[Row, ...] = field(default=())


def offered(run: Run) -> Offered:
    """The facts of one experiment."""
    use = run.read(MachineUse)
    roles = "; ".join(
        f"{role.name} {role.weight:g}: "
        + (f"one operation each {role.period_s:g} s" if role.period_s else "no think time")
        for role in run.plan.roles
    )
    sessions = f"{run.plan.sessions:,} sessions" if run.plan.scenario else ""
    return Offered(
        experiment=run.name,
        load=f"{sessions} ({roles})" if roles else sessions,
        per_s=_per_second(run.read(LoadSecond)),
        steal=mean(one.steal for one in use) if use else None,
        busy=mean(one.cpu_busy for one in use) if use else None,
        versions=tuple((str(name), str(value)) for name, value in run.plan.versions.items()),
    )


def _per_second(lines: Iterable[LoadSecond]) -> float | None:
    """Operations a second between the first and the last line of each worker, added up."""
    workers: dict[str, list[LoadSecond]] = {}
    for line in lines:
        workers.setdefault(line.worker, []).append(line)
    rates = [
        (own[-1].operations - own[0].operations) / ((own[-1].t_ns - own[0].t_ns) / 1e9)
        for own in workers.values()
        if own[-1].t_ns > own[0].t_ns
    ]
    return sum(rates) if rates else None


def rows_about(review: ReviewRecord, experiments: Sequence[Offered]) -> list[Row]:
    """(name, value) of all that is known."""
    one = review.tested
    memory = f"{one.memory_bytes / 1e9:.1f} GB memory" if one.memory_bytes else ""
    cores = f"{review.cpus} CPUs" if review.cpus else ""
    load = f"load {one.load_average:g} before it" if one.load_average is not None else ""
    versions = dict(row for each in experiments for row in each.versions)
    rows = [
        ("catalog", one.version),
        ("its program", f"{one.program} (SHA-256 {one.sha256})" if one.sha256 else one.program),
        ("start command", one.command),
        ("toxiproxy", one.toxiproxy),
        ("storage", one.storage),
        *versions.items(),
        *own_limits_of(review),
        ("CPU and memory", ", ".join(part for part in (one.cpu, cores, memory, load) if part)),
    ]
    for each in experiments:
        took = review.took_s.get(each.experiment)
        facts = (
            f"{took:.0f} s in all" if took else "",
            each.load,
            f"{each.per_s:,.0f} operations a second" if each.per_s else "",
            f"CPU {each.busy:.0%} busy" if each.busy is not None else "",
            f"steal {each.steal:.1%}" if each.steal is not None else "",
        )
        rows.append((each.experiment, ", ".join(fact for fact in facts if fact)))
    return [(name, value) for name, value in rows if value]


def own_limits_of(review: ReviewRecord) -> list[Row]:
    """The limits that are the user's own, in one row; none where all are the requirements'."""
    rows = own_limit_rows(review.target_spec.limits) if review.target_spec else []
    said = "; ".join(f"{name} = {value} ({instead})" for name, value, instead in rows)
    return [("own limits", said)] if said else []


def markdown_about(rows: Sequence[Row]) -> list[str]:
    """A part of report.md; no line without rows."""
    if not rows:
        return []
    lines = [f"- {markdown(name)}: {markdown(value)}" for name, value in rows]
    return ["", "## What was tested", "", *lines]
