"""What a user's own file may import is declared, exists, and suffices for the examples.

Method: CONTRIBUTING.md's table against `__all__` of the modules; its examples against the table;
then the examples are put into a copy of the suite as content, loaded by name and used there.
Not shown: that the names keep their meaning from one version to the next.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from iceworthy import discovery
from tests.source_tree import ROOT, TOPS, imports, top

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECORDED = ROOT / "tests" / "analysis" / "recorded" / "small-review.tar.xz"
NAME = "example"


def declared() -> dict[str, set[str]]:
    """Module -> names, as CONTRIBUTING.md's table has them."""
    table = GUIDE.split("## What your file may import")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", table, re.MULTILINE)
    return {module: set(re.findall(r"`(\w+)`", names)) for module, names in rows}


def examples() -> dict[str, str]:
    """Kind of content -> the example's text."""
    found = {}
    for text in re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL):
        tree = ast.parse(text)
        defined = {node.name for node in tree.body if hasattr(node, "name")}
        for node in tree.body:
            if isinstance(node, ast.Assign):
                defined |= {one.id for one in node.targets if isinstance(one, ast.Name)}
            elif isinstance(node, ast.ImportFrom):
                defined |= {alias.name for alias in node.names}
        (kind,) = [
            kind.name for kind in discovery.KINDS.values() if kind.attribute in defined - {""}
        ]
        found[kind] = text
    return found


def test_the_table_is_there() -> None:
    assert len(declared()) > 10


SAYS = """
import importlib, json, sys

said = {}
for module in sys.argv[1:]:
    loaded = importlib.import_module(module)
    said[module] = {one: (getattr(loaded, one).__doc__ or "").strip() for one in loaded.__all__}
print(json.dumps(said))
"""


@functools.cache
def said() -> dict[str, dict[str, str]]:
    """Module -> name in __all__ -> docstring. A process reads them: Locust patches the standard
    library of the process that imports it. Its modules come first, for that reason too."""
    modules = sorted(declared(), key=lambda one: "locust" not in one)
    argv = [sys.executable, "-c", SAYS, *modules]
    child = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, str]] = json.loads(child.stdout)
    return found


@pytest.mark.parametrize("module", declared())
def test_what_is_declared_is_what_the_module_says(module: str) -> None:
    assert set(said()[module]) == declared()[module]
    assert not any(part.startswith("_") for part in module.split("."))
    for name, text in said()[module].items():
        assert not name.startswith("_")
        assert text, f"{module}.{name} says nothing"


def test_every_kind_of_content_has_its_example() -> None:
    wanted = {kind.name for kind in discovery.KINDS.values() if kind.attribute}
    assert set(examples()) == wanted


@pytest.mark.parametrize("kind", examples())
def test_an_example_imports_what_is_declared_alone(kind: str) -> None:
    tree = ast.parse(examples()[kind])
    wrong = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and top(str(node.module)) in TOPS:
            known = declared().get(str(node.module), set())
            wrong += [f"{node.module}.{a.name}" for a in node.names if a.name not in known]
        elif isinstance(node, ast.Import):
            wrong += [alias.name for alias in node.names if top(alias.name) in TOPS]
    assert not wrong, wrong
    foreign = {top(module) for module, _ in imports(tree)} - TOPS - set(sys.stdlib_module_names)
    assert not foreign, foreign


USES = """
import json, sys, types
from pathlib import Path

from analysis.run import Run
from iceworthy import discovery
from iceworthy.contract.case import cases_of
from iceworthy.record.run_folder import RunFolder

recorded, kinds = Path(sys.argv[1]), sys.argv[2].split(",")
loaded = {kind: discovery.load(kind, "example") for kind in kinds}
run = Run(recorded)
link = types.SimpleNamespace(delay=lambda latency_ms: {"t_ns": 7, "ms": latency_ms})
link.restore = lambda: steps.append("restored")
steps = []
node = types.SimpleNamespace(database_link=link)
live = types.SimpleNamespace(nodes=[node], database=types.SimpleNamespace(
    hold_acks=lambda: steps.append("held"), release_acks=lambda: steps.append("released")))
fault = loaded["fault"]({"latency_ms": 50})
evidence = fault.inject(live, 0)
fault.heal(live, 0)
folder = RunFolder(Path(sys.argv[3]))
loaded["driver"](live, None, folder)
asked = []
place = types.SimpleNamespace(namespace=("n",), name="t")
session = types.SimpleNamespace(
    rng=types.SimpleNamespace(choice=lambda tables: tables[0]),
    world=types.SimpleNamespace(tables=[place]),
    wire=types.SimpleNamespace(load_table=lambda namespace, name: (namespace, name)),
    ask=asked.append,
)
loaded["action"](session)
seams = types.SimpleNamespace()
loaded["lie"].install(seams)
print(json.dumps({
    "root": str(Path(discovery.__file__).resolve().parents[1]),
    "checker": loaded["checker"](run.history).judgement.value,
    "criterion": loaded["criterion"](run).judgement.value,
    "cases": [case.name for case in cases_of("example")],
    "evidence": dict(evidence.facts),
    "steps": steps,
    "asked": asked,
    "scenario": [role.name for role in loaded["scenario"].roles],
    "experiment": [fault.fault for fault in loaded["experiment"].faults],
    "lie": list(vars(seams)),
    "summaries": {kind: discovery.summary(kind, "example") for kind in kinds},
}))
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the suite with every example as a piece of content named `example`."""
    root = tmp_path_factory.mktemp("suite")
    for folder in TOPS - {"locustfile"}:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for kind, text in examples().items():
        file = root / discovery.KINDS[kind].folder / f"{NAME}.py"
        assert not file.exists()
        file.write_text(text, encoding="utf-8")
    return root


def in_copy(suite: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(suite), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, *words]
    done = subprocess.run(
        argv, cwd=suite, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_examples_work_as_content(suite: Path, tmp_path: Path) -> None:
    safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(RECORDED) as packed:
        packed.extractall(tmp_path, **safely)
    run = next(tmp_path.glob("*/experiments/steady"))
    (tmp_path / "driven").mkdir()
    said = in_copy(
        suite, "-c", USES, str(run), ",".join(sorted(examples())), str(tmp_path / "driven")
    )
    found = json.loads(said.splitlines()[-1])
    assert found["root"] == str(suite.resolve())
    assert found["checker"] == "pass"
    assert found["criterion"] == "pass"
    assert found["cases"]
    assert found["evidence"] == {"t_ns": 7, "ms": 50}
    assert found["steps"] == ["restored", "held", "released"]
    assert found["asked"] == [[["n"], "t"]]
    assert found["scenario"] == ["readers"]
    assert found["experiment"] == ["delay"]
    assert found["lie"] == ["load_namespace"]
    assert all(found["summaries"].values())


def test_the_command_lists_an_example(suite: Path) -> None:
    listed = in_copy(suite, "-m", "iceworthy", "list", "scenario")
    assert re.search(rf"^\s*{NAME}\b", listed, re.MULTILINE)
