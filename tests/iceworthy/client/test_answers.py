"""Answers held against their schemas: what is counted, what is written down, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iceworthy.client.answers import (
    ALLOWANCE_BYTES,
    FIRST_HELD,
    LINES_A_KIND_MOST,
    LINES_MOST,
    AnswerLog,
)
from iceworthy.record.contract_lines import SentRequest
from iceworthy.record.run_folder import RunFolder
from iceworthy.specification import operation
from iceworthy.words.operation import MUTATIONS, READS
from tests.streams import lines_of

GOOD = json.dumps({"namespaces": [["a"]]}).encode()
BAD = json.dumps({"namespaces": [["a", 7]]}).encode()


def log_in(root: Path, **facts: Any) -> tuple[AnswerLog, RunFolder]:
    root.mkdir(exist_ok=True)
    folder = RunFolder(root)

    def tell(asked: Any, node: int) -> SentRequest:
        return SentRequest(method="GET", path=f"/v1/{asked}", curl=f"curl {asked} {node}")

    return AnswerLog(folder, "load-0", tell, **facts), folder


def test_every_answer_is_held_where_nothing_is_spared(tmp_path: Path) -> None:
    log, folder = log_in(tmp_path)
    for _ in range(100):
        log.offer("listNamespaces", 200, GOOD, "a", 0)
    log.offer("listNamespaces", 409, b"{}", "a", 0)
    log.flush()
    log.flush()
    counts = {line["status"]: line for line in lines_of(folder, "answers")}
    assert (counts[200]["answers"], counts[200]["held"], counts[200]["wrong"]) == (100, 100, 0)
    assert counts[409]["wrong"] == 1
    assert len(list(lines_of(folder, "answers"))) == 2


def test_what_is_wrong_is_written_down_with_its_request_a_few_times(tmp_path: Path) -> None:
    log, folder = log_in(tmp_path)
    for number in range(10):
        body = json.dumps({"namespaces": [[f"n{number}", number]]}).encode()
        log.offer("listNamespaces", 200, body, number, 1)
    told = list(lines_of(folder, "violations"))
    assert len(told) == LINES_A_KIND_MOST
    assert told[0]["request"] == "curl 0 1"
    assert told[0]["problems"] == ['/namespaces/0/1: 0 is not of type "string"']
    assert told[0]["answer"] == '{"namespaces": [["n0", 0]]}'


def test_no_more_than_so_many_kinds_are_written_down_and_all_are_counted(tmp_path: Path) -> None:
    log, folder = log_in(tmp_path)
    for status in range(600, 600 + LINES_MOST + 50):
        log.offer("listNamespaces", status, GOOD, "a", 0)
    log.flush()
    assert len(list(lines_of(folder, "violations"))) == LINES_MOST
    assert sum(line["wrong"] for line in lines_of(folder, "answers")) == LINES_MOST + 50


def test_under_load_a_sample_is_held_that_is_the_smaller_the_larger_the_answers(
    tmp_path: Path,
) -> None:
    held = {}
    for size in (300, 30_000):
        log, folder = log_in(tmp_path / str(size), allowance_bytes=ALLOWANCE_BYTES)
        body = json.dumps({"namespaces": [["x" * size]]}).encode()
        for _ in range(10_000):
            log.offer("listNamespaces", 200, body, "a", 0)
        log.flush()
        (line,) = lines_of(folder, "answers")
        assert line["answers"] == 10_000
        held[size] = line["held"] - FIRST_HELD
        assert line["held"] * len(body) < 1.3 * 10_000 * ALLOWANCE_BYTES + FIRST_HELD * len(body)
    assert held[300] > 500
    assert 10 <= held[30_000] < 100


def test_a_rare_class_is_held_from_its_first_answer_whatever_the_common_one_took(
    tmp_path: Path,
) -> None:
    log, folder = log_in(tmp_path, allowance_bytes=1)
    for _ in range(1000):
        log.offer("listNamespaces", 200, GOOD, "a", 0)
    log.offer("listNamespaces", 500, b"oops", "a", 0)
    assert [line["status"] for line in lines_of(folder, "violations")] == [500]


def test_every_operation_of_a_history_has_the_name_that_the_specification_gives_it() -> None:
    for name in MUTATIONS | READS:
        assert operation(name).mutation == (name in MUTATIONS)


def test_what_is_no_operation_is_not_held(tmp_path: Path) -> None:
    log, folder = log_in(tmp_path)
    log.offer("ready", 503, b"no", "a", 0)
    log.flush()
    assert not list(lines_of(folder, "answers"))
    assert not list(lines_of(folder, "violations"))
