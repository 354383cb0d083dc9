"""The faces of the folders: what they promise is there, and looking at them costs nothing."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

FACES = ["plugreg", "plugreg.backends", "plugreg.plugins"]
# What a host's start would pay for: no face may bring it along.
COSTLY = {
    "sqlite3", "pickle", "shelve", "typing", "dataclasses", "pathlib", "tempfile", "dbm",
    "filelock", "pluggy", "platformdirs", "packaging", "typer", "importlib.metadata", "json",
    "hashlib",
    "plugreg.registry", "plugreg.project", "plugreg.backends.errors", "plugreg.backends.opening",
}  # fmt: skip
# And what reading a catalog does without.
NOT_FOR_READING = {
    "typing", "dataclasses", "pathlib", "tempfile", "shutil", "filelock", "pluggy", "platformdirs",
    "packaging", "typer", "importlib.metadata", "json", "hashlib", "subprocess", "difflib",
}  # fmt: skip


def loaded_after(program: str, *arguments: str) -> set[str]:
    """Return the modules that a fresh Python has loaded after a program, beyond its own start."""
    show = "import sys; before = set(sys.modules)\n{}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", show.format(program), *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


@pytest.mark.parametrize("face", FACES)
def test_everything_promised_is_there(face: str) -> None:
    """Every name of `__all__` can be had, `__all__` is sorted, and each name is in it once."""
    module = importlib.import_module(face)
    for name in module.__all__:
        assert getattr(module, name) is not None
    plain = sorted(module.__all__, key=lambda name: (not name.isupper(), name))
    capital = [name for name in plain if name[0].isupper()]
    assert module.__all__ == capital + [name for name in plain if not name[0].isupper()]
    assert len(set(module.__all__)) == len(module.__all__)


@pytest.mark.parametrize("face", FACES)
def test_the_three_lists_of_a_face_agree(face: str) -> None:
    """What type checkers see, where each name lives, and what is promised are the same names."""
    module = importlib.import_module(face)
    assert module.__file__
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    seen = {
        alias.asname or alias.name
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == set(module._ROOMS) == set(module.__all__)


@pytest.mark.parametrize("face", FACES)
def test_a_name_that_is_not_there(face: str) -> None:
    """An AttributeError as any module's, so that hasattr works."""
    module = importlib.import_module(face)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = module.nothing
    assert not hasattr(module, "__path_of_nothing__")


@pytest.mark.parametrize("face", FACES)
def test_a_face_imports_no_floor(face: str) -> None:
    """Importing it loads neither what lies below nor anything that takes time."""
    assert loaded_after(f"import {face}") & COSTLY == set()


def test_reading_a_catalog_is_cheap(tmp_path: Path) -> None:
    """A host that reads a catalog by name loads SQLite's driver, and none of the slow modules."""
    path = str(tmp_path / "catalog")
    make = (
        "from plugreg import *; r = Registry.open(sys.argv[1]);"
        "r.add(Project(name='a', version='1', source=Source('directory', '/')))"
    )
    loaded_after(make, path)
    read = "from plugreg import Registry; list(Registry.open(sys.argv[1], read_only=True))"
    found = loaded_after(read, path)
    assert "_sqlite3" in found
    assert found & NOT_FOR_READING == set()


def test_the_version() -> None:
    """It is that of the installed distribution."""
    from importlib.metadata import version

    import plugreg

    assert plugreg.__version__ == version("plugreg")
