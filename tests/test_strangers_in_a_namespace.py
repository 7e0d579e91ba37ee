"""Of a whole catalog that names a stranger everywhere, not one packet goes to the stranger.

Other tests ask each way by itself and see connections that are accepted. Here the kernel is asked:
in a network namespace of its own, every packet that leaves for another address than 127.0.0.0/8 is
seen, whichever part of the suite, or of a library, sent it, and whatever becomes of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.in_a_namespace import NOT_MADE, STRANGER

ROOT = Path(__file__).resolve().parents[1]
CASES = ("remote_signing", "vended_credentials", "configuration", "listings")
"""Those that read a URL in an answer, or could; `python -m tests.in_a_namespace '*'` asks all."""


@pytest.fixture(scope="module")
def seen() -> dict[str, object]:
    """What was sent, and how each case ended."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a network namespace")
    command = [sys.executable, "-m", "tests.in_a_namespace", *(f"{name}.*" for name in CASES)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)
    if done.returncode == NOT_MADE:
        pytest.skip(f"no network namespace can be made here: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_no_packet_leaves_for_the_stranger(seen: dict[str, object]) -> None:
    assert seen["packets"] == 0


def test_a_packet_to_the_stranger_would_have_been_seen(seen: dict[str, object]) -> None:
    assert isinstance(seen["control"], int)
    assert seen["control"] >= 1


def test_each_place_that_a_client_would_follow_is_named(seen: dict[str, object]) -> None:
    cases = seen["cases"]
    assert isinstance(cases, dict)
    signed, came = cases["remote_signing.a_signed_read_of_the_tables_own_file_works"]
    assert (signed, STRANGER in came) == ("broken", True)
    vended, came = cases["vended_credentials.a_client_works_below_its_tables_location"]
    assert (vended, STRANGER in came) == ("unknown", True)
    for name in (
        "configuration.the_uri_that_clients_must_use_serves",
        "configuration.clients_are_sent_nowhere_unseen[oauth2-server-uri]",
        "vended_credentials.a_client_learns_where_to_get_later_credentials",
        "remote_signing.a_client_is_sent_for_signatures_nowhere_unseen[s3.signer.uri]",
    ):
        ended, came = cases[name]
        assert (ended, f"--allow-host {STRANGER}" in came) == ("unknown", True), (name, came)
    assert len(cases) > 100
