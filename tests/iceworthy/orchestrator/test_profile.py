"""The review runs the experiments that say so in their own files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from iceworthy import discovery
from iceworthy.orchestrator import profile
from iceworthy.words.experiment import Experiment, Load

SHIPPED = profile.default_order()


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three experiments more: with a place in the review, without a place, and broken."""
    load, names = discovery.load, discovery.names
    placed = Experiment(
        hypothesis="h", method=Load(scenario="mix"), order=45, quick={"duration_s": 1.0}
    )
    unplaced = Experiment(hypothesis="h", method=Load(scenario="mix"))
    more = {"a_placed": placed, "an_unplaced": unplaced}

    def loaded(kind: str, name: str) -> object:
        return more[name] if name in more else load(kind, name)

    def named(kind: str) -> dict[str, Path]:
        beside = dict.fromkeys([*more, "a_broken"], Path("x.py"))
        return {**names(kind), **beside} if kind == "experiment" else names(kind)

    monkeypatch.setattr(discovery, "load", loaded)
    monkeypatch.setattr(discovery, "names", named)
    profile._loaded.cache_clear()
    yield
    profile._loaded.cache_clear()


@pytest.mark.usefixtures("added")
def test_an_experiment_joins_the_review_by_its_own_file() -> None:
    order = profile.default_order()
    assert order[order.index("steady") + 1] == "a_placed"
    assert set(order) == {*SHIPPED, "a_placed"}
    assert profile.quick_changes("a_placed") == {"duration_s": 1.0}
    assert "a_placed" in profile.quick_order()


@pytest.mark.usefixtures("added")
def test_a_broken_experiment_has_no_place_and_is_known_by_name() -> None:
    assert "a_broken" not in profile.default_order()
    assert {"a_broken", "an_unplaced"} <= set(profile.known_experiments())


def test_no_two_experiments_of_the_review_have_the_same_place() -> None:
    places = [discovery.load("experiment", name).order for name in SHIPPED]
    assert len(places) == len(set(places)) > 5
