"""The package as it is shipped: a wheel that has everything, and both kinds of editable install."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
FLOORS = {"registry": "plugreg", "backends": "plugreg/backends", "plugins": "plugreg/plugins"}
FLOORS["cli"] = "plugreg/cli"
OFFLINE = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what is built: building writes beside the sources."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(TOP / name, copy)
    for floor in FLOORS:
        shutil.copytree(TOP / floor, copy / floor, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def pip(*arguments: object, python: str = sys.executable) -> None:
    """Run pip and fail with what it says."""
    command = [python, "-m", "pip", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def lend_distributions(site: Path) -> None:
    """Link what is installed here into another environment, all but plugreg."""
    for place in map(Path, sys.path):
        if place.name == "site-packages":
            for entry in place.iterdir():
                own = entry.name.startswith(("plugreg", "__editable__", "__pycache__"))
                if not own and entry.suffix != ".pth" and not (site / entry.name).exists():
                    (site / entry.name).symlink_to(entry)


def test_the_wheel_has_every_module_and_the_type_marker(checkout, tmp_path):
    """A folder that is forgotten in pyproject.toml would be missing for users only."""
    pip("wheel", *OFFLINE, "--wheel-dir", tmp_path, checkout)
    [wheel] = tmp_path.glob("plugreg-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    for floor, target in FLOORS.items():
        for path in (checkout / floor).rglob("*.py"):
            assert f"{target}/{path.relative_to(checkout / floor).as_posix()}" in packed
    assert "plugreg/py.typed" in packed
    for path in (checkout / "cli" / "schemas").glob("*.json"):
        assert f"plugreg/cli/schemas/{path.name}" in packed
    assert not [name for name in packed if name.startswith(("tests/", "examples/"))]


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_both_kinds_of_editable_install_work(checkout, tmp_path, mode):
    """Imports, the command, and a new process all find the checkout."""
    source = tmp_path / "source"
    shutil.copytree(checkout, source)
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    [site] = (folder / "lib").glob("python*/site-packages")
    lend_distributions(site)
    config = ["--config-settings", f"editable_mode={mode}"]
    pip("install", *OFFLINE, *config, "--editable", source, python=python)
    code = "import plugreg.cli.app, plugreg.plugins.sources.wheel as w; print(w.__file__)"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert found.stdout.strip().startswith(str(source)), found.stderr
    command = [str(folder / "bin" / "plugreg"), "--version"]
    script = subprocess.run(command, capture_output=True, text=True)
    version = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"]
    assert script.stdout == f"plugreg {version}\n", script.stderr
