"""The wheel holds one package and works from any folder, beside a foreign package named like ours.

Method: built by the locked hatchling without a network, unpacked into an environment of its own
that borrows this one's libraries by path (so that an editable install of this one does not count).
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*words: str, cwd: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment with the wheel, and with a foreign package named fixtures."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "v"), cwd=folder)
    python = folder / "v" / "bin" / "python"
    site = Path(
        run(
            str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
        ).strip()
    )
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (site / "fixtures").mkdir()
    (site / "fixtures" / "__init__.py").write_text("raise ImportError('the foreign one')\n")
    return python


def test_the_wheel_has_one_package_and_nothing_of_a_run(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"iceworthy"}
    assert "iceworthy/_suite/fixtures/targets/bingsan.toml" in names
    assert "iceworthy/_suite/analysis/checkers/__init__.py" in names
    unwanted = ("__pycache__", ".pyc", ".ipynb_checkpoints", "tests/", "results/")
    assert not [name for name in names if any(part in name for part in unwanted)]


def test_every_file_of_the_suite_is_shipped(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name.removeprefix("iceworthy/_suite/") for name in archive.namelist()}
    missing = [
        str(path.relative_to(ROOT))
        for folder in ("analysis", "chaos", "fixtures", "scenarios")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
        and str(path.relative_to(ROOT)) not in shipped
    ]
    assert not missing, missing


def test_the_wheel_lists_its_content_from_any_folder(installed: Path, tmp_path: Path) -> None:
    shown = run(str(installed), "-m", "iceworthy", "list", cwd=tmp_path)
    assert "bingsan" in shown
    assert "cut_link" in shown
    assert "(broken" not in shown


def test_a_foreign_package_of_the_same_name_does_not_win(installed: Path, tmp_path: Path) -> None:
    code = "from iceworthy.suite_path import ensure_importable; ensure_importable(); import fixtures.world as w; print(w.__file__)"  # noqa: E501
    assert "iceworthy/_suite/fixtures" in run(str(installed), "-c", code, cwd=tmp_path)


def test_the_wheel_has_its_command_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entry,) = [name for name in names if name.endswith("entry_points.txt")]
        assert b"iceworthy = iceworthy.__main__:main" in archive.read(entry)
    assert [name for name in names if name.endswith("licenses/LICENSE")]


def test_an_editable_install_copies_nothing(tmp_path: Path) -> None:
    code = f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})"
    run(sys.executable, "-c", code, cwd=ROOT)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        (path,) = names
        assert archive.read(path).decode().strip() == str(ROOT)
