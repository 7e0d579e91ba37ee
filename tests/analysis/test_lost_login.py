"""A fixed secret that stops working accuses nobody; one refusal among good answers still does."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.judge_experiment import judge_one
from iceworthy.words.blame import Blame
from iceworthy.words.target import AuthSpec, TargetSpec
from iceworthy.words.verdict import Judgement, Verdict

TOKEN = AuthSpec(kind="token", token_variable="T")
OAUTH = AuthSpec(kind="client_credentials", client_id_variable="A", client_secret_variable="B")


def ruled(synthetic: Any, auth: AuthSpec, *, until_s: float = 20.0, first: int = 0) -> Verdict:
    """A calm run in which reads of nodes from `first` on are refused between second 12 and then."""
    spec = TargetSpec(name="mine", summary="mine", auth=auth, lines={"auth.token_variable": 6})
    run = synthetic("steady", target=spec)
    for node in range(2):
        run.start(node, -6.0)
    run.window("steady", 2.0, 20.0)
    run.reads(0.0, 12.0)
    run.reads(12.0, until_s, status=401, first_node=first)
    if until_s < 20.0:
        run.reads(until_s, 20.0)
    run.probes(-4.0, 20.0)
    run.samples(0.0, 20.0)
    found = {one.verdict.name: one.verdict for one in judge_one(run.done())}
    return found["no_errors_when_calm"]


def test_a_secret_that_stops_working_is_unknown_and_both_causes_are_named(synthetic: Any) -> None:
    verdict = ruled(synthetic, TOKEN)
    assert (verdict.judgement, verdict.blame) == (Judgement.UNKNOWN, Blame.TARGET_FILE)
    assert "from 12.0 s after the load began" in verdict.reason
    assert "may have expired, or the catalog forgot it" in verdict.reason
    assert "[auth] token_variable = 'T' (line 6 of mine.toml)" in verdict.reason


@pytest.mark.parametrize(
    ("auth", "facts"),
    [(OAUTH, {}), (AuthSpec(), {}), (TOKEN, {"until_s": 15.0}), (TOKEN, {"first": 1})],
    ids=("renewed by the suite", "no login", "good again later", "on one node alone"),
)
def test_other_refusals_stand(synthetic: Any, auth: AuthSpec, facts: dict[str, Any]) -> None:
    verdict = ruled(synthetic, auth, **facts)
    assert (verdict.judgement, verdict.blame) == (Judgement.FAIL, Blame.CATALOG)
