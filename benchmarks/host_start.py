"""A host's start, in fresh processes: plugreg, pluggy's scan, stevedore, importlib.metadata.

Among N installed distributions a tenth are plug-ins of the host. Figures are milliseconds over a
bare interpreter. "floor" is a pluggy host fed by the shortest possible code from one SQLite table.
"""

from __future__ import annotations

import importlib.util
import pickle
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from timing import Row, interleaved, process_ms, rows, run, user_environment

from plugreg import EntryPoint, Project, Registry, Source

GROUP = "benchhost"
SIZES = (50, 200, 1000)
PLUGIN = """import pluggy
hookimpl = pluggy.HookimplMarker("benchhost")
@hookimpl
def visit(seen): seen.append(__name__)
"""

PROGRAMS = {
    "bare": "pass",
    "pluggy load_setuptools_entrypoints": """
import pluggy
pm = pluggy.PluginManager("benchhost")
pm.load_setuptools_entrypoints("benchhost")
assert len(pm.get_plugins()) == COUNT
""",
    "plugreg load, plug-ins installed": """
import pluggy
from plugreg import plugins
pm = pluggy.PluginManager("benchhost")
report = plugins.load(pm, catalog=CATALOGS + "/installed")
assert len(report.loaded) == COUNT, report
""",
    "plugreg load, plug-ins not installed": """
import pluggy
from plugreg import plugins
pm = pluggy.PluginManager("benchhost")
report = plugins.load(pm, catalog=CATALOGS + "/directories")
assert len(report.loaded) == COUNT, report
""",
    "plugreg load, the user's own catalog": """
import pluggy
from plugreg import plugins
pm = pluggy.PluginManager("benchhost")
report = plugins.load(pm)
assert len(report.loaded) == COUNT, report
""",
    "floor": """
import pluggy, sqlite3, pickle, sys
pm = pluggy.PluginManager("benchhost")
for key, value in sqlite3.connect(CATALOGS + "/floor").execute("SELECT key, value FROM Dict"):
    for name, module in pickle.loads(value)["entry_points"]:
        __import__(module)
        pm.register(sys.modules[module], name=name)
assert len(pm.get_plugins()) == COUNT
""",
    "importlib.metadata, nothing imported": """
import importlib.metadata
assert len(importlib.metadata.entry_points(group="benchhost")) == COUNT
""",
    "plugreg discover, nothing imported": """
from plugreg import plugins
assert len(plugins.discover("benchhost", catalog=CATALOGS + "/installed")) == COUNT
""",
}
STEVEDORE = """
from stevedore import ExtensionManager
assert len(list(ExtensionManager("benchhost"))) == COUNT
"""
BASELINE = "pluggy load_setuptools_entrypoints"


def main(rounds: int) -> Mapping[str, Sequence[Row]]:
    """Measure every program among 50, 200 and 1,000 installed distributions."""
    tables = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            title = f"Host start among {size} installed distributions, {size // 10} plug-ins"
            tables[title] = _measure(Path(folder), size, rounds)
    return tables


def _measure(folder: Path, size: int, rounds: int) -> list[Row]:
    site = folder / "site-packages"
    _install(site, size)
    _record(folder, site, size // 10)
    programs = dict(PROGRAMS)
    if importlib.util.find_spec("stevedore"):
        programs["stevedore, warm cache"] = STEVEDORE
    environment = _environment(folder, site)
    cases = {}
    for case, program in programs.items():
        code = f"COUNT = {size // 10}; CATALOGS = {str(folder)!r}\n{program}"
        cases[case] = process_ms([sys.executable, "-c", code], environment)
        cases[case]()  # fills caches: byte code, overlay, stevedore's
    target = 0.5 if size >= SIZES[-1] else 0.75
    targets = {case: target for case in programs if case.startswith("plugreg load")}
    return rows(interleaved(cases, rounds), BASELINE, unit="ms", offset="bare", targets=targets)


def _environment(folder: Path, site: Path) -> dict[str, str]:
    return user_environment(
        PYTHONPATH=str(site),
        XDG_DATA_HOME=str(folder / "data"),
        XDG_CACHE_HOME=str(folder / "cache"),
    )


def _install(site: Path, size: int) -> None:
    """Lay out `size` distributions as pip does; every tenth is a plug-in."""
    for number in range(size):
        info = site / f"dist_{number}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: dist-{number}\nVersion: 1.0\nSummary: One of many\n"
            "Requires-Dist: pluggy\n\n" + "A long description.\n" * 40,
            encoding="utf-8",
        )
        (info / "RECORD").write_text("", encoding="utf-8")
        group = GROUP if number % 10 == 0 else "console_scripts"
        (info / "entry_points.txt").write_text(
            f"[{group}]\nname_{number} = plugin_{number}\n", encoding="utf-8"
        )
        if number % 10 == 0:
            (site / f"plugin_{number}.py").write_text(PLUGIN, encoding="utf-8")


def _record(folder: Path, site: Path, count: int) -> None:
    numbers = [number * 10 for number in range(count)]
    installed = [
        _project(f"dist-{n}", f"plugin_{n}", n, str(site), "distribution") for n in numbers
    ]
    directories = [
        _project(f"local-{n}", f"local_{n}", n, _directory(folder, n), "directory") for n in numbers
    ]
    data = folder / "data" / "plugreg" / "catalog.sqlite3"
    data.parent.mkdir(parents=True)
    for path, projects in (
        (folder / "installed", installed),
        (folder / "directories", directories),
        (data, installed),
    ):
        with Registry.open(path) as registry, registry.batch():
            for project in projects:
                registry.add(project)
    with sqlite3.connect(folder / "floor") as connection:
        connection.execute("CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)")
        for project in installed:
            plain = {"entry_points": [[e.name, e.value] for e in project.entry_points]}
            row = (project.name.encode(), pickle.dumps({**project.to_record(), **plain}, 4))
            connection.execute("INSERT INTO Dict VALUES (?, ?)", row)
    connection.close()


def _project(name: str, module: str, number: int, location: str, kind: str) -> Project:
    own = {} if kind == "distribution" else {"root": location, "modules": {module: f"{module}.py"}}
    return Project(
        name=name,
        version="1.0",
        summary="One of many",
        source=Source(kind, location),
        entry_points=[EntryPoint(GROUP, f"name_{number}", module)],
        dependencies=["pluggy"],
        **own,  # type: ignore[arg-type]
    )


def _directory(folder: Path, number: int) -> str:
    directory = folder / "projects" / f"local-{number}"
    directory.mkdir(parents=True)
    (directory / f"local_{number}.py").write_text(PLUGIN, encoding="utf-8")
    return str(directory)


if __name__ == "__main__":
    run(main, default_rounds=15)
