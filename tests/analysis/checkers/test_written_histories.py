"""Every checker against small histories whose verdict is known: tests/histories/<checker>/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from analysis.causes import LOST_COMMIT, LOST_PROPERTY
from analysis.run import Run
from iceworthy.words.finding import Cause, Harm
from iceworthy.words.verdict import Judgement, Verdict
from tests.analysis.checkers.conftest import CHECKERS

HISTORIES = Path(__file__).parents[2] / "histories"
CASES = [path for path in sorted(HISTORIES.glob("*/*.txt")) if path.parent.name in CHECKERS]
WANTED = {"ok": Judgement.PASS, "bad": Judgement.FAIL, "unknown": Judgement.UNKNOWN}


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_written_history_gets_its_verdict(
    case: Path, tmp_path: Path, written: ModuleType, judged: Callable[[str, Run], Verdict]
) -> None:
    expected = written.write_run(case, tmp_path / "run")
    verdict = judged(case.parent.name, Run(tmp_path / "run"))
    assert verdict.judgement is WANTED[case.stem.partition("-")[0]], verdict
    assert expected in verdict.reason, verdict
    assert verdict.name == case.parent.name
    assert verdict.judgement is not Judgement.PASS or verdict.judged > 0


@pytest.mark.parametrize("case", [c for c in CASES if c.stem.startswith("ok-")], ids=named)
def test_a_good_history_is_failed_by_no_checker(
    case: Path,
    tmp_path: Path,
    written: ModuleType,
    judged: Callable[[str, Run], Verdict],
    checkers: tuple[str, ...],
) -> None:
    written.write_run(case, tmp_path / "run")
    run = Run(tmp_path / "run")
    failed = [v for v in (judged(name, run) for name in checkers) if v.judgement is Judgement.FAIL]
    assert not failed


@pytest.mark.parametrize("name", sorted(CHECKERS))
def test_every_checker_has_a_good_a_bad_and_an_unknown_history(name: str) -> None:
    kinds = {path.stem.partition("-")[0] for path in CASES if path.parent.name == name}
    assert kinds == {"ok", "bad", "unknown"}


def test_a_read_that_is_stale_after_the_answer_does_not_tear_a_transaction(
    tmp_path: Path, written: ModuleType, judged: Callable[[str, Run], Verdict]
) -> None:
    """It is a stale read, which real_time reports; the transaction itself took effect at once."""
    lines = """
        s9@0 0..1 createTable n/t -> 200 uuid=T
        s9@0 1..2 createTable n/u -> 200 uuid=U
        s1@0 10..12 commitTransaction n/t add=a on=null -> 204
        s1@0 10..12 commitTransaction n/u add=b on=null member -> 204
        s3@1 20..21 loadTable n/t -> 200 uuid=T chain=a
        s3@1 22..23 loadTable n/u -> 200 uuid=U chain=
        audit@0 90..91 loadTable n/t -> 200 uuid=T chain=a full
        audit@0 92..93 loadTable n/u -> 200 uuid=U chain=b full
    """
    source = tmp_path / "stale.txt"
    source.write_text(lines)
    written.write_run(source, tmp_path / "run")
    run = Run(tmp_path / "run")
    assert judged("transactions", run).judgement is Judgement.PASS
    assert judged("real_time", run).judgement is Judgement.FAIL


@pytest.mark.parametrize(
    ("path", "harm", "cause", "writes"),
    [
        ("lost_acknowledgement/bad-last-write-wins", Harm.LOST, LOST_COMMIT, ("updateTable",)),
        ("properties/bad-old-value-came-back", Harm.LOST, LOST_PROPERTY, ("updateProperties",)),
        ("metadata_locations/bad-file-missing", Harm.CLIENTS, None, ()),
        ("metadata_locations/bad-file-differs", Harm.LOST, None, ()),
    ],
)
def test_a_finding_has_the_harm_and_the_lost_writes_of_its_anomaly(
    path: str,
    harm: Harm,
    cause: Cause | None,
    writes: tuple[str, ...],
    tmp_path: Path,
    written: ModuleType,
    judged: Callable[[str, Run], Verdict],
) -> None:
    written.write_run(HISTORIES / f"{path}.txt", tmp_path / "run")
    found = judged(path.partition("/")[0], Run(tmp_path / "run")).findings
    assert found
    assert {(one.harm, one.writes) for one in found} == {(harm, writes)}
    assert cause is None or {one.cause for one in found} == {cause}


@pytest.mark.parametrize(("final", "writes"), [("b", ("updateTable",)), ("a,b", ())])
def test_two_winners_are_a_lost_write_where_the_final_chain_has_one_alone(
    final: str,
    writes: tuple[str, ...],
    tmp_path: Path,
    written: ModuleType,
    judged: Callable[[str, Run], Verdict],
) -> None:
    source = tmp_path / "winners.txt"
    source.write_text(f"""
        s9@0 0..1 createTable n/t -> 200 uuid=T
        s1@0 10..14 updateTable n/t add=a on=null -> 200 uuid=T
        s2@1 11..15 updateTable n/t add=b on=null -> 200 uuid=T
        s3@1 11..16 updateTable n/t add=c on=null -> 200 uuid=T
        audit@0 90..91 loadTable n/t -> 200 uuid=T chain={final} full
    """)
    written.write_run(source, tmp_path / "run")
    found = judged("cas_exclusivity", Run(tmp_path / "run")).findings
    assert found[0].title.startswith("commits that assert a null parent")
    assert found[0].writes == writes
