"""Other load generators get the same work: their commands say the rate and the connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.bench import others

URL = "http://127.0.0.1:1"


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, others.Other]:
    """All of them, as stand-ins on PATH."""
    for name in ("k6", "vegeta", "wrk"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return {other.name: other for other in others.found()}


def argv(other: others.Other, pace: str, work: Path) -> list[str] | None:
    return other.argv(pace, URL, 1000, 5.0, work)


def test_only_those_on_path_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert others.found() == []


def test_wrk_has_no_pace(known: dict[str, others.Other], tmp_path: Path) -> None:
    assert argv(known["wrk"], "paced", tmp_path) is None
    assert argv(known["wrk"], "closed", tmp_path) == [
        "wrk",
        "-t1",
        "-c1000",
        "-d5s",
        URL + others.PATH,
    ]


def test_vegeta_keeps_a_rate_or_a_number_of_workers(
    known: dict[str, others.Other], tmp_path: Path
) -> None:
    assert "-rate=1000" in (argv(known["vegeta"], "paced", tmp_path) or [])
    assert "-max-workers=1000" in (argv(known["vegeta"], "closed", tmp_path) or [])
    assert (tmp_path / "vegeta.targets").read_text() == f"GET {URL}{others.PATH}\n"


@pytest.mark.parametrize(("pace", "period"), [("paced", "1.0"), ("closed", "0.0")])
def test_k6_thinks_for_the_rest_of_a_period(
    known: dict[str, others.Other], tmp_path: Path, pace: str, period: str
) -> None:
    command = argv(known["k6"], pace, tmp_path)
    assert command is not None
    script = Path(command[-1]).read_text()
    assert "vus: 1000, duration: '5s'" in script
    assert f"const left = {period} -" in script
    assert URL + others.PATH in script
