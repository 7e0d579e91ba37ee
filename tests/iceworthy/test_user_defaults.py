"""iceworthy.toml and environment variables: what they add to a command, and what is refused."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from iceworthy import cli
from iceworthy.command_line import parser
from iceworthy.user_defaults import KEYS, LIMITED, OPTIONS_OF, with_defaults
from iceworthy.words.errors import EXIT_USAGE, PlanError

FILE = """
[defaults]
target = "my.toml"
sessions = 200
allow-host = ["one.example", "two.example"]
only = "smoke"

[sets]
smoke = ["FR-004", "EC-1"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iceworthy.toml").write_text(FILE)
    return tmp_path


def test_the_file_gives_what_the_command_line_leaves_out(folder: Path) -> None:
    assert with_defaults(["review"], {}) == [
        "review",
        "--target=my.toml",
        "--sessions=200",
        "--allow-host=one.example",
        "--allow-host=two.example",
        "--only=FR-004,EC-1",
    ]
    assert with_defaults(["run", "mix", "--target", "other"], {})[1:] == [
        "--sessions=200",
        "--allow-host=one.example",
        "--allow-host=two.example",
        "mix",
        "--target",
        "other",
    ]
    assert with_defaults(["list", "cases"], {}) == ["list", "cases"]
    assert with_defaults([], {}) == []


def test_a_variable_beats_the_file_and_the_command_line_beats_both(folder: Path) -> None:
    variables = {"ICEWORTHY_SESSIONS": "7", "ICEWORTHY_LOAD_PROCESSES": "2"}
    added = with_defaults(["run", "mix"], variables)
    assert "--sessions=7" in added
    assert "--sessions=200" not in added
    assert "--load-processes=2" in added
    given = with_defaults(["run", "mix", "--sessions=9"], variables)
    assert [word for word in given if "sessions" in word] == ["--sessions=9"]


def test_a_set_stands_for_its_members(folder: Path) -> None:
    for words in (["--only", "smoke,steady"], ["--only=smoke,steady"]):
        assert ",".join(with_defaults(["review", *words], {})).endswith("FR-004,EC-1,steady")


def test_every_default_is_an_option_of_its_verb() -> None:
    values = {"seed": "1", "sessions": "1", "load-processes": "1"}
    for verb, options in OPTIONS_OF.items():
        for option in options:
            if option in ("baseline", "junit"):  # their files must be there
                continue
            rest = {"run": ["mix"], "judge": ["x"], "report": ["x"]}.get(verb, [])
            parser().parse_args([verb, f"--{option}={values.get(option, 'x')}", *rest])
    assert "target" in KEYS


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[default]\n", "no key 'default'; did you mean 'defaults'?"),
        ("[defaults]\ntaget = 'x'\n", "no key 'taget'; did you mean 'target'?"),
        ("[defaults]\nsessions = 1.5\n", "expected a text or a number"),
        ("[defaults]\nseed = true\n", "expected a text or a number"),
        ("[sets]\nsmoke = 'FR-004'\n", "expected a list of requirements"),
        ("[sets]\nsmoke = []\n", "expected a list of requirements"),
        ("defaults = 3\n", "expected a table"),
        ("[defaults\n", "expected TOML"),
        ("[limits]\nread_p59_ms = 20\n", "did you mean 'read_p95_ms'?; known: read_p95_ms,"),
        ("[limits]\nread_p95_ms = 0\n", "expected a number more than 0"),
        ("limits = 3\n", "expected a table"),
        ("[defaults]\nsessions = 0\n", "expected a number from 1"),
        ('[defaults]\ntarget = "a\\u0000b"\n', "expected text that a file name can hold"),
    ],
)
def test_what_the_file_says_wrongly_is_refused_before_anything_is_run(
    text: str, wanted: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "iceworthy.toml").write_text(text)
    assert cli.main(["review", "--dry-run"]) == EXIT_USAGE
    said = capsys.readouterr().err
    assert wanted in said
    assert "Traceback" not in said


def test_limits_stand_before_those_of_the_command_of_which_the_last_counts(folder: Path) -> None:
    (folder / "iceworthy.toml").write_text("[limits]\nread_p95_ms = 20\nstart_s = 2.5\n")
    words = with_defaults(["review", "--limit", "read_p95_ms=30"], {})
    assert words[1:] == ["--limit=read_p95_ms=20", "--limit=start_s=2.5", *words[3:]]
    assert parser().parse_args(words).limit[-1] == "read_p95_ms=30"
    assert with_defaults(["list", "limits"], {}) == ["list", "limits"]
    for verb in LIMITED:
        rest = {"run": ["mix"], "describe": ["SC-003"]}.get(verb, [])
        assert "start_s=2.5" in parser().parse_args(with_defaults([verb, *rest], {})).limit


def test_describe_says_the_limit_that_counts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "iceworthy.toml").write_text("[limits]\nread_p95_ms = 20\n")
    assert cli.main(["describe", "SC-003"]) == 0
    assert "limit: read_p95_ms = 20: " in (said := capsys.readouterr().out)
    assert "SC-003 says 50" in said
    assert cli.main(["describe", "read_p95_ms", "--limit", "read_p95_ms=30"]) == 0
    assert "limit read_p95_ms = 30: " in capsys.readouterr().out
    assert cli.main(["describe", "SC-003", "--limit", "x=1"]) == EXIT_USAGE


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="expected TOML"):
        with_defaults(["review"], {"ICEWORTHY_CONFIG": str(tmp_path / "no.toml")})
    other = tmp_path / "other.toml"
    other.write_text(FILE)
    assert "--sessions=200" in with_defaults(["review"], {"ICEWORTHY_CONFIG": str(other)})


def test_the_command_that_a_run_keeps_needs_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "iceworthy.toml").write_text("[defaults]\nsessions = 200\nseed = 5\n")
    seen: list[str] = []

    def run(options: argparse.Namespace) -> int:
        seen.append(cli._settings(options).command)
        return 0

    monkeypatch.setattr(cli, "run", run)
    assert cli.main(["run", "mix"]) == 0
    assert seen == ["iceworthy run --sessions=200 --seed=5 mix"]
