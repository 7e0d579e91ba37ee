"""A plan is read as it was written; one of an unknown format or with a wrong value is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.run import Run
from iceworthy.record.known import Known
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import (
    EXIT_UNKNOWN,
    FaultError,
    PlanError,
    RecordError,
    StackError,
    StoppedBy,
    TargetError,
    UnknownFormat,
    stopped_by,
)
from iceworthy.words.experiment import FaultAt
from iceworthy.words.scenario import Role, World
from iceworthy.words.target_file import load_target

WHOLE = Plan(
    experiment="cut_link",
    scenario="mix",
    node_urls=("http://127.0.0.1:1", "http://127.0.0.1:2"),
    seed=7,
    t0_ns=5,
    duration_s=20.0,
    faults=(FaultAt(fault="cut_link", at_s=4.0, hold_s=2, node=1, params={"ms": [1, 2]}),),
    world=World(hot_tables=9),
    target=load_target("reference"),
    roles=(Role(name="reader", weight=1.0, period_s=0.2, actions={"load_table": 1.0}),),
    stopped_because="interrupted",
    stopped_by=StoppedBy.INTERRUPTED,
    sealed={"history/load-0.ops": (104, 77)},
    known=Known(endpoints=("GET /v1/{prefix}/namespaces",), pages=True),
)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def test_a_plan_is_read_as_it_was_written(folder: RunFolder) -> None:
    folder.write_plan(WHOLE)
    assert folder.read_plan() == WHOLE
    folder.write_plan(replace(WHOLE, complete=True))
    assert folder.read_plan().complete
    assert [path.name for path in folder.root.iterdir()] == ["plan.json"]


def edited(folder: RunFolder, **facts: Any) -> None:
    """The plan on disk with some of its values replaced; None takes a key out."""
    folder.write_plan(WHOLE)
    found = json.loads(folder.plan_file.read_text()) | facts
    kept = {key: value for key, value in found.items() if value is not None}
    folder.plan_file.write_text(json.dumps(kept))


@pytest.mark.parametrize("came", [3, 0, "2", [2]])
def test_a_format_that_is_not_known_is_refused_and_judged_by_nobody(
    folder: RunFolder, came: Any
) -> None:
    edited(folder, format=came)
    with pytest.raises(UnknownFormat) as caught:
        folder.read_plan()
    said = str(caught.value)
    assert str(folder.plan_file) in said
    assert "expected format 2" in said
    assert f"got format {came!r}" in said
    assert "judge it with the version that wrote it" in said
    assert caught.value.exit_code == EXIT_UNKNOWN
    with pytest.raises(UnknownFormat):
        _ = Run(folder.root).plan


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"seed": "7"}, "an integer at seed; got '7'"),
        ({"seed": True}, "an integer at seed"),
        ({"nodes": "some"}, "one of 'spread', 'first' at nodes"),
        ({"faults": [{"fault": "x"}]}, "the field 'at_s' at faults[0]"),
        ({"faults": [{"fault": "x", "at_s": "soon"}]}, "a number at faults[0].at_s"),
        ({"sealed": {"a": [1]}}, "a list of 2 at sealed.a"),
        ({"stopped_by": "StackError"}, "at stopped_by; got 'StackError'"),
        ({"world": 3}, "an object at world"),
        ({"experiment": None}, "the field 'experiment' at the top"),
    ],
)
def test_a_value_of_a_wrong_type_is_named_and_is_damage_to_a_judge(
    folder: RunFolder, facts: dict[str, Any], place: str
) -> None:
    edited(folder, **facts)
    with pytest.raises(RecordError) as caught:
        folder.read_plan()
    assert place in str(caught.value)
    assert not isinstance(caught.value, UnknownFormat)
    run = Run(folder.root)
    assert run.plan == Plan(experiment=folder.name)
    assert run.damage.startswith("plan.json is missing or cannot be read")


def test_what_a_newer_version_wrote_besides_is_ignored(folder: RunFolder) -> None:
    edited(folder, new={"a": 1}, world={"hot_tables": 9, "shards": 4})
    assert folder.read_plan() == WHOLE


@pytest.mark.parametrize("text", ["", "{torn", "[]", "3"])
def test_a_torn_plan_or_none_is_an_error_that_names_the_file(folder: RunFolder, text: str) -> None:
    with pytest.raises(RecordError, match="missing or cannot be read"):
        folder.read_plan()
    folder.plan_file.write_text(text)
    with pytest.raises(RecordError, match=r"plan\.json: expected"):
        folder.read_plan()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("KeyboardInterrupt", StoppedBy.INTERRUPTED),
        ("TargetError", StoppedBy.TARGET),
        ("FaultError", StoppedBy.FAULT),
        ("StackError", StoppedBy.STACK),
        ("LoadLost", StoppedBy.LOAD),
        ("OSError", StoppedBy.SUITE),
        ("", None),
        (None, None),
    ],
)
def test_a_plan_from_before_formats_had_numbers_is_still_read(
    folder: RunFolder, name: str | None, word: StoppedBy | None
) -> None:
    edited(folder, format=None, stopped_by=name, known=None, id_bits=62)
    assert folder.read_plan() == replace(WHOLE, stopped_by=word, known=Known())
    folder.plan_file.write_text('{"node_urls": ["http://127.0.0.1:1"]}')
    assert folder.read_plan() == Plan(experiment="", node_urls=("http://127.0.0.1:1",))


@pytest.mark.parametrize("number", [None, 1])
def test_a_plan_of_format_1_says_how_wide_the_ids_were(
    folder: RunFolder, number: int | None
) -> None:
    edited(folder, format=number, known=None, id_bits=53)
    assert folder.read_plan().known == Known(id_bits=53)


def test_the_word_for_an_end_does_not_hang_on_a_class_name() -> None:
    class Renamed(StackError):
        pass

    assert stopped_by(Renamed("x")) is StoppedBy.STACK
    assert stopped_by(TargetError("x")) is StoppedBy.TARGET
    assert stopped_by(FaultError("x")) is StoppedBy.FAULT
    assert stopped_by(PlanError("x")) is StoppedBy.REQUEST
    assert stopped_by(KeyboardInterrupt()) is StoppedBy.INTERRUPTED
    assert stopped_by(OSError("x")) is StoppedBy.SUITE
