"""A variant is right when no judge accuses it and something was judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.requirements import requirement
from iceworthy.discovery import load, names
from iceworthy.orchestrator import variants
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.settings import Settings
from iceworthy.orchestrator.variants import (
    Red,
    VariantRow,
    as_json,
    chosen_variants,
    run_variants,
    table,
    undecided,
)
from iceworthy.words.errors import PlanError
from iceworthy.words.target_file import load_target
from iceworthy.words.variant import Lack, Variant

ROW = VariantRow(variant="slow", reds=(), passed=3, undecided=1, seconds=2.0)
LACK = Lack(requirement="FR-001", judge="contract_phases", why="few operations")
ACCUSED = replace(ROW, reds=(Red(experiment="contract", judge="contract_cases", reason="why"),))


def test_a_variant_must_be_judged_and_accused_by_nobody() -> None:
    assert ROW.right
    assert not ACCUSED.right
    assert not replace(ROW, passed=0).right
    assert not replace(ROW, problem="(survey: nothing passed)").right


def test_what_a_variant_lacks_must_fail_and_nothing_else() -> None:
    red = Red(experiment="contract", judge="contract_phases", reason="not advertised: views")
    lacking = replace(ROW, reds=(red,), lacks=(LACK,))
    assert lacking.right
    assert not replace(ROW, reds=(red,)).right
    assert not replace(ROW, lacks=(LACK,)).right
    assert not replace(lacking, broken=("views.a_view",)).right
    assert not replace(lacking, reds=(red, ACCUSED.reds[0])).right
    shown = table([lacking, replace(ROW, lacks=(LACK,)), replace(ROW, broken=("x.y",))])
    assert "lacks FR-001 (contract_phases): few operations" in shown
    assert "lacks FR-001 (contract_phases), and no judge saw it" in shown
    assert "broken: x.y" in shown


@pytest.mark.parametrize("name", sorted(names("variant")))
def test_what_a_variant_lacks_is_a_judge_of_that_requirement(name: str) -> None:
    variant: Variant = load("variant", name)
    for lack in variant.lacks:
        judges = {str(basis.judge) for basis in requirement(lack.requirement).bases}
        assert lack.judge in judges
        assert lack.why


def test_no_name_means_all_variants_and_an_unknown_one_is_refused() -> None:
    assert chosen_variants([]) == [*names("variant")]
    with pytest.raises(PlanError, match="did you mean 'chunked'"):
        chosen_variants(["chunkde"])


def test_a_contract_that_was_hardly_asked_shows_nothing() -> None:
    assert undecided("contract", []) == []
    assert undecided("contract", ["holds"] * 95 + ["unknown"] * 5) == []
    (problem,) = undecided("contract", ["holds"] * 4 + ["unknown"] * 6)
    assert problem == "(contract: 6 of 10 cases were not decided)"


def test_the_table_names_what_accuses() -> None:
    lines = table([ROW, ACCUSED]).splitlines()
    assert lines[0].startswith("✓ right slow")
    assert lines[1].startswith("✕ WRONG slow")
    assert lines[2].strip() == "contract: contract_cases: why"
    (_, accused) = as_json([ROW, ACCUSED])
    assert accused["red"] == [
        {"experiment": "contract", "judge": "contract_cases", "reason": "why"}
    ]


def test_only_the_reference_is_varied(tmp_path: Path) -> None:
    settings = Settings(
        target=load_target("bingsan"), target_name="bingsan", seed=1, results=tmp_path
    )
    with pytest.raises(PlanError, match="takes no other target"):
        run_variants(settings, ["slow"], Progress())


def test_the_rows_so_far_are_kept_after_each_variant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(variants, "_one", lambda name, *_: replace(ROW, variant=name))
    settings = Settings(
        target=load_target("reference"), target_name="reference", seed=1, results=tmp_path
    )
    run_variants(
        settings,
        ["slow", "gzip"],
        Progress(),
        keep=lambda rows: seen.append([one.variant for one in rows]),
    )
    assert seen == [["slow"], ["slow", "gzip"]]
