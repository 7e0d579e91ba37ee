"""The reference catalog on its stack: nothing is broken, the world stands, the audit reads it."""

from __future__ import annotations

from pathlib import Path

from analysis.history import read_history
from fixtures.audit import audit
from fixtures.samplers.samplers import Samplers
from fixtures.stack.stack import open_stack
from fixtures.world import build_world, plan_world
from iceworthy.contract.inquiries import InquiryPlan
from iceworthy.contract.run import inquire
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.history import FLAG_AUDIT
from iceworthy.record.known import Known
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.outcome import Outcome
from iceworthy.words.scenario import World
from iceworthy.words.target_file import load_target
from tests.streams import lines_of

SMALL = World(namespaces=3, nested_levels=2, tables_per_namespace=2, hot_tables=1)


def test_the_reference_has_nothing_broken_and_its_world_is_read_on_both_nodes(
    tmp_path: Path,
) -> None:
    folder = RunFolder(tmp_path)
    folder.write_plan(Plan(experiment="survey", world=SMALL))
    with open_stack(load_target("reference"), folder) as live:
        samplers = Samplers(live, folder, dict)
        samplers.start()
        plan = InquiryPlan(seed=1, token="", known=Known(), say=lambda text: None)
        known = inquire(live, folder, plan, early=True).known
        assert known is not None
        build_world(plan_world(SMALL, seed=3, root=()), live, folder, id_bits=known.id_bits)
        audit(live, folder, seed=3)
        samplers.stop()
    cases = list(folder.read(CaseResult))
    wrong = [(one.case, one.got) for one in cases if one.ended in ("broken", "unknown")]
    shapes = [(one.case, one.schema) for one in cases if one.schema]
    assert (wrong, shapes, known.id_bits, known.pages) == ([], [], 62, True)
    history = read_history(folder.history)
    audited = history.ops[(history.ops["flags"] & FLAG_AUDIT) != 0]
    assert set(audited["node"]) == {0, 1}
    assert set(audited["outcome"]) == {int(Outcome.OK)}
    assert set(audited["status"]) == {200}
    processes = {line["process"] for line in lines_of(folder, "resources")}
    assert {"suite", "node-0", "node-1", "postgres"} <= processes
    database = list(lines_of(folder, "database"))
    assert any(line["by_node"].get("0") and line["by_node"].get("1") for line in database)
    assert all(line["samples"] for line in lines_of(folder, "metrics"))
