"""A damaged or hostile run folder is unknown, in bounded time, and nothing outside it is touched.

Each row is a recorded review with one thing spoiled. `judge` and `report` are the real verbs.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.review_damage import damage_of, with_damage
from analysis.run import Run
from iceworthy.cli import main
from iceworthy.record.history_format import OPS_HEADER
from iceworthy.record.plan import Plan, with_own_seal, write_plan
from iceworthy.record.review import ReviewRecord, read_review, sealed_review, write_review
from iceworthy.record.seal import seal
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.errors import EXIT_PASS, EXIT_UNKNOWN
from iceworthy.words.verdict import Judgement
from tests.hostile.clear import assert_clear

NAMES = ("survey", "steady")


def make(root: Path) -> Path:
    """A review of two experiments that ended well and measured nothing."""
    for name in NAMES:
        folder = root / "experiments" / name
        (folder / "history").mkdir(parents=True)
        (folder / "history" / "load-0.ops").write_bytes(OPS_HEADER)
        (folder / "probes.jsonl").write_text('{"stream":"probes","format":1}\n')
        plan = Plan(experiment=name, scenario="mix", complete=True, seed=7)
        write_plan(folder / "plan.json", with_own_seal(plan, seal(folder)))
    record = ReviewRecord(target="reference", seed=7, experiments=NAMES)
    write_review(root, sealed_review(root, record))
    return root


@pytest.fixture
def review(tmp_path: Path) -> Path:
    return make(tmp_path / "review")


def edit(path: Path, **changes: Any) -> None:
    facts = json.loads(path.read_text())
    path.write_text(json.dumps({**facts, **changes}))


def put(name: str, text: str | bytes) -> Callable[[Path], object]:
    raw = text if isinstance(text, bytes) else text.encode()
    return lambda root: (root / name).write_bytes(raw)


def instead(name: str, make_it: Callable[[Path], object]) -> Callable[[Path], object]:
    """Something else where a file or a folder was."""

    def spoil(root: Path) -> None:
        path = root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        make_it(path)

    return spoil


def link(to: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(to)


def listening(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.chdir(here)


def sparse(size: int) -> Callable[[Path], object]:
    return lambda path: (path.touch(), os.truncate(path, size))


def many(path: Path) -> None:
    for number in range(40):
        path = path / str(number)
        path.mkdir()


STEADY = "experiments/steady"
DEEP, DIGITS = "[" * 20_000, "9" * 5_000
# name: (how it is spoiled, what the reason says)
DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "plan.json is missing": (lambda root: (root / STEADY / "plan.json").unlink(), "plan.json"),
    "plan.json is a FIFO": (instead(f"{STEADY}/plan.json", os.mkfifo), "a FIFO"),
    "plan.json is a folder": (instead(f"{STEADY}/plan.json", Path.mkdir), "plan.json"),
    "plan.json is a link": (instead(f"{STEADY}/plan.json", link("/etc/passwd")), "a link"),
    "plan.json is a socket": (instead(f"{STEADY}/plan.json", listening), "plan.json"),
    "plan.json is cut": (put(f"{STEADY}/plan.json", '{"format": 1, "exper'), "plan.json"),
    "plan.json is no object": (put(f"{STEADY}/plan.json", "[]"), "expected an object"),
    "plan.json is empty": (put(f"{STEADY}/plan.json", ""), "plan.json"),
    "plan.json is not UTF-8": (put(f"{STEADY}/plan.json", b"\xff\xfe"), "plan.json"),
    "plan.json is deep": (put(f"{STEADY}/plan.json", DEEP), "nested too deeply"),
    "plan.json has a long number": (put(f"{STEADY}/plan.json", DIGITS), "plan.json"),
    "plan.json is huge": (instead(f"{STEADY}/plan.json", sparse(1 << 40)), "plan.json"),
    "plan.json was edited": (
        lambda root: edit(root / STEADY / "plan.json", seed=8),
        "not what the run wrote",
    ),
    "the seal was taken away": (
        lambda root: edit(root / STEADY / "plan.json", sealed={}),
        "holds no seal",
    ),
    "the seal and the format were taken away": (
        lambda root: (
            edit(root / STEADY / "plan.json", sealed={}),
            (root / STEADY / "plan.json").write_text(
                (root / STEADY / "plan.json").read_text().replace('"format": 1, ', "")
            ),
        ),
        "holds no seal",
    ),
    "a stream is a link to a device": (
        instead(f"{STEADY}/probes.jsonl", link("/dev/zero")),
        "a link",
    ),
    "a stream is a FIFO": (instead(f"{STEADY}/probes.jsonl", os.mkfifo), "a FIFO"),
    "a stream is gone": (lambda root: (root / STEADY / "probes.jsonl").unlink(), "missing"),
    "a stream was cut": (put(f"{STEADY}/probes.jsonl", "{"), "holds 1 of the"),
    "a stream more is a link": (instead(f"{STEADY}/faults.jsonl", link("../x")), "a link"),
    "the history is a link": (instead(f"{STEADY}/history", link("../survey/history")), "a link"),
    "the history was cut": (
        lambda root: os.truncate(root / STEADY / "history" / "load-0.ops", 9),
        "holds 9 of the",
    ),
    "the history grew": (
        put(f"{STEADY}/history/load-0.ops", OPS_HEADER + b"\0" * 4000),
        "more than the run wrote",
    ),
    "a history was added": (put(f"{STEADY}/history/load-9.ops", OPS_HEADER), "was added after"),
    "a link among the logs": (instead(f"{STEADY}/logs", link("/tmp")), "a link"),
    "a terabyte among the logs": (instead(f"{STEADY}/big.log", sparse(1 << 40)), "bytes, more"),
    "a folder in a folder, forty times": (
        instead(f"{STEADY}/deep", lambda path: (path.mkdir(), many(path))),
        "deeper than any file",
    ),
    "an experiment is a link": (
        instead(STEADY, link("survey")),
        "steady is a link",
    ),
    "an experiment that nobody planned": (
        lambda root: shutil.copytree(root / STEADY, root / "experiments" / "mine"),
        "mine is there, and review.json does not name it",
    ),
    "experiments is a link": (
        lambda root: (
            (root / "experiments").rename(root.parent / "elsewhere"),
            (root / "experiments").symlink_to("../elsewhere"),
        ),
        "experiments is a link",
    ),
    "review.json is a FIFO": (instead("review.json", os.mkfifo), "review.json is a FIFO"),
    "review.json is a link": (instead("review.json", link("/etc/passwd")), "is a link"),
    "review.json is cut": (put("review.json", '{"form'), "review.json"),
    "review.json is deep": (put("review.json", DEEP), "review.json"),
    "review.json names numbers": (
        lambda root: edit(root / "review.json", experiments=[1, 2]),
        "review.json",
    ),
    "review.json of before does not name one": (
        lambda root: edit(root / "review.json", experiments=["survey"], sealed={}),
        "steady is there, and review.json does not name it",
    ),
    "review.json was edited": (
        lambda root: edit(root / "review.json", experiments=["survey"]),
        "not what the review wrote",
    ),
    "a plan was written anew, with a seal of its own": (
        lambda root: write_plan(root / STEADY / "plan.json", Plan(experiment="steady")),
        "experiments/steady/plan.json",
    ),
    "an experiment was taken away": (
        lambda root: shutil.rmtree(root / STEADY),
        "experiments/steady/plan.json is missing",
    ),
    "a link beside the experiments": (instead("notes", link("/")), "notes is a link"),
    "a device beside the experiments": (instead("zero", link("/dev/zero")), "zero is a link"),
    "a report that is a link": (instead("report.html", link("../outside")), "is a link"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_unknown_and_named(
    name: str, review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, said = DAMAGE[name]
    before = review.parent / "before"
    shutil.copytree(review, before)
    spoil(review)
    assert main(["judge", str(review)]) == EXIT_UNKNOWN
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    shown = (review / "verdicts.json").read_text() + out.out
    assert said in shown
    assert {path.name for path in review.parent.iterdir()} <= {"review", "before", "elsewhere"}
    if (review.parent / "elsewhere").exists():
        assert not list((review.parent / "elsewhere").rglob("verdicts.json"))
    assert main(["report", str(review)]) == EXIT_PASS
    assert not (review / "report.html").is_symlink()


VERDICTS: dict[str, str | Callable[[Path], object]] = {
    "an unknown verdict": '{"format": 1, "verdict": "great"}',
    "no verdict": "{}",
    "a list": "[]",
    "a number": DIGITS,
    "deep": DEEP,
    "nothing": "",
    "half": '{"format": 1, "verd',
    "a requirement without its id": '{"verdict": "pass", "requirements": [{"verdict": "pass"}]}',
    "requirements that are none": '{"verdict": "pass", "requirements": 7}',
    "an experiment that is none": '{"verdict": "pass", "experiments": {"a": 1}}',
    "a format to come": '{"format": 99, "verdict": "pass"}',
    "a FIFO": os.mkfifo,
    "a link to a device": link("/dev/zero"),
    "a folder": Path.mkdir,
}


@pytest.mark.parametrize("name", VERDICTS)
def test_edited_verdicts_are_no_report(
    name: str, review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = VERDICTS[name]
    if isinstance(content, str):
        (review / "verdicts.json").write_text(content)
    else:
        content(review / "verdicts.json")
    assert main(["report", str(review)]) == EXIT_UNKNOWN
    said = capsys.readouterr().err
    assert_clear(said)
    assert "verdicts.json" in said
    assert not (review / "report.html").exists()


FINDINGS = {"half": '{"format": 1, "find', "no list": '{"format": 1, "findings": 7}', "deep": DEEP}
FINDINGS |= {"a finding of nothing": '{"format": 1, "findings": [{}]}', "another": '{"format": 9}'}
FINDINGS |= {"text": '{"format": 1, "findings": ["x"]}', "null": "null", "digits": DIGITS}


@pytest.mark.parametrize("name", FINDINGS)
def test_edited_findings_are_no_report(
    name: str, review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge", str(review)]) == EXIT_UNKNOWN
    (review / "findings.json").write_text(FINDINGS[name])
    capsys.readouterr()
    assert main(["report", str(review)]) == EXIT_UNKNOWN
    said = capsys.readouterr().err
    assert_clear(said)
    assert "findings.json" in said


@pytest.mark.parametrize(("was", "becomes"), [("pass", "unknown"), ("fail", "fail")])
def test_of_a_damaged_review_a_fail_stands_and_no_pass_does(was: str, becomes: str) -> None:
    whole = ReviewVerdicts(verdict=Judgement(was))
    assert with_damage(whole, "") == whole
    assert with_damage(whole, "a link").verdict == Judgement(becomes)


def test_a_whole_run_has_no_damage(review: Path) -> None:
    for name in NAMES:
        assert Run(review / "experiments" / name).damage == ""
    assert damage_of(review, read_review(review), NAMES) == ""


def test_what_a_late_sampler_appends_is_no_damage(review: Path) -> None:
    with open(review / STEADY / "probes.jsonl", "a", encoding="utf-8") as file:
        file.write("{}\n")
    assert Run(review / STEADY).damage == ""


def test_a_seal_of_before_does_not_hold_the_plan(review: Path) -> None:
    folder = review / STEADY
    plan = Run(folder).plan
    others = {name: mark for name, mark in plan.sealed.items() if name != "plan.json"}
    write_plan(folder / "plan.json", replace(plan, sealed=others, seed=8))
    assert Run(folder).damage == ""
