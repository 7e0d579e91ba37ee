"""The report of a judged review: report.html, report.md and junit.xml, from its folder alone.

Claim: everything shown is in the folder; nothing is judged here. An experiment that cannot be drawn
is named with the reason, and the rest of the report is complete.
What this does NOT show: every operation. Charts are binned, and tables hold the deciding evidence
only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.judge import experiment_folders
from analysis.report_experiment import section
from analysis.report_findings import SHOWN_MOST, findings_html, findings_of, worst_html
from analysis.report_html import esc
from analysis.report_page import page
from analysis.report_tested import Offered, offered, rows_about
from analysis.report_text import junit, markdown, terminal_table
from analysis.report_witness import drawings_of, judges_drawn
from analysis.run import Run
from iceworthy.record.regular_file import write_text
from iceworthy.record.review import review_of
from iceworthy.record.verdicts import ExperimentVerdict, ReviewVerdicts, read_review_verdicts
from iceworthy.words.errors import RecordError
from iceworthy.words.finding import Finding
from iceworthy.words.verdict import Judgement

__all__ = ["render", "terminal_table"]


def render(root: Path) -> Path:
    """Write report.html, report.md and junit.xml into the results folder; returns report.html."""
    root = Path(root)
    verdicts = read_review_verdicts(root)
    review = review_of(root)
    findings = findings_of(root)
    folders = experiment_folders(root)
    drawings: dict[int, str] = {}
    sections = [_section(folder, verdicts, findings, drawings) for folder in folders]
    sections.append(findings_html(findings, drawings))
    tested = rows_about(review, [one for folder in folders for one in _offered(folder)])
    write_text(root / "report.md", markdown(verdicts, review, findings, tested))
    write_text(root / "junit.xml", junit(verdicts))
    path = root / "report.html"
    opening = worst_html(findings, drawings)
    write_text(path, page(verdicts, review, sections, opening, findings, tested))
    return path


def _offered(folder: Path) -> list[Offered]:
    """The facts of one experiment; none of a folder that cannot be read."""
    try:
        return [offered(Run(folder))]
    except Exception:  # the experiment's own section says what is wrong with it
        return []


def _section(
    folder: Path,
    verdicts: ReviewVerdicts,
    findings: Sequence[Finding],
    drawings: dict[int, str],
) -> str:
    """The section of an experiment; the drawings of findings that it recorded are added."""
    unknown = ExperimentVerdict(verdict=Judgement.UNKNOWN)
    summary = verdicts.experiments.get(folder.name, unknown)
    try:
        run = Run(folder)
        if run.unreadable:
            raise RecordError(run.unreadable)
        own = drawings_of(run, findings)
        drawings |= own
        return section(run, summary, judges_drawn(own, findings), findings[:SHOWN_MOST])
    except Exception as error:  # a damaged folder must not prevent the report about the others
        name, why = esc(folder.name), esc(f"{type(error).__name__}: {error}"[:400])
        note = f'<div class="note">It cannot be drawn: {why}</div>'
        return f'<section id="{name}"><h2>{name}</h2>{note}</section>'
