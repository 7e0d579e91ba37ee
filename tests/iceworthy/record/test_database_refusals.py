"""Logins that PostgreSQL refused for good are read from its log, whatever stands there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from iceworthy.record.database_refusals import SHOWN_MOST, login_refusal

AT = "2026-11-28 05:29:42.597 UTC [6633] "


def refusal(tmp_path: Path, *lines: str) -> str:
    (tmp_path / "postgres.log").write_text("".join(f"{line}\n" for line in lines))
    return login_refusal(tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        'database "lakehouse" does not exist',
        'role "admin" does not exist',
        'password authentication failed for user "catalog"',
        'no pg_hba.conf entry for host "10.0.0.1", user "x", database "y", no encryption',
    ],
)
def test_a_refusal_that_no_waiting_mends_is_told_in_postgresqls_words(
    tmp_path: Path, words: str
) -> None:
    starting = f"{AT}catalog@catalog FATAL:  the database system is starting up"
    assert refusal(tmp_path, starting, f"{AT}catalog@other FATAL:  {words}", starting) == words


def test_what_passes_by_itself_or_is_no_login_is_no_refusal(tmp_path: Path) -> None:
    assert not refusal(
        tmp_path,
        f"{AT}catalog@catalog FATAL:  the database system is starting up",
        f"{AT}catalog@catalog FATAL:  sorry, too many clients already",
        f'{AT}catalog@catalog ERROR:  relation "t" does not exist',
        f"{AT}catalog@catalog STATEMENT:  select 'FATAL:  database \"x\" does not exist'",
    )


def test_a_log_that_is_missing_damaged_or_hostile_has_none(tmp_path: Path) -> None:
    assert not login_refusal(tmp_path)
    (tmp_path / "postgres.log").write_bytes(b"\xff\xfe FATAL:  database")
    assert not login_refusal(tmp_path)
    (tmp_path / "postgres.log").unlink()
    os.mkfifo(tmp_path / "postgres.log")
    assert not login_refusal(tmp_path)
    (tmp_path / "postgres.log").unlink()
    long = "x" * 5_000
    assert len(refusal(tmp_path, f'{AT}FATAL:  database "{long}" does not exist')) == SHOWN_MOST
