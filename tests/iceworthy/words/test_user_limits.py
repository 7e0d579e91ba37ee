"""Limits of the user's own: what is refused, and how each is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from iceworthy.words.errors import PlanError
from iceworthy.words.limits import NAMES, LimitsSpec, described, own_limit_rows
from iceworthy.words.target_file import load_target, spec_from_dict, spec_to_dict
from iceworthy.words.user_limits import limit_of_word, with_words, words_of


@pytest.mark.parametrize(
    "word",
    [
        *("read_p95_ms", "read_p95_ms=", "read_p95_ms=fast", "read_p95_ms=0", "read_p95_ms=-1"),
        *("read_p95_ms=nan", "read_p95_ms=inf", "read_p95_ms=1e30", "metrics_least=2.5"),
        *("read_p59_ms=20", "=20", "", "read_p95_ms=1_0", "read_p95_ms=٢٠"),
    ],
)
def test_a_wrong_word_is_refused_with_all_names(word: str) -> None:
    with pytest.raises(PlanError) as refused:
        limit_of_word(word)
    assert all(name in str(refused.value) for name in NAMES)


def test_the_last_word_counts_and_beats_the_target_file() -> None:
    before = LimitsSpec(read_p95_ms=30.0, start_s=3.0)
    found = with_words(before, ["read_p95_ms=25", "read_p95_ms=20"])
    assert (found.read_p95_ms, found.start_s) == (20.0, 3.0)
    assert with_words(before, []) == before


def test_a_table_becomes_words_that_give_the_same_limits() -> None:
    table = {"read_p95_ms": 20.5, "metrics_least": 12}
    assert with_words(LimitsSpec(), words_of(table, "x")) == LimitsSpec(
        read_p95_ms=20.5, metrics_least=12
    )
    for wrong in ({"read_p95_ms": "20"}, {"read_p95_ms": True}, {"reads": 1}, {"start_s": None}):
        with pytest.raises(PlanError, match=r"x: .*known: read_p95_ms"):
            words_of(wrong, "x")


def test_a_limit_is_described_with_that_of_its_requirement() -> None:
    assert described("read_p95_ms", LimitsSpec()).startswith("read_p95_ms = 50: p95 of GET")
    own = LimitsSpec(read_p95_ms=20.0)
    assert described("read_p95_ms", own).endswith("; your own, SC-003 says 50")
    assert own_limit_rows(own) == [("read_p95_ms", "20", "SC-003: 50")]
    assert own_limit_rows(LimitsSpec()) == []
    recovery = own_limit_rows(LimitsSpec(recovery_s=2.0))
    assert recovery == [("recovery_s", "2", "EC-1: the experiment's")]


def test_a_target_file_gives_limits_that_its_record_keeps(tmp_path: Path) -> None:
    head = 'summary = "x"\n[node]\ncommand = ["x"]\n[limits]\n'
    file = tmp_path / "mine.toml"
    file.write_text(head + "read_p95_ms = 20\n")
    spec = load_target(str(file))
    assert spec.limits == LimitsSpec(read_p95_ms=20.0)
    assert spec_from_dict(spec_to_dict(spec)).limits == spec.limits
    old = {key: value for key, value in spec_to_dict(spec).items() if key != "limits"}
    assert spec_from_dict(old).limits == LimitsSpec()
    for wrong in ("read_p95 = 20\n", "read_p95_ms = 0\n", 'read_p95_ms = "20"\n'):
        file.write_text(head + wrong)
        with pytest.raises(PlanError, match=r"line 5: .*known: read_p95_ms, start_s"):
            load_target(str(file))
