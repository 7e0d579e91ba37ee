"""Every module of more than 80 lines has its tests at its place, or a row that says where they are.

The place of the tests of P/x.py is tests/P/test_x.py. A folder of content, or of data, may be
covered as a whole by tests that go over all of its files. Many modules of the reference catalog
run only in its nodes, so their tests ask a node over HTTP.
The tests must also reach the module: they import it, or a module that imports it, or load it as
content by its name, or start a program that it is a part of. Example: the tests of
chaos/drivers/_held_commits.py import commit_stepper, which imports it.
Not shown: that the tests see every line of the module.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.reach import reached_by
from tests.source_tree import ROOT, code, is_code, texts

LINES = 80
# Folders whose every file is gone over by one file of tests.
AS_A_WHOLE = {
    "analysis/checkers": "tests/analysis/checkers/test_written_histories.py",
    "chaos/faults": "tests/chaos/faults/test_faults_for_real.py",
    "iceworthy/contract/cases": "tests/iceworthy/contract/test_every_case_can_fail.py",
    "iceworthy/specification/schemas": "tests/iceworthy/specification/test_official.py",
}
# File of tests -> the modules that it tests although it stands at the place of none of them.
TESTED_BY = {
    "tests/analysis/checkers/test_odd_input.py": ("analysis/history.py",),
    "tests/analysis/criteria/test_contract.py": (
        "analysis/criteria/contract_operations.py",
        "analysis/report_contract.py",
    ),
    "tests/analysis/criteria/test_no_errors_when_calm.py": ("analysis/operation_errors.py",),
    "tests/analysis/notebooks/test_compare.py": ("analysis/compare.py",),
    "tests/analysis/test_judge.py": (
        "analysis/judge_experiment.py",
        "analysis/run.py",
    ),
    "tests/analysis/test_report.py": (
        "analysis/report_experiment.py",
        "analysis/report_page.py",
        "analysis/report_text.py",
    ),
    "tests/analysis/test_fault_spans.py": ("iceworthy/record/fault_spans.py",),
    "tests/chaos/faults/test_places.py": ("iceworthy/words/fault.py",),
    "tests/chaos/drivers/test_commit_stepper.py": (
        "chaos/drivers/_held_commits.py",
        "chaos/drivers/_state_after.py",
        "chaos/drivers/_step_tables.py",
    ),
    "tests/chaos/faults/test_node_faults.py": ("iceworthy/words/live.py",),
    "tests/iceworthy/test_cli.py": ("iceworthy/command_line.py",),
    "tests/hostile/test_run_folders.py": ("iceworthy/record/regular_file.py",),
    "tests/hostile/test_mistakes.py": (
        "iceworthy/words/target_checks.py",
        "iceworthy/words/target_text.py",
    ),
    "tests/fixtures/reference/events/test_stream.py": (
        "fixtures/reference/events/hub.py",
        "fixtures/reference/events/outbox.py",
        "fixtures/reference/events/schema.py",
    ),
    "tests/fixtures/reference/metadata/test_create.py": (
        "fixtures/reference/errors.py",
        "fixtures/reference/metadata/partitions.py",
    ),
    "tests/fixtures/reference/metadata/test_updates.py": (
        "fixtures/reference/metadata/editor.py",
        "fixtures/reference/metadata/json_fields.py",
    ),
    "tests/fixtures/reference/metadata/test_version_3.py": (
        "fixtures/reference/metadata/schemas.py",
    ),
    "tests/fixtures/reference/operations/test_tables.py": (
        "fixtures/reference/operations/access.py",
        "fixtures/reference/operations/relations.py",
    ),
    "tests/fixtures/reference/operations/test_tags.py": ("fixtures/reference/http.py",),
    "tests/fixtures/reference/planning/test_deletes.py": (
        "fixtures/reference/planning/scan_order.py",
    ),
    "tests/fixtures/reference/planning/test_life.py": (
        "fixtures/reference/planning/worker_pool.py",
        "fixtures/reference/planning/store.py",
        "fixtures/reference/planning/worker.py",
    ),
    "tests/fixtures/reference/planning/test_plans.py": ("fixtures/reference/operations/plans.py",),
    "tests/fixtures/reference/planning/test_scan.py": (
        "fixtures/reference/planning/content.py",
        "fixtures/reference/planning/filters.py",
        "fixtures/reference/planning/manifests.py",
        "fixtures/reference/planning/predicates.py",
    ),
    "tests/fixtures/reference/security/test_gate.py": ("fixtures/reference/keys.py",),
    "tests/fixtures/reference/security/test_tls.py": ("fixtures/reference/security/options.py",),
    "tests/fixtures/reference/test_app.py": (
        "fixtures/reference/access_log.py",
        "fixtures/reference/metrics.py",
        "fixtures/reference/wiring.py",
    ),
    "tests/fixtures/reference/test_clients.py": ("fixtures/reference/connection.py",),
    "tests/fixtures/reference/test_database_faults.py": ("fixtures/reference/database.py",),
    "tests/fixtures/reference/test_delegation.py": ("fixtures/reference/signing.py",),
    "tests/fixtures/reference/test_commit_queues.py": ("fixtures/reference/names.py",),
    "tests/fixtures/reference/test_lies.py": ("fixtures/reference/context.py",),
    "tests/fixtures/reference/test_variants.py": ("fixtures/reference/variants/_answers.py",),
    "tests/fixtures/reference/test_life.py": (
        "fixtures/reference/__main__.py",
        "fixtures/reference/migrations.py",
        "fixtures/reference/options.py",
        "fixtures/reference/server.py",
    ),
    "tests/fixtures/reference/test_idempotency.py": ("fixtures/reference/idempotency_records.py",),
    "tests/fixtures/reference/test_s3_storage.py": ("fixtures/reference/s3_options.py",),
    "tests/fixtures/samplers/test_samplers.py": ("fixtures/samplers/usage.py",),
    "tests/fixtures/stack/test_links.py": ("fixtures/stack/toxiproxy.py",),
    "tests/fixtures/stack/test_object_store.py": ("iceworthy/client/s3.py",),
    "tests/fixtures/stack/test_ports.py": ("fixtures/stack/sockets.py",),
    "tests/fixtures/stack/test_postgres.py": ("fixtures/stack/postgres_install.py",),
    "tests/fixtures/stack/test_processes.py": ("fixtures/stack/_leash.py",),
    "tests/fixtures/stack/test_stack.py": (
        "fixtures/stack/nodes.py",
        "fixtures/stack/running_node.py",
    ),
    "tests/fixtures/test_audit.py": ("fixtures/due.py",),
    "tests/iceworthy/client/test_asker.py": ("iceworthy/client/connection.py",),
    "tests/iceworthy/client/test_catalog_client.py": (
        "iceworthy/client/observe.py",
        "iceworthy/client/wire.py",
    ),
    "tests/iceworthy/contract/fuzz/test_findings.py": (
        "iceworthy/contract/fuzz/problems.py",
        "iceworthy/contract/fuzz/run.py",
    ),
    "tests/iceworthy/contract/fuzz/test_requests.py": (
        "iceworthy/contract/fuzz/broken_bodies.py",
        "iceworthy/contract/fuzz/generated.py",
        "iceworthy/contract/fuzz/entities.py",
        "iceworthy/specification/openapi.py",
    ),
    "tests/iceworthy/contract/differential/test_sameness.py": (
        "iceworthy/contract/differential/diff.py",
    ),
    "tests/iceworthy/contract/differential/test_search.py": (
        "iceworthy/contract/differential/compare.py",
        "iceworthy/contract/differential/ruling_table.py",
        "iceworthy/contract/differential/run.py",
        "iceworthy/contract/differential/sequences.py",
        "iceworthy/contract/differential/steps.py",
        "iceworthy/contract/differential/table_changes.py",
        "iceworthy/contract/differential/table_shapes.py",
        "iceworthy/contract/differential/view_shapes.py",
    ),
    "tests/iceworthy/contract/test_every_case_can_fail.py": (
        "iceworthy/contract/table_scenes.py",
        "iceworthy/contract/view_scenes.py",
    ),
    "tests/iceworthy/contract/test_frame.py": (
        "iceworthy/contract/capabilities.py",
        "iceworthy/contract/case.py",
        "iceworthy/contract/desk.py",
        "iceworthy/contract/run.py",
    ),
    "tests/iceworthy/contract/test_on_the_reference.py": (
        "fixtures/reference/operations/reports.py",
        "iceworthy/contract/attempts.py",
        "iceworthy/contract/logins.py",
    ),
    "tests/iceworthy/orchestrator/test_broken_world.py": (
        "iceworthy/orchestrator/conduct.py",
        "iceworthy/orchestrator/methods/load.py",
    ),
    "tests/iceworthy/orchestrator/test_methods.py": ("iceworthy/words/experiment.py",),
    "tests/iceworthy/orchestrator/test_review.py": ("iceworthy/record/run_folder.py",),
    "tests/iceworthy/record/test_history.py": (
        "iceworthy/record/history_format.py",
        "iceworthy/record/history_reader.py",
    ),
    "tests/iceworthy/record/test_line.py": (
        "iceworthy/record/contract_lines.py",
        "iceworthy/record/run_lines.py",
        "iceworthy/record/sample_lines.py",
        "iceworthy/record/step_lines.py",
    ),
    "tests/iceworthy/record/test_plan.py": ("iceworthy/record/typed_json.py",),
    "tests/iceworthy/specification/test_official.py": ("iceworthy/specification/operations.py",),
    "tests/iceworthy/words/test_target_file.py": ("iceworthy/words/target.py",),
    "tests/scenarios/engine/test_engine.py": (
        "scenarios/engine/load_statistics.py",
        "scenarios/engine/observations.py",
        "scenarios/engine/requests.py",
        "scenarios/engine/session.py",
    ),
    "tests/scenarios/engine/test_http.py": (
        "scenarios/bench/server.py",
        "scenarios/engine/reactor.py",
    ),
    "tests/scenarios/engine/test_load.py": (
        "scenarios/engine/bare_locust.py",
        "scenarios/engine/locust_users.py",
    ),
    "tests/test_docs.py": ("iceworthy/words/errors.py",),
}
ELSEWHERE = {module: tests for tests, modules in TESTED_BY.items() for module in modules} | {
    "analysis/findings_of_requests.py": "tests/analysis/test_findings.py",
    "iceworthy/record/describe.py": "tests/test_docs.py",
    "iceworthy/words/finding.py": "tests/iceworthy/record/test_findings_file.py",
}


def place_of(name: str) -> str:
    path = PurePosixPath(name)
    stem = path.parent.name if path.stem == "__init__" else path.stem
    return f"tests/{path.parent}/test_{stem}.py"


def long_modules() -> list[str]:
    """By their text alone: each worker asks this while it collects, and trees take seconds."""
    return [
        name for name, text in texts() if is_code(name) and "/" in name and text.count("\n") > LINES
    ]


@pytest.mark.parametrize("name", long_modules())
def test_a_module_has_its_tests(name: str) -> None:
    tests = place_of(name)
    if not (ROOT / tests).is_file():
        tests = ELSEWHERE.get(name) or AS_A_WHOLE.get(str(PurePosixPath(name).parent)) or ""
    assert tests, f"write {place_of(name)}, or say in TESTED_BY which tests cover it"
    assert (ROOT / tests).is_file(), f"{tests}, which covers {name}, is not there"
    assert name in reached_by(tests), f"{tests} does not reach {name}: which tests do?"


def test_no_row_is_left_over() -> None:
    gone = [name for name in ELSEWHERE if name not in code()]
    assert not gone, f"not there any more: {gone}"
    moved = [name for name in ELSEWHERE if (ROOT / place_of(name)).is_file()]
    assert not moved, f"tested at their place now: {moved}"
    assert all((ROOT / folder).is_dir() for folder in AS_A_WHOLE)


def test_what_no_import_leads_to_is_not_reached() -> None:
    stepper = reached_by("tests/chaos/drivers/test_commit_stepper.py")
    assert "chaos/drivers/_held_commits.py" in stepper, "imported by what the tests import"
    assert "fixtures/reference/routes.py" in stepper, "a part of the nodes that they start"
    curl = reached_by("tests/iceworthy/client/test_curl.py")
    assert "iceworthy/client/curl.py" in curl
    assert not {"analysis/judge.py", "chaos/faults/kill_node.py"} & curl
