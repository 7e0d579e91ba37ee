"""The verdict that a command asked for, as a terminal shows it: first, last, causes between.

Claim: every line is about the requested case, experiment or requirement; one line at most names
other fails.
What it does NOT show: all findings; the report has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from analysis.pasted_lines import needs_text, runnable, smaller_command, steps
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import AskedVerdict, ReviewVerdicts
from iceworthy.words.asked import fits
from iceworthy.words.finding import Finding
from iceworthy.words.foreign import shown
from iceworthy.words.verdict import Judgement

FINDINGS_MOST = 3
LINE_MOST = 400
CURL_MOST = 4_000
INDENT = "    "


def asked_line(one: AskedVerdict, columns: int = LINE_MOST) -> str:
    """`PASS  case X: 1 of 1 cases hold`, in one line."""
    text = one.figure if one.verdict is Judgement.PASS and one.figure else one.reason
    word = one.verdict.upper()
    return shown(f"{word:<7}  {one.kind} {one.name}: {text}", max(columns, 40))


def asked_text(
    verdicts: ReviewVerdicts,
    record: ReviewRecord,
    findings: Sequence[Finding],
    root: Path,
    columns: int = LINE_MOST,
) -> str:
    """The verdict of what was asked, its causes, how to repeat it, and the verdict again."""
    heads = [asked_line(one, columns) for one in verdicts.asked]
    lines = list(heads)
    own = [one for one in findings if is_about(one, verdicts.asked)]
    for one in own[:FINDINGS_MOST]:
        lines += _finding(one)
    if len(own) > FINDINGS_MOST:
        lines.append(f"{INDENT}{len(own) - FINDINGS_MOST} more causes are in the report")
    lines += _reasons(verdicts.asked, own, columns)
    beside = _beside(verdicts)
    if beside:
        lines.append(f"{INDENT}not asked for, but failed: {shown(', '.join(beside), LINE_MOST)}")
    if verdicts.damage:
        lines.append(
            f"{INDENT}the folder is not as it was left: {shown(verdicts.damage, LINE_MOST)}"
        )
    if record.command:
        lines.append(f"{INDENT}again   {shown(runnable(record.command))}")
    if smaller := smaller_command(own, verdicts, root):
        lines.append(f"{INDENT}smaller {shown(smaller, LINE_MOST)}")
    lines.append(f"{INDENT}report  {shown(root / 'report.html')}")
    return "\n".join([*lines, *heads])


def _finding(one: Finding) -> list[str]:
    facts = [("expected", one.expected), ("got", one.got), ("words", one.words)]
    lines = [f"{INDENT}{shown(one.title, LINE_MOST)}"]
    lines += [f"{INDENT * 2}{name:<8} {shown(text, LINE_MOST)}" for name, text in facts if text]
    needed = needs_text(one.requests, one.needs)
    if one.again:
        lines.append(f"{INDENT * 2}again    {shown(runnable(one.again))}")
    lines += [f"{INDENT * 2}{line}" for line in steps(one, CURL_MOST)]
    return lines + ([f"{INDENT * 2}needs    {shown(needed, LINE_MOST)}"] if needed else [])


def _reasons(asked: Iterable[AskedVerdict], own: Sequence[Finding], columns: int) -> list[str]:
    """The whole reason of what is not decided, and of a fail without a finding, where the line
    above had to be cut."""
    open_ones = [
        one
        for one in asked
        if one.verdict is Judgement.UNKNOWN or (one.verdict is Judgement.FAIL and not own)
    ]
    cut = [one for one in open_ones if asked_line(one, columns).endswith("…")]
    return [f"{INDENT}{shown(one.reason, 2 * LINE_MOST)}" for one in cut]


def is_about(one: Finding, asked: Iterable[AskedVerdict]) -> bool:
    """Whether a finding is about something that was asked for and failed."""
    for each in asked:
        if each.verdict is not Judgement.FAIL:
            continue
        if each.kind == "requirement" and each.name in one.requirements:
            return True
        if each.kind == "case":
            names = [name for case in one.shown_by for name in (case, case.partition(".")[2])]
            operation = one.cause.operation
            if fits(each.name, [*names, operation]) and each.experiment in one.experiments:
                return True
        elif each.experiment and each.experiment in one.experiments:
            return True
    return False


def _beside(verdicts: ReviewVerdicts) -> list[str]:
    """Experiments that failed and were not asked for; a case that holds is less than its own."""
    asked = {
        one.experiment
        for one in verdicts.asked
        if one.kind != "case" or one.verdict is Judgement.FAIL
    }
    if any(one.kind == "requirement" for one in verdicts.asked):
        return []
    return [
        name
        for name, one in verdicts.experiments.items()
        if one.verdict is Judgement.FAIL and name not in asked
    ]
