"""Fixtures for the tests of every folder."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

from tests import open_sockets
from tests.open_sockets import pytest_runtest_teardown
from tests.servers import fake_database, live_over, raw_server, tiny_catalog
from tests.turns import (
    pytest_collection_modifyitems,
    pytest_configure_node,
    pytest_make_collect_report,
    pytest_runtest_protocol,
    pytest_unconfigure,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)

__all__ = [
    "fake_database",
    "live_over",
    "official_document",
    "pytest_collection_modifyitems",
    "pytest_configure_node",
    "pytest_make_collect_report",
    "pytest_runtest_protocol",
    "pytest_runtest_teardown",
    "pytest_unconfigure",
    "pytest_xdist_auto_num_workers",
    "pytest_xdist_make_scheduler",
    "raw_server",
    "tiny_catalog",
]

# Neither a deadline nor the health check of slowness: both measure the machine's time.
hypothesis.settings.register_profile(
    "busy machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("busy machine")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_configure() -> None:
    """The makers of sockets are remembered (tests/open_sockets.py).

    Signals as a terminal hands them down: in the background of a shell, or under nohup, SIGINT
    and SIGHUP come ignored, and what the tests start would rightly ignore them too."""
    open_sockets.watch()
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def official_document() -> str:
    """Apache Iceberg's REST OpenAPI document, kept beside the checkout; not part of the project."""
    document = SHARED / "openapi" / "rest-catalog-open-api.yaml"
    if document.is_file():
        return document.read_text(encoding="utf-8")
    lacking = f"the official OpenAPI document is not at ../shared/openapi/{document.name}"
    if os.environ.get("CI") and "document" not in os.environ.get("SKIP", "").split():
        pytest.fail(f"{lacking}; in CI it must be, or SKIP must name it", pytrace=False)
    pytest.skip(lacking)
