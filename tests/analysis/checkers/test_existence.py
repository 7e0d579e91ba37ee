"""An answer that contradicts the evidence before it is the finding; it does not turn honest answers
into findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from analysis.run import Run
from iceworthy.words.verdict import Judgement, Verdict

MADE = """
    s9@0 0..1 createNamespace n -> 200
    s9@0 1..2 createTable n/t -> 200 uuid=T
    s9@0 2..3 createTable n/u -> 200 uuid=U
"""
A_FALSE_404 = """
    s1@0 10..11 tableExists n/t -> 404
    s1@1 20..21 loadTable n/t -> 200 uuid=T chain=
    s2@1 22..23 tableExists n/t -> 204
    s3@0 24..26 listTables n -> 200 full names=n/t,n/u
    s4@0 30..31 createTable n/t -> 409 type=AlreadyExistsException
    s5@1 32..33 loadTable n/t -> 200 uuid=T chain=
    audit@0 90..91 loadTable n/t -> 200 uuid=T chain= full
    audit@1 92..93 loadTable n/t -> 200 uuid=T chain= full
"""
A_STALE_200 = """
    s1@0 10..11 dropTable n/t -> 204
    s1@1 20..21 loadTable n/t -> 200 uuid=T chain=
    s2@1 22..23 loadTable n/t -> 404
    s3@0 24..26 listTables n -> 200 full names=n/u
    s4@0 30..31 dropTable n/t -> 404
    s5@1 32..33 tableExists n/t -> 404
    audit@0 90..91 loadTable n/t -> 404
    audit@1 92..93 loadTable n/t -> 404
"""
SAYS = {
    "404": (A_FALSE_404, "404 for a name that was known to exist"),
    "200": (A_STALE_200, "a read shows a table that was known not to exist"),
}


@pytest.mark.parametrize("lie", SAYS)
def test_the_answer_that_lies_is_the_only_finding(
    lie: str,
    tmp_path: Path,
    written: ModuleType,
    judged: Callable[[str, Run], Verdict],
    checkers: tuple[str, ...],
) -> None:
    lines, said = SAYS[lie]
    source = tmp_path / "history.txt"
    source.write_text(MADE + lines)
    written.write_run(source, tmp_path / "run")
    run = Run(tmp_path / "run")
    verdicts = {name: judged(name, run) for name in checkers}
    failed = [name for name, one in verdicts.items() if one.judgement is Judgement.FAIL]
    assert failed == ["real_time"]
    findings = verdicts["real_time"].findings
    assert [(one.title, one.count) for one in findings] == [(said, 1)]
