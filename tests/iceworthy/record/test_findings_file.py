"""findings.json is read as it was written, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from iceworthy.record.findings_file import NAME, read_findings, write_findings
from iceworthy.words.errors import RecordError
from iceworthy.words.finding import Cause, Finding, Request

FOUND = Finding(
    cause=Cause(rule="status", operation="loadTable", expected="404", given="200"),
    title="loadTable: a dropped table is gone",
    requests=(
        Request(
            method="GET",
            path="/v1/x",
            body="",
            curl="curl …",
            answer="status 200",
            headers=(("A", "$B"),),
        ),
    ),
    operations=("load-0:17",),
    requirements=("FR-001", "SC-001"),
    experiments=("contract",),
    shown_by=("tables.a_case",),
    count=2,
    first_ns=5,
    last_ns=9,
)


def test_findings_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_findings(tmp_path, [FOUND])
    assert read_findings(tmp_path) == (FOUND,)
    line = json.loads((tmp_path / NAME).read_text())["findings"][0]
    assert line["key"] == "status loadTable 404 -> 200"


@pytest.mark.parametrize("text", ['{"format": 3, "findings": []}', "[]", "{", '{"findings": []}'])
def test_another_version_or_a_torn_file_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(RecordError, match="iceworthy judge"):
        read_findings(tmp_path)


def test_findings_of_format_1_are_read(tmp_path: Path) -> None:
    path = write_findings(tmp_path, [replace(FOUND, got="status 200")])
    value = json.loads(path.read_text())
    for line in value["findings"]:
        line["came"] = line.pop("got")
    path.write_text(json.dumps({**value, "format": 1}))
    assert [one.got for one in read_findings(tmp_path)] == ["status 200"]
    path.write_text('{"format": 1, "findings": 3}')
    with pytest.raises(RecordError, match="findings"):
        read_findings(tmp_path)
