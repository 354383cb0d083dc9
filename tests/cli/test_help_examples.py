"""The example in the help of each command works, typed as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from plugreg import Registry, backends
from plugreg.cli.app import COMMANDS
from plugreg.plugins import read_project

from .test_add_many import make_directory


@pytest.fixture
def home(tmp_path, environment, catalog, plugreg):
    """A home with what the examples name: projects, a history, databases, an environment."""
    folder = tmp_path / "home"
    (folder / "dist").mkdir(parents=True)
    (folder / ".cache" / "app").mkdir(parents=True)
    _make_environment(folder / "venvs" / "datasette")
    make_directory(folder, "my-plugin")
    for path in (folder / "my-plugin").iterdir():  # `plugreg check .` looks here
        (folder / path.name).write_bytes(path.read_bytes())
    _make_wheel(folder / "dist" / "other-1.0-py3-none-any.whl")
    for file in ("old.db", ".cache/app/shelf.db"):
        backends.require_flavour("gnu").write_fresh(str(folder / file), [(b"key", b"value")])
    with Registry.open(catalog) as registry:
        for name in ("datasette-auth", "datasette-cluster-map"):
            registry.add(read_project(make_directory(tmp_path / "src", name)))
        registry.set("datasette-auth", tags=["web"])
        while len(list(registry.history())) < 12:
            registry.disable("datasette-cluster-map")
            registry.enable("datasette-cluster-map")
    (folder / "plugins.json").write_text(plugreg("export").out)
    (folder / "old.jsonl").write_text(plugreg("dump", str(folder / "old.db")).out)
    return folder


def _make_wheel(path: Path) -> None:
    import zipfile

    info = "other-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("other.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", "[datasette]\nother = other\n")
        wheel.writestr(f"{info}/RECORD", "")


def _make_environment(folder: Path) -> None:
    venv.create(folder, symlinks=True)
    [site] = (folder / "lib").glob("python*/site-packages")
    info = site / "datasette_there-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: datasette-there\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[datasette]\nthere = there\n")


def example_of(help_text: str) -> str:
    """Return the command line of an example, which may be broken into lines."""
    found = re.search(r"^ *Example: (.*?)\n\n", help_text, re.MULTILINE | re.DOTALL)
    assert found
    return " ".join(found[1].split())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_works(plugreg, environment, home, tmp_path, command):
    """Its exit status is 0, and it says no error."""
    if command == "bisect":  # needs something to find
        broken = Path(make_directory(tmp_path / "src", "broken"))
        (broken / "broken.py").write_text("1 / 0\n")
        assert plugreg("add", str(broken)).status == 0
    line = example_of(plugreg(command, "--help").out)
    assert line.startswith(f"plugreg {command}")
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        line,
        shell=True,
        cwd=home,
        env={**environment, "HOME": str(home), "PATH": paths},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "error:" in done.stderr) == (0, False), done.stderr
    if command not in ("export", "dump", "doctor"):  # which write a file, and have nothing to say
        assert done.stdout
