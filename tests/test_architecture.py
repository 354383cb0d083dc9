"""The floors of the house: who imports whom, proved from the syntax trees."""

from __future__ import annotations

import ast
import graphlib
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends import known

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).parent.parent
# Folder -> the package that it is, and the floors below that it may import.
PACKAGES = {
    "backends": "plugreg.backends",
    "registry": "plugreg",
    "plugins": "plugreg.plugins",
    "cli": "plugreg.cli",
}
BELOW = {
    "backends": set[str](),
    "registry": {"backends"},
    "plugins": {"backends", "registry"},
    "cli": {"backends", "registry", "plugins"},
}
# The one module that starts the floor above.
EXCEPTION = ("registry", "__main__.py")
# The modules of tests for others to inherit, and what they need that no user pays for.
FOR_TESTS = {
    ("backends", "testing.py"): {"pytest"},
    ("plugins", "testing.py"): {"pytest"},
}
MOST_LINES = 400
# What a floor may need from elsewhere, beside the standard library.
LIBRARIES = {
    "backends": {"filelock"},
    "registry": {"platformdirs"},
    "plugins": {
        "pluggy",
        "packaging",
        "build",
        "pyproject_hooks",
        "platformdirs",
        "importlib_metadata",
    },
    "cli": {"typer", "click", "rich"},
}

# Slow paths that a module takes late, into one that imports it: what most calls never pay for.
LATE = {
    ("plugreg.plain", "plugreg.sharing"),
    ("plugreg.plugins.hosts.overlay", "plugreg.plugins.hosts.links.builder"),
}

MODULES = sorted(
    path
    for folder in PACKAGES
    for path in (TOP / folder).rglob("*.py")
    if "build" not in path.parts
)


def shown(path: Path) -> str:
    """Return a module's path as the tests' names show it."""
    return str(path.relative_to(TOP))


def package_of(path: Path) -> str:
    """Return the dotted name of the package that a module lies in."""
    folder, *inner, _ = path.relative_to(TOP).parts
    return ".".join([PACKAGES[folder], *inner])


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the dotted name and the level of dots of each import in a module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _imported_from(node, path)


def _imported_from(node: ast.ImportFrom, path: Path) -> Iterator[tuple[str, int]]:
    start = node.module or ""
    if node.level:
        above = package_of(path).split(".")
        kept = above[: len(above) - node.level + 1]
        start = ".".join([*kept, *([start] if start else [])])
    for alias in node.names:
        yield f"{start}.{alias.name}", node.level


def name_of(path: Path) -> str:
    """Return a module's dotted name."""
    return package_of(path) if path.stem == "__init__" else f"{package_of(path)}.{path.stem}"


def imports_that_run(path: Path) -> set[str]:
    """Return the dotted names that a module imports, but for those of type checkers only."""
    tree = ast.parse(path.read_text("utf-8"))
    tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name for node in nodes for name, _ in _imported_from(node, path)}


def floor_of(name: str) -> str | None:
    """Return the folder that a dotted name lies in; None for other libraries'."""
    if name != "plugreg" and not name.startswith("plugreg."):
        return None
    for folder in ("backends", "plugins", "cli"):
        package = PACKAGES[folder]
        if name == package or name.startswith(f"{package}."):
            return folder
    return "registry"


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_imports_go_downwards(path: Path) -> None:
    """A floor imports itself and what lies below it, never what lies above."""
    own = path.relative_to(TOP).parts[0]
    if (own, path.name) == EXCEPTION:
        return
    for name, _ in imports_of(path):
        floor = floor_of(name)
        assert floor is None or floor == own or floor in BELOW[own], f"{name} lies above {own}"


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_imports_within_a_floor_are_relative(path: Path) -> None:
    """Dots never leave a floor, and what lies in the same folder is imported with them."""
    own, package = path.relative_to(TOP).parts[0], package_of(path)
    for name, level in imports_of(path):
        if level:
            assert floor_of(name) == own, f"{name} is not of this floor"
        elif floor_of(name) == own and path.name != "__main__.py":
            assert not name.startswith(f"{package}."), f"{name} is in the same folder"


def test_no_import_goes_round_in_a_circle() -> None:
    """Not through an import inside a function either, but for the few that are listed."""
    paths = {name_of(path): path for path in MODULES if path.stem != "__init__"}
    graph = {
        name: {
            other
            for found in imports_that_run(path)
            for other in (found, found.rpartition(".")[0])
            if other in paths and (name, other) not in LATE
        }
        for name, path in paths.items()
    }
    assert sum(map(len, graph.values())) > len(graph)
    graphlib.TopologicalSorter(graph).prepare()  # raises an error that names the circle
    for name, other in LATE:
        round_trip = {**graph, name: {*graph[name], other}}
        with pytest.raises(graphlib.CycleError):
            graphlib.TopologicalSorter(round_trip).prepare()


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_other_libraries_are_few(path: Path) -> None:
    """Each floor imports the standard library and the few that are its business."""
    own = path.relative_to(TOP).parts[0]
    found = {name.partition(".")[0] for name, level in imports_of(path) if not level}
    strange = found - set(sys.stdlib_module_names) - {"plugreg"} - LIBRARIES[own]
    strange -= FOR_TESTS.get((own, path.name), set())
    assert strange == set()


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_modules_are_small(path: Path) -> None:
    """Past this many lines there is a second idea in it."""
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


def test_no_flavour_imports_another() -> None:
    """A flavour's module stands alone, so that one can be added or taken away."""
    flavours = {f"plugreg.backends{module}" for module in known._MODULES.values()}
    for module in flavours:
        path = TOP / "backends" / f"{module.rpartition('.')[2]}.py"
        for name, _ in imports_of(path):
            assert not any(name == other or name.startswith(f"{other}.") for other in flavours)


def test_every_flavour_has_its_module() -> None:
    """The list of them and what each says of itself agree."""
    for name in known._MODULES:
        assert backends.require_flavour(name).name == name


def test_the_check_would_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import upwards, however it is written, is seen by the functions above."""
    monkeypatch.setattr(sys.modules[__name__], "TOP", tmp_path)
    (tmp_path / "backends").mkdir()
    path = tmp_path / "backends" / "wrong.py"
    for line in (
        "import plugreg.cli.app",
        "from plugreg.cli import app",
        "from plugreg import cli",
        "from .. import cli",
        "from ..cli import app",
        "def late():\n    from ..cli.app import main",
    ):
        path.write_text(line, "utf-8")
        assert [floor_of(name) for name, _ in imports_of(path)] == ["cli"]


def test_the_version_stands_in_one_place() -> None:
    """In pyproject.toml; no module repeats it."""
    version = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    found = [shown(path) for path in MODULES if f'"{version}"' in path.read_text("utf-8")]
    assert found == []
