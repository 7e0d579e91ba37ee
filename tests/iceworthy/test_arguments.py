"""Any text for any argument is 64 with one clear message, or a request that can be run."""

from __future__ import annotations

import argparse
import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iceworthy import arguments, cli
from iceworthy.orchestrator.judging import Reviewed
from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.errors import EXIT_PASS, EXIT_USAGE
from iceworthy.words.verdict import Judgement
from tests.hostile.clear import assert_clear

VALUED = ("--target", "--allow-host", "--runtime", "--lie", "--sessions", "--seed", "--only")
VALUED += ("--load-processes", "--results")
OF_RUN = ("--experiment", "--duration", "--case")
TEXTS = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"[-+]?[0-9٠-٩²]{1,6}([.,eE_][0-9]{0,3})?", fullmatch=True),
    st.sampled_from(
        ["nan", "inf", "", "-", "--", "0", "-0", "1e999", "FR-004", "steady", "/", ".."]
    ),
)
SLOW = HealthCheck.too_slow
PASSED = ReviewVerdicts(verdict=Judgement.PASS)


@pytest.fixture(autouse=True)
def only_planned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """Plans are made, and nothing is run; the plans."""
    made: list[Any] = []

    def plan(plans: Any, *rest: Any) -> Reviewed:
        made.append(plans)
        return Reviewed(root=tmp_path, verdicts=PASSED)

    def prove(*_: Any, **__: Any) -> tuple[Path, list[Any]]:
        return tmp_path, []

    monkeypatch.setattr("iceworthy.orchestrator.review._run_judge_report", plan)
    monkeypatch.setattr("iceworthy.orchestrator.selftest.run_selftest", prove)
    monkeypatch.setattr("iceworthy.orchestrator.review.new_folder", lambda _: tmp_path)
    monkeypatch.chdir(tmp_path)
    return made


def ends(words: list[str]) -> tuple[int, str]:
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
        return cli.main(words), err.getvalue()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, SLOW])
@given(st.sampled_from([*VALUED, *OF_RUN]), TEXTS)
@example("--sessions", "²")
@example("--seed", "٣")
@example("--results", "\ud800")
@example("--only", ",,,,")
def test_any_text_for_any_argument(only_planned: list[Any], name: str, text: str) -> None:
    only_planned.clear()
    verb = ["run", "contract"] if name in OF_RUN else ["review"]
    code, said = ends([*verb, f"{name}={text}"])
    assert code in (EXIT_PASS, EXIT_USAGE), said
    if code == EXIT_USAGE:
        assert_clear(said)
        assert not only_planned
    else:
        assert only_planned


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, SLOW])
@given(st.sampled_from(["run", "judge", "report", "list", "describe", "selftest", ""]), TEXTS)
def test_any_text_for_any_name(verb: str, text: str) -> None:
    code, said = ends([word for word in (verb, text) if word != ""])
    assert code in (EXIT_PASS, EXIT_USAGE), said
    if code == EXIT_USAGE:
        assert_clear(said)


@pytest.mark.parametrize(
    "text",
    ["", "a b", "http://a.example", "a.example:80", "a.example/x", "u@a.example", "[::1]", "-a"],
)
def test_a_host_that_is_none_is_told_before_anything_starts(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="name or address alone"):
        arguments.host(text)


@pytest.mark.parametrize("text", ["a", "a.example", "A-1.example.", "10.0.0.7", "2001:db8::1"])
def test_a_host_is_a_name_or_an_address(text: str) -> None:
    assert arguments.host(text) == text


@pytest.mark.parametrize("text", ["1", "007", "100000"])
def test_sessions_are_ascii_digits(text: str) -> None:
    assert arguments.sessions(text) == int(text)
    with pytest.raises(argparse.ArgumentTypeError):
        arguments.sessions(f" {text}")


@pytest.mark.parametrize("text", ["", " "])
@pytest.mark.parametrize(
    "words", [("review",), ("run", "steady"), ("judge", "x"), ("report", "x"), ("selftest",)]
)
def test_a_folder_without_a_name_is_an_unset_variable(words: tuple[str, ...], text: str) -> None:
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        assert cli.main([*words, "--results", text]) == EXIT_USAGE
    assert "--results: expected a folder" in errors.getvalue()


def test_the_words_of_only_are_stripped() -> None:
    assert arguments.listed(" FR-004, ,EC-1,") == ("FR-004", "EC-1")
