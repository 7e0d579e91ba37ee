"""Progress: with -q nothing but warnings reaches a reader."""

from __future__ import annotations

import io

import pytest

from iceworthy import cli
from iceworthy.command_line import parser
from iceworthy.orchestrator.progress import Progress


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_quiet_user_reads_warnings_alone(stream: type[io.StringIO]) -> None:
    loud, quiet = stream(), stream()
    for into, is_quiet in ((loud, False), (quiet, True)):
        progress = Progress(into, lambda: 0.0, quiet=is_quiet)
        progress.say("steady: 1 of 12")
        progress.live("steady: building the world")
        progress.warn("steady: stopped")
    for line in ("steady: 1 of 12", "steady: building the world", "steady: stopped"):
        assert line in loud.getvalue()
    assert quiet.getvalue() == "00:00 steady: stopped\n"


@pytest.mark.parametrize(("words", "said"), [(["-q"], ""), ([], "00:00 reference: review")])
def test_the_command_line_asks_for_it(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Progress, "is_terminal", True)
    options = parser().parse_args(["review", *words])
    options.words = ["review", *words]
    progress, _ = cli._begun(options, "review")
    progress.say("more")
    seen = capsys.readouterr().err
    assert seen.startswith(said)
    assert bool(seen) is bool(said)
