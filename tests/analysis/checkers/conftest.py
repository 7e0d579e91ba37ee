"""Shared by the tests of checkers: all checkers by name, and the makers of runs in this folder."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from analysis.run import Run
from iceworthy import discovery
from iceworthy.words.verdict import Verdict

CHECKERS = tuple(name for name in discovery.names("checker") if name != "commit_steps")
"""Those that judge any history; commit_steps judges what one driver did (test_commit_steps.py)."""


def beside(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    known = f"tests_analysis_checkers_{name}"
    if known not in sys.modules:
        path = Path(__file__).with_name(f"{name}.py")
        spec = importlib.util.spec_from_file_location(known, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[known] = module
        spec.loader.exec_module(module)
    return sys.modules[known]


def judge(name: str, run: Run) -> Verdict:
    """One checker's verdict on a run."""
    module = importlib.import_module(f"analysis.checkers.{name}")
    verdict = module.check(run if getattr(module, "NEEDS_RUN", False) else run.history)
    assert isinstance(verdict, Verdict)
    return verdict


@pytest.fixture(scope="session")
def checkers() -> tuple[str, ...]:
    return CHECKERS


@pytest.fixture(scope="session")
def judged() -> Callable[[str, Run], Verdict]:
    return judge


@pytest.fixture(scope="session")
def simulated() -> ModuleType:
    return beside("simulated")


@pytest.fixture(scope="session")
def written() -> ModuleType:
    return beside("written")
