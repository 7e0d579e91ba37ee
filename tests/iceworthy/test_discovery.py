"""Content is found by its file name; a broken file breaks only itself."""

from pathlib import Path

import pytest

from iceworthy import discovery
from iceworthy.words.errors import PlanError


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        PlanError, match="no kind of content named 'chekcer'; did you mean 'checker'"
    ):
        discovery.kind_named("chekcer")


def test_plural_and_singular_name_the_same_kind() -> None:
    assert discovery.kind_named("criteria") is discovery.kind_named("criterion")
    assert discovery.kind_named("scenarios") is discovery.kind_named("scenario")


def test_a_broken_file_breaks_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "good.py").write_text('"""A good one."""\nSCENARIO = 1\n')
    (tmp_path / "scenarios" / "torn.py").write_text("def (:\n")
    (tmp_path / "scenarios" / "_hidden.py").write_text("")
    monkeypatch.setattr(discovery, "ensure_importable", lambda: tmp_path)
    assert list(discovery.names("scenario")) == ["good", "torn"]
    assert discovery.summary("scenario", "good") == "A good one."
    assert "broken" in discovery.summary("scenario", "torn")
