"""access_logs: a JSON line for each answer, under whatever common keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.criteria.access_logs import judge, request_status
from iceworthy.words.verdict import Judgement


def test_a_line_for_each_answer_passes(synthetic: Any) -> None:
    run = synthetic().calm()
    run.access_log()
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.PASS
    assert verdict.judged > 1000


def test_one_missing_line_fails(synthetic: Any) -> None:
    run = synthetic().calm()
    run.access_log(skip=1)
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert verdict.reason.startswith("1 of")


def test_a_log_whose_middle_the_suite_cut_out_decides_nothing(synthetic: Any) -> None:
    run = synthetic().calm()
    run.access_log(skip=1)
    log = run.folder.logs / "node-0.log"
    said = "iceworthy: 900 bytes were cut out here: the log grew too large"
    log.write_text(f"{log.read_text()}\n{said}\n")
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.UNKNOWN
    assert "grew beyond its bound" in verdict.reason


def test_a_line_that_names_another_status_than_was_sent_fails(synthetic: Any) -> None:
    run = synthetic().calm()
    run.access_log()
    run.op("loadTable", 19.0, status=500)
    log = run.folder.logs / "node-0.log"
    log.write_text(log.read_text() + json.dumps({"method": "GET", "path": "/v1/x", "status": 200}))
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.FAIL
    assert "1 × 500" in verdict.reason


def test_lines_of_plain_text_do_not_count(synthetic: Any) -> None:
    run = synthetic().calm(end_s=4.0)
    for node in range(2):
        (run.folder.logs / f"node-{node}.log").write_text('"GET /v1/x HTTP/1.1" 200\n' * 5000)
    assert judge(run.done()).judgement is Judgement.FAIL


def test_no_log_or_no_answer_is_unknown(synthetic: Any) -> None:
    assert judge(synthetic().calm(end_s=4.0).done()).judgement is Judgement.UNKNOWN
    silent = synthetic("survey")
    silent.access_log()
    assert judge(silent.done()).judgement is Judgement.UNKNOWN


@pytest.mark.parametrize(
    "entry",
    [
        {"method": "GET", "path": "/v1/config", "status": 201},
        {"http.method": "GET", "http.target": "/v1/config", "http.status_code": 201},
        {
            "http": {"request": {"method": "POST"}, "response": {"status_code": 201}},
            "url": {"path": "/v1/x"},
        },
        {"msg": "request", "http_method": "HEAD", "uri": "/v1/x", "code": "201"},
        {"request": {"method": "GET", "uri": "/x"}, "response": {"status": 201}},
        {"Method": "GET", "RequestURI": "/x", "StatusCode": 201},
    ],
)
def test_common_shapes_of_a_request_line_are_understood(entry: dict[str, Any]) -> None:
    assert request_status(entry) == 201


@pytest.mark.parametrize(
    "entry",
    [
        {"msg": "GET /v1/config 200"},
        {"method": "GET", "status": 200},
        {"path": "/v1/config", "status": 200},
        {"method": "GET", "path": "/v1/config"},
        {"method": "GET", "path": "/v1/config", "status": "ok"},
        {"method": "run", "path": "/v1/config", "status": 200},
    ],
)
def test_a_line_that_lacks_method_path_or_status_is_none(entry: dict[str, Any]) -> None:
    assert request_status(entry) == 0


def test_probes_without_lines_are_a_remark_and_hide_nothing(synthetic: Any) -> None:
    run = synthetic().calm()
    run.access_log()
    for log in run.folder.logs.glob("node-*.log"):
        lines = [line for line in log.read_text().splitlines() if '"/health"' not in line]
        log.write_text("\n".join(line for line in lines if '"/ready"' not in line) + "\n")
    verdict = judge(run.done())
    assert verdict.judgement is Judgement.PASS
    assert "probes of health and readiness (a remark" in verdict.reason


def test_lines_about_probes_do_not_stand_for_other_answers(synthetic: Any) -> None:
    run = synthetic().calm()
    run.access_log(skip=1)
    log = run.folder.logs / "node-0.log"
    probe = {"method": "GET", "path": "/ready?full=1", "status": 200}
    log.write_text(log.read_text() + 50 * (json.dumps(probe) + "\n"))
    assert judge(run.done()).judgement is Judgement.FAIL
