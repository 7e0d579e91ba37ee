"""Who killed a node from outside is named, and only what the kill explains is withheld."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from analysis.judge_experiment import judge_one
from analysis.outside_deaths import OutsideDeath
from analysis.run import Run
from iceworthy.record.history import FLAG_TORN
from iceworthy.words.blame import Blame
from iceworthy.words.instant import NEVER_NS
from iceworthy.words.verdict import Judgement, Verdict
from tests.analysis.conftest import at

PASS, FAIL, UNKNOWN = Judgement.PASS, Judgement.FAIL, Judgement.UNKNOWN


def ruled(run: Run) -> dict[str, Verdict]:
    return {ruling.verdict.name: ruling.verdict for ruling in judge_one(run)}


def killed(synthetic: Any, *, code: int | None = -9, asked: str = "none") -> Any:
    """A whole good run in which node 0 ends at second 10 and is back at second 21."""
    run = synthetic("steady").calm()
    run.end(0, 1000, 10.0, took_s=0.0, code=code, asked=asked)
    run.start(0, 20.2, reason="restart")
    return run


@pytest.mark.parametrize(
    ("code", "asked", "outside"),
    [
        (-9, "none", True),
        (-15, "none", True),
        (143, "none", True),
        (137, "none", True),
        (-11, "none", False),
        (-6, "none", False),
        (0, "none", False),
        (1, "none", False),
        (None, "none", False),
        (-9, "SIGKILL", False),
        (-15, "SIGTERM", False),
        (-15, "teardown", False),
    ],
)
def test_a_death_from_outside_is_told_from_a_crash_and_from_what_was_asked_for(
    synthetic: Any, code: int | None, asked: str, outside: bool
) -> None:
    deaths = killed(synthetic, code=code, asked=asked).done().deaths
    assert bool(deaths) is outside
    if outside:
        assert (deaths[0].node, deaths[0].t_ns, deaths[0].back_ns) == (0, at(10.0), at(21.0))
        assert "killed from outside, 10.0 s after the load began" in deaths[0].words(at(0))


def test_lost_lines_of_the_log_of_a_killed_node_are_unknown_and_the_kill_is_named_first(
    synthetic: Any,
) -> None:
    run = killed(synthetic)
    run.access_log()
    shorten(run, node=0, lines=9)
    found = ruled(run.done())["access_logs"]
    assert (found.judgement, found.blame) == (UNKNOWN, Blame.OUTSIDE), found.reason
    assert found.reason.startswith("not judged: node 0 was killed from outside")
    assert "out of memory" in found.reason


@pytest.mark.parametrize(("asked", "code"), [("SIGKILL", -9), ("SIGTERM", -9), ("SIGKILL", 137)])
@pytest.mark.parametrize(
    ("node", "lines", "expected"), [(0, 9, PASS), (0, 5000, FAIL), (1, 9, FAIL)]
)
def test_lines_that_a_kill_of_the_suite_took_are_no_fail_and_no_more_may_lack(
    synthetic: Any, asked: str, code: int, node: int, lines: int, expected: Judgement
) -> None:
    run = killed(synthetic, asked=asked, code=code)
    run.access_log()
    shorten(run, node=node, lines=lines)
    found = ruled(run.done())["access_logs"]
    assert found.judgement is expected, found.reason
    if expected is PASS:
        assert "but for 9 that a node gave in the last seconds before it was killed" in found.reason


def test_more_lines_than_a_kill_can_take_with_it_stand(synthetic: Any) -> None:
    run = killed(synthetic)
    run.access_log()
    shorten(run, node=0, lines=1_600)
    found = ruled(run.done())["access_logs"]
    assert found.judgement is FAIL
    assert "may have another cause: node 0 was killed" in found.reason


def shorten(run: Any, *, node: int, lines: int) -> None:
    """Take the last lines of requests from the log; probes are judged apart."""
    log = run.folder.logs / f"node-{node}.log"
    kept = log.read_text().splitlines(keepends=True)
    asked = [at for at, line in enumerate(kept) if '"/v1/' in line][-lines:]
    log.write_text("".join(line for at, line in enumerate(kept) if at not in set(asked)))


def test_lost_lines_of_the_other_nodes_log_stand(synthetic: Any) -> None:
    run = killed(synthetic)
    run.access_log()
    shorten(run, node=1, lines=9)
    found = ruled(run.done())["access_logs"]
    assert (found.judgement, found.blame) == (FAIL, Blame.CATALOG)


@pytest.mark.parametrize(
    ("code", "node", "at_s", "facts", "judgement"),
    [
        (-9, 0, 12.0, {"status": 0, "error": "refused"}, PASS),
        (-9, 0, 9.9, {"status": 200, "flags": FLAG_TORN, "took_ms": 99.0}, PASS),
        (-9, 1, 12.0, {"status": 0, "error": "refused"}, FAIL),
        (-9, 0, 5.0, {"status": 0, "error": "refused"}, FAIL),
        (-11, 0, 12.0, {"status": 0, "error": "refused"}, FAIL),
    ],
)
def test_operations_that_met_the_kill_are_no_errors_of_a_calm_catalog(
    synthetic: Any, code: int, node: int, at_s: float, facts: dict[str, Any], judgement: Judgement
) -> None:
    run = killed(synthetic, code=code)
    run.op("loadTable", at_s, node=node, **facts)
    assert ruled(run.done())["no_errors_when_calm"].judgement is judgement


def test_a_death_touches_what_overlaps_it_on_its_node() -> None:
    death = OutsideDeath(node=1, number=signal.SIGKILL, t_ns=at(10.0), back_ns=at(12.0))
    assert death.touches(at(9.0), at(9.9), 1)
    assert death.touches(at(16.0), at(18.0))
    assert not death.touches(at(9.0), at(9.9), 0)
    assert not death.touches(at(18.0), at(19.0), 1)
    lasting = OutsideDeath(node=1, number=signal.SIGKILL, t_ns=at(10.0), back_ns=NEVER_NS)
    assert lasting.touches(at(500.0), at(501.0), 1)
