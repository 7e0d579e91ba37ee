"""Known runs of the commit stepper and their verdicts: good, each way to be bad, each doubt."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path
from typing import Any

import pytest

from analysis.checkers.commit_steps import check
from analysis.run import Run
from iceworthy.record.history import Recorder, key_of
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Judgement
from tests.streams import append_line

FAULTS = ("none", "kill_node", "cut_link", "drain_node")
HELD = {
    "before": {"pid": 1, "wait_event_type": "Lock", "wait_event": "relation"},
    "after": {"pid": 1, "wait_event_type": "IPC", "wait_event": "SyncRep"},
}
LAWFUL = {  # what an honest catalog answers, and whether the change is there
    "none": (200, Outcome.OK),
    "kill_node": (0, Outcome.INFO),
    "cut_link": (500, Outcome.INFO),
    "drain_node": (200, Outcome.OK),
}


def honest(of: int = 1) -> list[dict[str, Any]]:
    """The steps of an honest catalog whose commit makes `of` COMMITs, each its own transaction."""
    steps = []
    for k, moment, fault in itertools.product(range(1, of + 1), HELD, FAULTS):
        status, outcome = LAWFUL[fault]
        is_there = outcome is Outcome.OK or (moment == "after" and k == of)
        steps.append(
            {
                "point": f"{fault}/{moment}/{k}",
                "commit": k,
                "of": of,
                "moment": moment,
                "fault": fault,
                "node": 0,
                "problem": "",
                "held": HELD[moment],
                "evidence": None if fault == "none" else {"pid": 2},
                "background": 0,
                "table": key_of(("s",), "t"),
                "status": status,
                "complete": status != 0,
                "outcome": outcome.name.lower(),
                "error": "",
                "answered_while_held": False,
                "held_at_release": True,
                "orphan_ended": True,
                "readable": {"0": 200, "1": 200},
                "visible": {"0": is_there, "1": is_there},
                "parts": {
                    n: dict.fromkeys(("snapshot", "ref", "property"), is_there) for n in "01"
                },
                "agree": True,
                "calm_after_s": 0.1,
                "next_commit": {"1": 200, "0": 200},
                "others": {"asked": 4, "lost": []},
            }
        )
    return steps


def judged(root: Path, steps: list[dict[str, Any]], planned: list[str] | None = None) -> Any:
    """Write a run with these steps, their operations with their outcomes, and judge it."""
    folder = RunFolder(root)
    names = [step["point"] for step in steps]
    of = steps[0]["of"] if steps else 1
    append_line(
        folder, "steps", point="walk", node=0, of=of, walks=[of, of], planned=planned or names
    )
    recorder = Recorder(folder.history, "stepper-op")
    for step in steps:
        op = recorder.record(
            1,
            1,
            1,
            2,
            5,
            -1,
            -1,
            0,
            0,
            0,
            0,
            recorder.intern(step.get("table", "")),
            0,
            0,
            recorder.intern("updateTable"),
            step.get("status", 0),
            0,
            0,
            Outcome[step.get("outcome", "info").upper()],
        )
        append_line(folder, "steps", **({"op": f"stepper-op:{op}"} | step))
    recorder.close()
    return check(Run(root))


def changed(point: str, **facts: Any) -> list[dict[str, Any]]:
    """The honest steps with these facts of one point replaced."""
    steps = copy.deepcopy(honest())
    (step,) = [step for step in steps if step["point"] == point]
    step.update(facts)
    return steps


def is_there(shown: bool) -> dict[str, Any]:
    parts = dict.fromkeys(("snapshot", "ref", "property"), shown)
    return {"visible": {"0": shown, "1": shown}, "parts": {"0": parts, "1": parts}}


@pytest.mark.parametrize("of", [1, 3])
def test_an_honest_catalog_passes(tmp_path, of):
    verdict = judged(tmp_path, honest(of))
    assert verdict.judgement is Judgement.PASS
    assert verdict.judged == 8 * of
    assert verdict.figure == f"{8 * of} of {8 * of} points hold"


BAD = {
    "acknowledged-and-gone": (
        "kill_node/after/1",
        {"status": 200, "outcome": "ok", **is_there(False)},
        "no read shows the change",
    ),
    "refused-and-there": (
        "cut_link/after/1",
        {"status": 409, "outcome": "fail", **is_there(True)},
        "not applied",
    ),
    "durable-and-forgotten": ("cut_link/after/1", is_there(False), "was durable"),
    "there-without-a-commit": ("kill_node/before/1", is_there(True), "before the first COMMIT"),
    "acknowledged-too-early": (
        "none/before/1",
        {"answered_while_held": True},
        "before its first COMMIT was durable",
    ),
    "waiting-answered-with-an-error": (
        "none/after/1",
        {"status": 500, "outcome": "info"},
        "only waited",
    ),
    "unreadable": (
        "cut_link/after/1",
        {"readable": {"0": 200, "1": 404}},
        "cannot be read on node 1",
    ),
    "node-gone": (
        "kill_node/before/1",
        {"readable": {"0": 0, "1": 200}, "unrecovered": "no"},
        "node 0",
    ),
    "half-a-change": (
        "cut_link/after/1",
        {"parts": {"0": {"snapshot": True, "ref": False}, "1": {"snapshot": True}}},
        "a part",
    ),
    "nodes-disagree": ("kill_node/after/1", {"agree": False}, "show different tables"),
    "wedged": (
        "cut_link/before/1",
        {"next_commit": {"1": 200, "0": 500}},
        "refuses the commits after the fault",
    ),
    "another-table-lost": (
        "kill_node/after/1",
        {"others": {"asked": 4, "lost": [{"table": "s/o", "node": 1, "got": "404"}]}},
        "is lost",
    ),
}


@pytest.mark.parametrize("why", BAD)
def test_a_point_that_does_not_hold_is_named(tmp_path, why):
    point, facts, said = BAD[why]
    verdict = judged(tmp_path, changed(point, **facts))
    assert verdict.judgement is Judgement.FAIL
    assert point in verdict.reason
    assert said in verdict.reason
    assert verdict.evidence[0]["point"] == point


def test_the_worst_of_the_broken_points_comes_first_and_the_others_are_counted(tmp_path):
    steps = honest(2)
    broken = {
        "none/before/1": {"answered_while_held": True},
        "drain_node/after/1": {"status": 409, "outcome": "fail", **is_there(True)},
        "kill_node/after/2": {"status": 200, "outcome": "ok", **is_there(False)},
        "cut_link/after/2": {"readable": {"0": 200, "1": 404}},
    }
    for step in steps:
        step.update(broken.get(step["point"], {}))
    verdict = judged(tmp_path, steps)
    assert verdict.reason.startswith("cut_link/after/2 does not hold: the table cannot be read")
    assert verdict.reason.endswith("and 3 more point(s) (1 × a lost change, 2 × an untrue answer)")
    assert [one["point"] for one in verdict.evidence] == [
        "cut_link/after/2",
        "kill_node/after/2",
        "none/before/1",
        "drain_node/after/1",
    ]


def test_of_one_point_the_worst_is_named(tmp_path):
    lost = {"asked": 4, "lost": [{"table": "s/o", "node": 1, "got": "404 NoSuchTable"}]}
    facts = {"status": 409, "outcome": "fail", "others": lost, **is_there(True)}
    assert "table s/o is lost" in judged(tmp_path, changed("cut_link/after/1", **facts)).reason


LAWFUL_TOO = {
    "a retry of the node landed": (
        "cut_link/before/1",
        {"status": 200, "outcome": "ok", **is_there(True)},
    ),
    "refused and absent": (
        "drain_node/before/1",
        {"status": 409, "outcome": "fail", **is_there(False)},
    ),
    "a conflict, and absent": ("cut_link/before/1", {"status": 409, "outcome": "fail"}),
    "unknown, and landed": ("cut_link/before/1", is_there(True)),
}


@pytest.mark.parametrize("what", LAWFUL_TOO)
def test_what_the_specification_allows_is_no_failure(tmp_path, what):
    point, facts = LAWFUL_TOO[what]
    assert judged(tmp_path, changed(point, **facts)).judgement is Judgement.PASS


def test_a_request_that_sigterm_dropped_is_mentioned_and_left_to_its_own_judge(tmp_path):
    verdict = judged(tmp_path, changed("drain_node/after/1", status=500, outcome="info"))
    assert verdict.judgement is Judgement.PASS
    assert "at 1 of them SIGTERM left the request without a definite answer" in verdict.reason
    assert verdict.evidence[0]["point"] == "drain_node/after/1"


def test_a_later_commit_may_be_recovered_or_undone_after_a_kill(tmp_path):
    steps = honest(2)
    for step in steps:
        if step["point"] in ("kill_node/before/2", "kill_node/after/1"):
            step.update(is_there(True))
    assert judged(tmp_path, steps).judgement is Judgement.PASS


DOUBTS = {
    "not-reached": ("kill_node/after/1", {"problem": "2 COMMITs were expected", "held": None}),
    "not-held": ("kill_node/after/1", {"held": None}),
    "held-elsewhere": ("kill_node/before/1", {"held": HELD["after"]}),
    "no-evidence": ("cut_link/before/1", {"evidence": None}),
    "not-in-the-history": ("cut_link/before/1", {"op": "stepper-op:99"}),
}


@pytest.mark.parametrize("why", DOUBTS)
def test_a_point_that_proves_nothing_is_unknown(tmp_path, why):
    point, facts = DOUBTS[why]
    verdict = judged(tmp_path, changed(point, **facts))
    assert verdict.judgement is Judgement.UNKNOWN
    assert point in verdict.reason


def test_a_finding_outweighs_a_doubt(tmp_path):
    steps = changed("kill_node/after/1", held=None)
    steps[-1].update(readable={"0": 200, "1": 500})
    assert judged(tmp_path, steps).judgement is Judgement.FAIL


def test_an_unproven_point_still_fails_by_what_needs_no_proof(tmp_path):
    facts = {"held": None, "status": 200, "outcome": "ok", **is_there(False)}
    assert judged(tmp_path, changed("kill_node/after/1", **facts)).judgement is Judgement.FAIL


def test_a_run_that_stopped_early_is_unknown(tmp_path):
    names = [step["point"] for step in honest()]
    verdict = judged(tmp_path, honest()[:5], planned=names)
    assert verdict.judgement is Judgement.UNKNOWN
    assert "3 of 8 points were not walked" in verdict.reason


def test_controls_alone_are_unknown(tmp_path):
    steps = [step for step in honest() if step["fault"] == "none"]
    assert judged(tmp_path, steps).judgement is Judgement.UNKNOWN


def test_one_moment_alone_is_unknown(tmp_path):
    steps = [step for step in honest() if step["moment"] == "after"]
    verdict = judged(tmp_path, steps)
    assert verdict.judgement is Judgement.UNKNOWN
    assert "never injected before" in verdict.reason


def test_no_walk_at_all_is_unknown_with_the_runs_own_reason(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_plan(Plan(experiment="stepper", stopped_because="the database is hidden"))
    verdict = check(Run(tmp_path))
    assert verdict.judgement is Judgement.UNKNOWN
    assert "the database is hidden" in verdict.reason
