"""The documents say what is: commands parse, tables are complete, links lead on, examples load.

Not shown: that the sentences between them are true.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from iceworthy import command_line, discovery
from iceworthy.orchestrator.listing import content_markdown
from iceworthy.record.describe import formats_markdown
from iceworthy.record.streams import KINDS
from iceworthy.words import errors
from iceworthy.words.target_checks import PLACEHOLDERS
from iceworthy.words.target_file import SECTIONS, load_target

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "compose/*.md") for path in ROOT.glob(pattern)
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """The lines of plain fenced blocks and the inline code that call make or iceworthy."""
    lines = [line for block in blocks(text) for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))
    found = []
    for line in lines:
        call = re.match(r"(?:[A-Z_]+=\S+ )*(?:\S*/)?(make|iceworthy)((?: [^\s<(].*)?)$", line)
        if call:
            found.append([call[1], *shlex.split(call[2], comments=True)])
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_in_a_document_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    for program, *words in commands(path.read_text(encoding="utf-8")):
        if program == "make":
            named = {word for word in words if "=" not in word}
            assert named <= targets, f"no make target {named - targets}"
        elif len(words) == 1 and words[0] in command_line.VERBS:
            continue  # the verb by its name alone
        elif words and words != ["--help"]:
            command_line.parser().parse_args(words)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8"))
    broken = [one for one in links if "://" not in one and not (path.parent / one).exists()]
    assert not broken, broken


def test_the_readme_is_one_screen_and_names_every_verb() -> None:
    readme = text_of("README.md")
    assert len(readme.splitlines()) <= 75
    assert not [verb for verb in command_line.VERBS if f"iceworthy {verb}" not in readme]


def test_the_readme_tells_the_exit_codes() -> None:
    told = dict(
        re.findall(r"(\d+) (pass|fail|unknown|usage|the suite's own fault)", text_of("README.md"))
    )
    assert {int(code): word for code, word in told.items()} == {
        errors.EXIT_PASS: "pass",
        errors.EXIT_FAIL: "fail",
        errors.EXIT_UNKNOWN: "unknown",
        errors.EXIT_USAGE: "usage",
        errors.EXIT_SUITE_BUG: "the suite's own fault",
    }


def rows(text: str) -> dict[str, list[str]]:
    """First cell, without its quotes -> cells, of every table row whose first cell is code."""
    cells = [
        [cell.strip() for cell in line.strip("| \n").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    return {re.findall(r"`([^`]+)`", row[0])[0]: row for row in cells}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_a_target_has_its_row_and_its_default(section: str) -> None:
    documented = rows(
        text_of("docs/targets.md").split(f"`[{section}]`")[1].split("\n`[")[0].split("\n## ")[0]
    )
    keys = {field.name: field for field in fields(SECTIONS[section])}
    assert set(documented) == set(keys)
    for name, field in keys.items():
        told = documented[name][2]
        default: Any = field.default if field.default is not MISSING else None
        if isinstance(default, str | int | float) and default != "":
            assert json.dumps(default) in told, (
                f"{section}.{name}: default {default!r}, told {told}"
            )


def test_every_placeholder_has_its_row() -> None:
    table = text_of("docs/targets.md").split("## Placeholders")[1].split("\n## ")[0]
    told = set(re.findall(r"`\{(\w+)(?::NAME)?\}`", table))
    assert told == PLACEHOLDERS | {"env"}


def test_the_examples_of_targets_load(tmp_path: Path) -> None:
    examples = blocks(text_of("docs/targets.md"), "toml") + blocks(
        text_of("CONTRIBUTING.md"), "toml"
    )
    assert len(examples) == 5
    for number, example in enumerate(examples):
        file = tmp_path / f"example-{number}.toml"
        file.write_text(example, encoding="utf-8")
        load_target(str(file))


def test_the_examples_of_contributing_run() -> None:
    examples = blocks(text_of("CONTRIBUTING.md"), "python")
    wanted = [kind.attribute for kind in discovery.KINDS.values() if kind.attribute]
    assert len(examples) == len(wanted)
    for example in examples:
        assert ast.get_docstring(ast.parse(example))
        space: dict[str, Any] = {"__name__": "example"}
        exec(compile(example, "CONTRIBUTING.md", "exec"), space)
        assert any(attribute in space for attribute in wanted)


def test_contributing_names_every_kind_with_its_folder() -> None:
    guide = text_of("CONTRIBUTING.md")
    for kind in discovery.KINDS.values():
        row = next((line for line in guide.splitlines() if line.startswith(f"| {kind.name} |")), "")
        assert f"{kind.folder}/NAME" in row, kind.name
        assert f"`{kind.attribute or 'summary'}`" in row, kind.name


def test_every_stream_of_a_run_has_its_row() -> None:
    formats = text_of("docs/formats.md")
    assert not [kind for kind in KINDS if f"### {kind.STREAM}.jsonl (format " not in formats]
    assert formats_markdown(formats) == formats, "run `make docs`"


def test_the_tour_names_files_that_are_there() -> None:
    tour = text_of("docs/tour.md")
    assert len(tour.splitlines()) < 150
    named = set(re.findall(r"\b[a-z]+(?:/[a-z_0-9]+)*/?[a-z_0-9]+\.py\b", tour))
    assert len(named) > 25
    assert not sorted(name for name in named if not (ROOT / name).is_file())


def test_every_decision_is_listed() -> None:
    listed = set(re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", text_of("docs/decisions/README.md")))
    assert listed == {path.name for path in (ROOT / "docs/decisions").glob("0*.md")}


def test_the_table_of_content_is_up_to_date() -> None:
    told = text_of("docs/content.md")
    assert told == content_markdown(), "run `make docs`"
