"""A limit that no run can live with is one message; a limit that is high enough is none."""

import os
import resource
from pathlib import Path

import pytest

from iceworthy.orchestrator import machine_limits
from iceworthy.orchestrator.machine_limits import refuse_low_limits, refuse_too_many_sessions
from iceworthy.words.errors import PlanError, StackError

MB = machine_limits.MEGABYTE
ENOUGH = {resource.RLIMIT_AS: 8000 * MB, resource.RLIMIT_FSIZE: resource.RLIM_INFINITY}


def limited(monkeypatch: pytest.MonkeyPatch, which: int, soft: int, hard: int) -> None:
    found = {which: (soft, hard)}
    monkeypatch.setattr(
        resource,
        "getrlimit",
        lambda limit: found[limit] if limit in found else (ENOUGH[limit], ENOUGH[limit]),
    )


@pytest.mark.parametrize(
    ("which", "soft_mb", "said"),
    [
        (resource.RLIMIT_AS, 300, "this needs 2000 MB of address space"),
        (resource.RLIMIT_FSIZE, 1, "this needs 256 MB of file size; the limit is 1.0 MB"),
    ],
)
def test_a_run_is_refused_below_what_it_needs(
    which: int, soft_mb: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, which, soft_mb * MB, resource.RLIM_INFINITY)
    with pytest.raises(StackError, match=said) as raised:
        refuse_low_limits(runs=True)
    assert "\n" not in str(raised.value)
    refuse_low_limits(runs=False)
    limited(monkeypatch, which, ENOUGH[resource.RLIMIT_AS], resource.RLIM_INFINITY)
    refuse_low_limits(runs=True)


def test_a_folder_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    os.rmdir(here)
    with pytest.raises(StackError, match="go to a folder that exists"):
        refuse_low_limits(runs=False)


def test_sessions_are_held_against_each_load_process(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, resource.RLIMIT_NOFILE, 1024, 1024)
    refuse_too_many_sessions(768, 1)
    refuse_too_many_sessions(1536, 2)
    with pytest.raises(PlanError, match="--sessions 768"):
        refuse_too_many_sessions(769, 1)
