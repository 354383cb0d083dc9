"""What a host's start pays for, counted and not timed: its modules, and what it asks for of files.

The environment is an unchanged one: every program has run before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugreg import Registry, plugins

from .conftest import GROUP, install

# All of plugreg that a start imports. One more costs each start of each host 0.1 ms, and needs a
# reason.
START = {
    "plugreg",
    "plugreg.backends",
    "plugreg.backends.driver",
    "plugreg.backends.errors",
    "plugreg.backends.opening",
    "plugreg.backends.paths",
    "plugreg.backends.sqlite",
    "plugreg.backends.sqlite.connection",
    "plugreg.backends.sqlite.reading",
    "plugreg.backends.sqlite.store",
    "plugreg.backends.store",
    "plugreg.catalog",
    "plugreg.catalog_view",
    "plugreg.locations",
    "plugreg.names",
    "plugreg.plain",
    "plugreg.plugins",
    "plugreg.plugins.hosts",
    "plugreg.plugins.hosts.admission",
    "plugreg.plugins.hosts.importing",
    "plugreg.plugins.hosts.overlay",
    "plugreg.plugins.hosts.selection",
    "plugreg.plugins.hosts.verdicts",
    "plugreg.project",
    "plugreg.record",
    "plugreg.record_pickle",
    "plugreg.starts",
    "plugreg.trust",
    "plugreg.value",
}
LOAD = START | {
    "plugreg.plugins.hosts.distinfo",
    "plugreg.plugins.hosts.loading",
    "plugreg.plugins.hosts.report",
}
DISCOVER = START | {"plugreg.plugins.hosts.discovery"}
# And where a project is not installed: whether its source is as recorded.
LINKED = {"plugreg.fingerprint"}
# And where nobody names one of several catalogs.
LAYERS = {"plugreg.layered", "binascii", "heapq", "_heapq"}
# And of other packages: SQLite's driver, the unpickler, and what that brings along.
OTHERS = {"_sqlite3", "_pickle", "_compat_pickle"}
# Counts what asks the system for files: audit events, and the calls that raise none.
COUNTED = """
import os, posix, sys
counts = {}
def count(name):
    counts[name] = counts.get(name, 0) + 1
def counted(name, call):
    def counting(*given, **named):
        count(name)
        return call(*given, **named)
    return counting
for name in ("stat", "lstat", "access", "readlink", "getcwd"):
    call = counted(name, getattr(posix, name))
    setattr(posix, name, call)
    setattr(os, name, call)
sys.addaudithook(lambda event, given: count(event) if event.startswith(("open", "os.")) else None)
"""
PROGRAM = """
import sys, pluggy
before = set(sys.modules)
from plugreg import plugins
loaded = plugins.{work}
assert len(loaded) == {plugin_count}, loaded
print(*sorted(set(sys.modules) - before))
"""
WORK = {
    "load": "load(pluggy.PluginManager({group!r}){catalog}).loaded",
    "discover": "discover({group!r}{catalog})",
}


class Host:
    """Three plug-ins among installed distributions, and three that are not installed."""

    def __init__(self, folder: Path, size: int) -> None:
        site = folder / "site-packages"
        site.mkdir()
        for number in range(size):
            install(site, f"dist_{number}", entry=f"plugin_{number}" if number < 3 else "", code="")
        installed = [plugins.read_project(f"dist-{n}", python=str(site)) for n in range(3)]
        directories = [plugins.read_project(_directory(folder, n)) for n in range(3)]
        self.catalogs = {
            "installed": folder / "installed",
            "not installed": folder / "directories",
            "the user's own": folder / "data" / "plugreg" / "catalog.sqlite3",
            "two layers": folder / "shared" / "plugreg" / "catalog.sqlite3",
        }
        for case in ("the user's own", "two layers"):
            self.catalogs[case].parent.mkdir(parents=True)
        projects = (installed, directories, installed + directories, installed)
        for path, some in zip(self.catalogs.values(), projects, strict=True):
            with Registry.open(path) as registry:
                for project in some:
                    registry.add(project)
        left_out = ("PLUGREG_CATALOG", "PLUGREG_DISABLE", "PLUGREG_START")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in left_out},
            "PYTHONPATH": str(site),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_DATA_DIRS": str(folder / "nothing"),
        }
        self.layers = {**self.environment, "XDG_DATA_DIRS": str(folder / "shared")}

    def start(self, case: str, work: str, before: str = "", after: str = "") -> list[str]:
        """Run a start for the third time, and return what it prints."""
        own = case in ("the user's own", "two layers")
        named = "" if own else f", catalog={str(self.catalogs[case])!r}"
        shown = WORK[work].format(group=GROUP, catalog=named)
        program = PROGRAM.format(work=shown, plugin_count=6 if own else 3)
        for _ in range(3):
            done = subprocess.run(
                [sys.executable, "-c", before + program + after],
                env=self.layers if case == "two layers" else self.environment,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        return done.stdout.split("\n")


def _directory(folder: Path, number: int) -> Path:
    directory = folder / f"local-{number}"
    directory.mkdir()
    (directory / f"local_{number}.py").write_text("", encoding="utf-8")
    (directory / "pyproject.toml").write_text(
        f'[project]\nname = "local-{number}"\nversion = "1.0"\ndependencies = ["pluggy"]\n'
        f'[project.entry-points.{GROUP}]\nlocal_{number} = "local_{number}"\n',
        encoding="utf-8",
    )
    return directory


@pytest.fixture(scope="module")
def host(tmp_path_factory) -> Host:
    """A host among twenty distributions."""
    return Host(tmp_path_factory.mktemp("few"), 20)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory) -> Host:
    """The same host among four hundred."""
    return Host(tmp_path_factory.mktemp("many"), 400)


CASES = ["installed", "not installed", "the user's own", "two layers"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("work", "allowed"), [("load", LOAD), ("discover", DISCOVER)])
def test_the_modules_of_a_start(host, case, work, allowed):
    """It imports what stands in the lists above, all of it, and nothing else."""
    found = {name for name in host.start(case, work)[0].split() if not _is_plugin(name)}
    allowed = allowed | (LINKED if case != "installed" else set())
    if case == "two layers":
        allowed |= LAYERS
    assert found - OTHERS == allowed


def _is_plugin(name: str) -> bool:
    return name.startswith(("plugin_", "local_"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("work", ["load", "discover"])
def test_the_files_of_a_start(host, crowded, case, work):
    """Their number is the same among twenty times as many installed distributions."""
    shown = "\nprint(dict(sorted(counts.items())))"
    few, many = (one.start(case, work, COUNTED, shown)[1] for one in (host, crowded))
    assert few == many
    assert "'stat': " in few
    assert "'open': " in few


def test_a_scan_of_what_is_installed_would_be_noticed(host, crowded):
    """What importlib.metadata asks for grows, so the count above can fail."""
    program = COUNTED + (
        "import importlib.metadata\n"
        "found = [each.name for each in importlib.metadata.distributions()]\n"
        "print(sum(counts.values()))"
    )
    few, many = (
        int(subprocess.check_output([sys.executable, "-c", program], env=one.environment))
        for one in (host, crowded)
    )
    assert many >= few + 380
