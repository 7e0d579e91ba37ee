"""Whether a mistake in the user's target file may be why no node became ready, or let the suite in.

Claim: where not one node of a run ever became ready, and nothing earlier in the review shows that
the target file is right, nobody can tell a defect of the catalog from a wrong file (a readiness
that is not there, a wrong port, a program that ends or goes to the background). Then the line of
the file that is most likely wrong is named, and nothing is concluded about the catalog.
Method: the initial starts, the last answer of readiness, the ends of the processes, the logins that
PostgreSQL refused, and the first answers of the catalog (iceworthy/record/not_let_in.py).
What this does NOT show: that the file is wrong. Where one node became ready and another did not,
the file is right and the catalog is to blame.
"""

from __future__ import annotations

from analysis.process_lifetimes import Life, lives
from analysis.run import Run
from iceworthy.record.database_refusals import login_refusal
from iceworthy.record.known import Known
from iceworthy.record.not_let_in import mistake_in
from iceworthy.record.run_lines import FirstAnswer, NodeStart
from iceworthy.words.target import TargetSpec
from iceworthy.words.target_text import why_it_ended, why_not_ready


def target_file_mistake(run: Run) -> str:
    """What may be wrong in the target file, with its line; "" where the file is right, or where an
    older version recorded the run."""
    spec = run.plan.target
    if spec is None or run.plan.known != Known():
        return ""
    return _never_ready(run, spec) or mistake_in(spec, run.read(FirstAnswer))


def _never_ready(run: Run, spec: TargetSpec) -> str:
    first = [life for life in lives(run) if life.reason == "initial"]
    ready = {line.pid: line.ready_status for line in run.read(NodeStart)}
    if not first or any(life.ready_ns is not None for life in lives(run)) or None in ready.values():
        return ""
    statuses = [status for status in ready.values() if status]
    if refused := login_refusal(run.folder.logs):
        return f"no node ever became ready: {why_not_ready(spec, 0, refused)}"
    return f"no node ever became ready: {_line(spec, first, max(statuses, default=0))}"


def _line(spec: TargetSpec, first: list[Life], status: int) -> str:
    ended = [life.end for life in first if life.end is not None and life.end.asked == "none"]
    if ended:
        after_s = (ended[0].t_ns - first[0].spawn_ns) / 1e9
        return (
            f"its program ended by itself with code {ended[0].code} after {after_s:.1f} s; "
            f"{why_it_ended(spec)}"
        )
    return why_not_ready(spec, status)
