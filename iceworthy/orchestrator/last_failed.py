"""The failed experiments, or cases of the contract, of the newest judged run of a target.

Claim: only a fail counts, not an unknown. Method: the folders under --results, newest first,
of the same target; verdicts.json and cases.jsonl say what failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from iceworthy.orchestrator.settings import EXPERIMENTS, LATEST
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.review import review_of
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.verdicts import VERDICTS_FILE, ReviewVerdicts, read_review_verdicts
from iceworthy.words.errors import PlanError, RecordError
from iceworthy.words.verdict import Judgement

CONTRACT = "contract"


def failed_experiments(results: Path, target_name: str) -> tuple[str, ...]:
    """The experiments that failed in the newest judged run of this target; PlanError for none."""
    for root, verdicts in _judged(results, target_name):
        failed = [name for name, one in verdicts.experiments.items() if _fails(one.verdict)]
        if not failed:
            raise _nothing(root, "experiment")
        return tuple(failed)
    raise _no_run(results, target_name)


def broken_cases(results: Path, target_name: str) -> tuple[str, ...]:
    """The cases of the contract that were broken in the newest judged run that asked it."""
    for root, _ in _judged(results, target_name):
        folder = root / EXPERIMENTS / CONTRACT
        if not folder.is_dir():
            continue
        lines = RunFolder(folder).read(CaseResult)
        broken = dict.fromkeys(one.case for one in lines if one.ended == "broken")
        if not broken:
            raise _nothing(root, "case")
        return tuple(broken)
    raise _no_run(results, target_name)


def _judged(results: Path, target_name: str) -> Iterator[tuple[Path, ReviewVerdicts]]:
    """Their folders' names begin with their time."""
    folders = results.glob(f"*/{VERDICTS_FILE}") if results.is_dir() else ()
    for path in sorted(folders, reverse=True):
        if path.parent.name == LATEST:
            continue
        try:
            if review_of(path.parent).target_name == target_name:
                yield path.parent, read_review_verdicts(path.parent)
        except RecordError:
            continue


def _fails(verdict: Judgement) -> bool:
    return verdict is Judgement.FAIL


def _nothing(root: Path, what: str) -> PlanError:
    return PlanError(f"--last-failed: no {what} failed in {root}; leave --last-failed out")


def _no_run(results: Path, target_name: str) -> PlanError:
    return PlanError(
        f"--last-failed: no judged run of {target_name} in {results}; run it once without "
        "--last-failed"
    )
