"""Completion: a real bash completes verbs, options and names by the script."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from iceworthy.cli import main
from iceworthy.command_line import SHELLS, VERBS, parser
from iceworthy.completion import completion_text
from iceworthy.words.errors import EXIT_PASS, EXIT_USAGE

bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("completion") / "iceworthy.bash"
    file.write_text(completion_text(parser(), "bash"))
    return file


def completed(script: Path, *words: str) -> set[str]:
    """What bash offers for the last of these words."""
    line = " ".join(map(shlex.quote, words))
    code = (
        f"source {shlex.quote(str(script))}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
        f"_shtab_iceworthy iceworthy {shlex.quote(words[-1])} {shlex.quote(words[-2])}; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", code],
        cwd=script.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())


@bash
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("re",), {"review", "report", "reproduce"}),
        (("run", "cut_"), {"cut_after_bytes", "cut_link"}),
        (("review", "--last"), {"--last-failed"}),
        (("review", "--target", "reference_w"), {"reference_whole"}),
        (("review", "--target", "iceworthy.b"), {"iceworthy.bash"}),
        (("review", "--limit", "read"), {"read_p95_ms="}),
        (("review", "--only", "FR-00"), {f"FR-00{number}" for number in range(1, 10)}),
        (("run", "contract", "--case", "dropping_tw"), {"dropping_twice_is_not_found"}),
        (
            ("reproduce", "tables.a_staged_table_is_n"),
            {"tables.a_staged_table_is_not_there"},
        ),
        (("describe", "lost_ack"), {"lost_acknowledgement"}),
        (("list", "lim"), {"limits"}),
        (("completion", "z"), {"zsh"}),
        (("review", "nothing_of_the_kind"), set()),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_bash_offers_what_the_parser_takes(
    script: Path, words: tuple[str, ...], offered: set[str]
) -> None:
    assert completed(script, "iceworthy", *words) == offered


@bash
def test_every_verb_is_offered(script: Path) -> None:
    assert completed(script, "iceworthy", "") >= set(VERBS)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == EXIT_PASS
    said = capsys.readouterr().out
    assert all(word in said for word in ("cut_link", "last-failed", "read_p95_ms=", *VERBS))
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=said, text=True, timeout=60, check=True)


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish on this machine")
def test_fish_offers_what_the_parser_takes(tmp_path: Path) -> None:
    file = tmp_path / "iceworthy.fish"
    file.write_text(completion_text(parser(), "fish"))
    asked = "complete -C 'iceworthy run cut_'; complete -C 'iceworthy run contract --case a_stag'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source {shlex.quote(str(file))}; {asked}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    offered = {line.partition("\t")[0] for line in done.stdout.splitlines()}
    assert {"cut_link", "a_staged_table_is_not_there"} <= offered
    assert done.stderr == ""


def test_no_other_verb_imports_the_writer_of_the_script() -> None:
    code = "import sys, iceworthy.cli as c; c.main(['list']); sys.exit('shtab' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)


def test_another_shell_is_refused_and_the_parser_of_a_command_stays_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["completion", "tcsh"]) == EXIT_USAGE
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err
    assert parser().parse_args(["run", "of_mine", "--limit", "start_s=3"]).scenario == "of_mine"
