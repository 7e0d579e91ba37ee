"""How a run ends in the terminal: the verdict of what was asked, and the exit code.

Claim: stdout holds the verdict alone, and progress is on stderr; `--json` makes stdout one JSON
object; the exit code is that of the verdict, whatever became of the terminal.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iceworthy.orchestrator.interrupt import held
from iceworthy.orchestrator.progress import Progress
from iceworthy.terminal import columns, complain, tell
from iceworthy.words.errors import EXIT_FAIL, EXIT_PASS, EXIT_SUITE_BUG, EXIT_UNKNOWN
from iceworthy.words.foreign import shell_line, shown

if TYPE_CHECKING:
    from analysis.baseline import Compared
    from iceworthy.orchestrator.judging import Reviewed
    from iceworthy.record.review import ReviewRecord
    from iceworthy.record.verdicts import ReviewVerdicts
    from iceworthy.words.finding import Finding

TITLE_MOST = 200
EXIT_OF = {"pass": EXIT_PASS, "fail": EXIT_FAIL, "unknown": EXIT_UNKNOWN}


def command_of(words: Sequence[str], given: int | None, seed: int) -> str:
    """The line that repeats a command; the seed that it drew is a part of it."""
    more = () if given is not None else ("--seed", seed)
    return shell_line("iceworthy", *words, *more)


def without(words: Sequence[str], option: str, *instead: str) -> list[str]:
    """The words of a command without one of its options, and with these at the end."""
    return [*(word for word in words if word != option), *instead]


def conclude(reviewed: Reviewed, progress: Progress, options: argparse.Namespace) -> int:
    """Tell the verdicts of a run as the options ask for, and return the exit code."""
    with held(quietly=True):
        progress.say("done")
        saved = _Saved(reviewed.root)
        compared = _compared(reviewed, saved, options.baseline) if options.baseline else None
        if options.junit:
            _copy(reviewed.root / "junit.xml", Path(options.junit))
        if options.write_baseline:
            _write_baseline(saved, Path(options.write_baseline))
        if options.json:
            tell(
                json.dumps(as_json(reviewed, saved.record, compared), indent=1, ensure_ascii=False)
            )
        else:
            text = _text(reviewed, saved, quiet=options.quiet, verbose=options.verbose)
            tell(_with_baseline(text, compared, quiet=options.quiet))
    code = EXIT_OF[(compared or reviewed.verdicts).verdict]
    # A fail stands whatever else broke; no other verdict may hide that the suite broke.
    return EXIT_SUITE_BUG if reviewed.is_broken and code != EXIT_FAIL else code


class _Saved:
    """The files of a judged review that its ending tells of, each read once, and only if needed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        from analysis.report_findings import findings_of

        return findings_of(self._root)

    @cached_property
    def record(self) -> ReviewRecord:
        from iceworthy.record.review import review_of

        return review_of(self._root)


def as_json(
    reviewed: Reviewed, record: ReviewRecord, compared: Compared | None = None
) -> dict[str, Any]:
    """The JSON object of --json: the whole, what was asked, and where the rest is."""
    from iceworthy.record.typed_json import to_object

    verdicts = reviewed.verdicts
    return {
        "verdict": str(verdicts.verdict),
        "asked": [to_object(one) for one in verdicts.asked],
        "target": verdicts.target,
        "seed": verdicts.seed,
        "command": record.command,
        "folder": str(reviewed.root),
        "requirements": {
            one.id: {
                "verdict": str(one.verdict),
                "reason": one.reason,
                "figure": one.figure,
                "limit": one.limit,
                "in_scope": one.in_scope,
            }
            for one in verdicts.requirements
        },
        "experiments": {name: to_object(one) for name, one in verdicts.experiments.items()},
        "damage": verdicts.damage,
        "baseline": None
        if compared is None
        else {
            "verdict": str(compared.verdict),
            "new": [one.cause.key for one in compared.new],
            "known": [one.cause.key for one in compared.still],
            "gone": [one.cause for one in compared.gone],
        },
    }


def _compared(reviewed: Reviewed, saved: _Saved, baseline: str) -> Compared:
    from analysis.baseline import held_against
    from iceworthy.record.baseline import read_baseline

    known = read_baseline(Path(baseline))
    return held_against(reviewed.verdicts, saved.record, saved.findings, known)


def _with_baseline(text: str, compared: Compared | None, *, quiet: bool) -> str:
    """The text between two lines of the verdict that counts; quietly that line alone."""
    if compared is None or quiet:
        return text if compared is None else compared.line
    lines = [f"    new   {shown(one.title, TITLE_MOST)}" for one in compared.new]
    lines += [
        f"    gone  {shown(one.title or one.cause, TITLE_MOST)}: take it out of the baseline"
        for one in compared.gone
    ]
    return "\n".join([compared.line, text, *lines, compared.line])


def _write_baseline(saved: _Saved, to: Path) -> None:
    from iceworthy.record.baseline import write_baseline

    try:
        write_baseline(to, saved.findings)
    except OSError as error:
        complain(f"--write-baseline {to} could not be written: {error}")


def _text(reviewed: Reviewed, saved: _Saved, *, quiet: bool, verbose: bool) -> str:
    from analysis.pasted_lines import smaller_command
    from analysis.report import terminal_table
    from analysis.report_asked import asked_line, asked_text

    verdicts, root = reviewed.verdicts, reviewed.root
    last = f"{verdicts.verdict.upper()}  {root / 'report.html'}"
    if verdicts.asked and quiet:
        return "\n".join(asked_line(one, columns()) for one in verdicts.asked)
    if quiet:
        return last
    if verdicts.asked:
        text = asked_text(verdicts, saved.record, saved.findings, root, columns())
        heads = [asked_line(one, columns()) for one in verdicts.asked]
        return "\n".join([*heads, terminal_table(verdicts), text]) if verbose else text
    cause = nothing_ran(verdicts, saved.record)
    if cause and not verbose:
        return f"UNKNOWN  nothing could be judged: {cause}\n{last}"
    table = terminal_table(verdicts, findings=saved.findings)
    smaller = smaller_command(saved.findings, verdicts, root)
    return "\n".join([table, *([f"smaller  {shown(smaller)}"] if smaller else []), last])


def nothing_ran(verdicts: ReviewVerdicts, record: ReviewRecord) -> str:
    """The cause, where no experiment reached its end and nothing failed; else ""."""
    ended = any(one.complete for one in verdicts.experiments.values())
    failed = any(one.verdict == "fail" for one in verdicts.requirements)
    return "" if ended or failed or not record.stopped else "; ".join(record.stopped)


def _copy(source: Path, to: Path) -> None:
    try:
        to.write_bytes(source.read_bytes())
    except OSError as error:
        complain(f"--junit {to} could not be written: {error}")
