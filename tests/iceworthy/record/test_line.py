"""Lines are read as they were written; a header of an unknown format is refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis.judge import judge_run
from iceworthy.record.contract_lines import CaseResult, Misshapen
from iceworthy.record.line import chosen
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.run_lines import FaultEvent, Window
from iceworthy.record.sample_lines import Probe
from iceworthy.record.streams import KINDS
from iceworthy.words.errors import RecordError, UnknownFormat

BIT = FaultEvent(fault="cut_link", event="bit", t_ns=5, node=1, facts={"sessions": {"after": 0}})
CASE = CaseResult(
    case="tables.a", ended="broken", schema=(Misshapen(status=500, problems=("/a: no",)),)
)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def test_lines_of_each_kind_are_read_as_they_were_written(folder: RunFolder) -> None:
    for line in (BIT, CASE, BIT):
        folder.append(line)
    assert list(folder.read(FaultEvent)) == [BIT, BIT]
    assert list(folder.read(CaseResult)) == [CASE]
    assert list(folder.read(Probe)) == []
    first, *rest = folder.stream_file(FaultEvent).read_text().splitlines()
    assert json.loads(first) == {"stream": "faults", "format": 1}
    assert len(rest) == 2


def test_every_stream_is_listed_once() -> None:
    names = [kind.STREAM for kind in KINDS]
    assert len(set(names)) == len(names) == 22


def test_many_threads_write_one_header(folder: RunFolder) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(folder.append, [BIT] * 200))
    text = folder.stream_file(FaultEvent).read_text()
    assert text.count('"stream"') == 1
    assert list(folder.read(FaultEvent)) == [BIT] * 200


def test_a_second_header_of_another_process_is_no_line(folder: RunFolder) -> None:
    folder.append(BIT)
    path = folder.stream_file(FaultEvent)
    path.write_text(path.read_text() * 2)
    assert list(folder.read(FaultEvent)) == [BIT, BIT]


@pytest.mark.parametrize(
    "header",
    [
        {"stream": "faults", "format": 2},
        {"stream": "faults", "format": 0},
        {"stream": "faults", "format": "1"},
        {"stream": "probes", "format": 1},
    ],
)
def test_a_header_that_is_not_known_is_refused(
    folder: RunFolder, header: dict[str, object]
) -> None:
    path = folder.stream_file(FaultEvent)
    path.write_text(json.dumps(header) + "\n")
    with pytest.raises(UnknownFormat) as caught:
        list(folder.read(FaultEvent))
    said = str(caught.value)
    assert f"{path}, line 1: expected format 1 of faults" in said
    assert f"{header['format']} of {header['stream']}" in said
    assert "judge it with the version that wrote it" in said


def test_a_judge_that_needs_an_unknown_stream_says_so_and_is_unknown(folder: RunFolder) -> None:
    folder.write_plan(Plan(experiment=folder.name))
    path = folder.stream_file(Probe)
    path.write_text('{"stream":"probes","format":9}\n')
    found = {verdict.name: verdict for verdict in judge_run(folder.root)}
    assert found["health_answers"].judgement.value == "unknown"
    assert "expected format 1 of probes" in found["health_answers"].reason
    assert not any(verdict.passed for verdict in found.values())


def test_a_file_without_a_header_is_of_the_version_before_and_is_read(folder: RunFolder) -> None:
    folder.stream_file(Window).write_text(
        '{"name":"steady-1","kind":"steady","start_ns":1,"end_ns":3,"node":null,"new":1}\n'
    )
    assert list(folder.read(Window)) == [
        Window(name="steady-1", kind="steady", start_ns=1, end_ns=3)
    ]


def test_a_torn_last_line_is_left_out_and_a_damaged_one_before_it_is_an_error(
    folder: RunFolder,
) -> None:
    folder.append(BIT)
    path = folder.stream_file(FaultEvent)
    whole = path.read_text()
    path.write_text(whole + '{"fault":"cut')
    assert list(folder.read(FaultEvent)) == [BIT]
    path.write_text(whole + '{"fault":"cut\n')
    with pytest.raises(RecordError, match=r"line \d: no JSON: Invalid control character"):
        list(folder.read(FaultEvent))


def test_a_field_of_a_wrong_type_is_named_with_its_line(folder: RunFolder) -> None:
    folder.stream_file(FaultEvent).write_text('{"fault":"a","event":"bit","t_ns":"soon"}\n')
    with pytest.raises(RecordError, match=r"faults\.jsonl, line 1: expected an integer at t_ns"):
        list(folder.read(FaultEvent))


def test_evidence_can_choose_no_field_that_is_not_there() -> None:
    assert chosen(BIT, "fault", "node") == {"fault": "cut_link", "node": 1}
    with pytest.raises(AttributeError):
        chosen(BIT, "nod")
