"""list and describe show all content, broken ones included, and import only what they describe."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from iceworthy import discovery
from iceworthy.orchestrator import listing
from iceworthy.words.errors import PlanError


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own suite root: a sound and a broken checker, a fault and an experiment of one name."""
    checkers = tmp_path / "analysis" / "checkers"
    checkers.mkdir(parents=True)
    (checkers / "sound.py").write_text('"""First line.\n\nMore of it.\n"""\nraise RuntimeError\n')
    (checkers / "broken.py").write_text("def (\n")
    (checkers / "_hidden.py").write_text("")
    for folder in ("chaos/faults", "chaos/experiments"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "twin.py").write_text(f'"""Of {folder}."""\n')
    for module in (discovery, listing):
        name = "ensure_importable" if module is discovery else "suite_root"
        monkeypatch.setattr(module, name, lambda: tmp_path)
    return tmp_path


def test_a_broken_file_is_listed_as_broken_and_hides_no_other(suite: Path) -> None:
    lines = listing.list_text("checkers").splitlines()
    assert lines[1] == "sound   First line."
    assert lines[0].startswith("broken  (broken:")
    assert len(lines) == 2


def test_every_kind_is_shown_when_none_is_asked_for(suite: Path) -> None:
    text = listing.list_text()
    assert all(kind.plural in text for kind in discovery.KINDS.values())
    assert "criteria" in text
    assert "(none)" in text


def test_all_there_is_fits_one_screen() -> None:
    lines = listing.list_text().splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100


def test_a_requirement_is_described_by_its_id() -> None:
    text = listing.describe_text("fr-004")
    assert "requirement FR-004: Optimistic concurrency" in text
    assert "cas_exclusivity" in text
    assert "iceworthy review --only FR-004" in text
    assert "not judged yet" in listing.describe_text("SC-008")
    with pytest.raises(PlanError, match="did you mean 'FR-004'"):
        listing.describe_text("FR-0004")


def test_a_kind_may_be_in_the_plural_and_a_mistyped_one_is_named(suite: Path) -> None:
    assert listing.list_text("criteria") == listing.list_text("criterion")
    with pytest.raises(PlanError, match="did you mean 'checker'"):
        listing.list_text("chekers")


def test_describe_shows_the_whole_docstring_even_when_the_file_cannot_be_loaded(
    suite: Path,
) -> None:
    text = listing.describe_text("sound")
    assert "More of it." in text
    assert "file: analysis/checkers/sound.py" in text
    assert "(broken:" in text


def test_one_name_of_two_kinds_is_shown_twice_or_as_asked(suite: Path) -> None:
    assert listing.describe_text("twin").count("file: ") == 2
    assert "Of chaos/faults." not in listing.describe_text("experiment:twin")


def test_describe_names_the_nearest(suite: Path) -> None:
    with pytest.raises(PlanError, match="did you mean 'sound'"):
        listing.describe_text("sund")
    with pytest.raises(PlanError, match="did you mean 'twin'"):
        listing.describe_text("fault:twim")


def test_an_experiment_is_described_field_by_field() -> None:
    text = listing.describe_text("experiment:cut_link")
    assert "hypothesis: " in text
    assert "fault=cut_link" in text


def test_a_target_is_described_without_python() -> None:
    text = listing.describe_text("bingsan")
    assert "ICEBERG_SERVER_PORT" in text


def test_listing_imports_nothing(suite: Path) -> None:
    before = set(sys.modules)
    listing.list_text()
    assert {
        name for name in set(sys.modules) - before if name.startswith(("analysis", "chaos"))
    } == set()
