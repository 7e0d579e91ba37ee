"""The command line answers bad input with one clear message and the exit code of usage."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iceworthy import cli
from iceworthy.cli import main, saved_run
from iceworthy.command_line import VERBS, parser
from iceworthy.orchestrator.progress import Progress
from iceworthy.words.errors import EXIT_PASS, EXIT_USAGE, PlanError

ROOT = Path(__file__).resolve().parents[2]


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == EXIT_USAGE
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["reveiw"], "no verb named 'reveiw'; did you mean 'review'?"),
        ([], "required"),
        (["review", "--target", "refrence"], "did you mean 'reference'?"),
        (["review", "--target", "no/such.toml"], "no/such.toml"),
        (["review", "--sessions", "many"], "expected a number from 1 to 100000, got 'many'"),
        (["review", "--sessions", "0"], "got '0'"),
        (["review", "--only", "FR-0004"], "did you mean 'FR-004'?"),
        (["review", "--runtime", "dokcer"], "invalid choice: 'dokcer'"),
        (["review", "--lie", "late_gte"], "did you mean 'late_get'?"),
        (["review", "--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["run", "red_mix"], "did you mean 'read_mix'?"),
        (["run", "read_mix", "--experiment", "cut_lnk"], "did you mean 'cut_link'?"),
        (["run", "read_mix", "--duration", "1e9"], "expected seconds from 2 to 86400"),
        (["selftest", "late_gte"], "did you mean 'late_get'?"),
        (["list", "chekcers"], "did you mean 'checker'?"),
        (["describe", "lost_acknowledgment"], "did you mean 'lost_acknowledgement'?"),
        (["judge", "no-such-run"], "no results folder"),
        (["review", "--target", "bingsan", "--lie", "late_get"], "reference catalog alone"),
    ],
)
def test_bad_input_is_answered_with_what_was_wanted(
    arguments: list[str],
    wanted: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = complaint(capsys, *arguments)
    assert wanted in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir()), "bad input leaves nothing behind"


def test_python_m_iceworthy_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "iceworthy", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == EXIT_PASS
    assert done.stdout.startswith("iceworthy ")


def test_every_verb_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        with pytest.raises(SystemExit) as ended:
            parser().parse_args([verb, "--help"])
        assert ended.value.code == 0
        assert verb in capsys.readouterr().out


def test_latest_is_followed_as_a_link_and_as_a_file(tmp_path: Path) -> None:
    run = tmp_path / "results" / "20260101T000000Z-reference-1"
    (run / "experiments").mkdir(parents=True)
    latest = tmp_path / "results" / "latest"
    os.symlink(run.name, latest)
    assert saved_run("latest", tmp_path / "results") == run.resolve()
    latest.unlink()
    latest.write_text(run.name + "\n")
    assert saved_run("latest", tmp_path / "results") == run.resolve()
    with pytest.raises(PlanError, match="did you mean '20260101T000000Z-reference-1'"):
        saved_run("20260101T000000Z-reference-2", tmp_path / "results")


def test_a_bisection_skips_what_nobody_can_judge_and_stops_at_a_wrong_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[int] = []
    monkeypatch.setattr(cli, "run", lambda _options: given.pop())
    for code, wanted in {0: 0, 1: 1, 2: 125, 70: 125}.items():
        given[:] = [code, code]
        assert main(["run", "contract", "--bisect"]) == wanted
        assert main(["run", "contract"]) == code
    assert main(["run", "contract", "--bisect", "--seed", "x"]) == 255
    assert main(["run", "contract", "--seed", "x"]) == EXIT_USAGE
    capsys.readouterr()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_has_a_first_line_before_the_libraries_are_loaded(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Progress, "is_terminal", is_terminal)
    options = parser().parse_args(["run", "mix", "--seed", "7"])
    options.words = ["run", "mix", "--seed", "7"]
    cli._begun(options, "run mix")
    assert capsys.readouterr().err == ("00:00 reference: run mix, seed 7\n" if is_terminal else "")


LIGHT_LIBRARIES = {"orjson"}
FIRST_LINE = """
import sys
before = set(sys.modules)
from iceworthy import cli
from iceworthy.orchestrator.progress import Progress

at_import = set(sys.modules) - before


def said(self, text):
    now = set(sys.modules) - before
    print("\\n".join(["line " + text, *sorted(at_import), "--", *sorted(now)]))
    raise KeyboardInterrupt


Progress.say = said
Progress.is_terminal = property(lambda self: True)
sys.exit(cli.main(sys.argv[1:]))
"""


def test_the_first_line_stands_there_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_LINE, "review", "--quick"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    first, _, rest = done.stdout.partition("\n")
    assert first.startswith("line reference: review, seed "), done.stderr
    at_import, _, at_line = (part.split() for part in rest.partition("--\n"))
    slow = {f"iceworthy.record.{name}" for name in ("review", "verdicts", "plan", "contract_lines")}
    assert not slow & {*at_import}
    loaded = {name.partition(".")[0] for name in at_line}
    assert "iceworthy" in loaded
    assert loaded - sys.stdlib_module_names - {"iceworthy"} <= LIGHT_LIBRARIES
    assert not loaded & {"asyncio", "multiprocessing", "sqlite3", "xml", "subprocess"}
