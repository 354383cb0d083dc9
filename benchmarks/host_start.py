"""A host's start, in fresh processes: plugreg, pluggy's scan, stevedore, importlib.metadata.

Among N installed distributions a tenth are plug-ins of the host. Figures are milliseconds over a
bare interpreter, in an environment that did not change since the last start. "floor" is a pluggy
host fed by the shortest possible code from one SQLite table, "rows" the reading of N such rows.
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

from plugreg import Project, Registry, plugins

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
    "rows": """
import sqlite3, pickle
select = "SELECT key, value FROM Dict"
rows = sqlite3.connect(CATALOGS + "/rows").execute(select).fetchall()
assert len([pickle.loads(value) for key, value in rows]) == COUNT * 10
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
# What is measured against the shortest code, and how many times that it may take.
AGAINST = {
    "floor": {
        "plugreg load, plug-ins installed": 1.25,
        "plugreg load, plug-ins not installed": 1.25,
        "plugreg load, the user's own catalog": 1.5,
    },
    "rows": {"plugreg discover, nothing imported": 1.5},
}


def main(rounds: int) -> Mapping[str, Sequence[Row]]:
    """Measure every program among 50, 200 and 1,000 installed distributions."""
    tables = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            title = f"Host start among {size} installed distributions, {size // 10} plug-ins"
            times = _measure(Path(folder), size, rounds)
            tables[title] = _against_pluggy(times, size)
            for floor, most in AGAINST.items():
                some = {case: times[case] for case in ("bare", floor, *most)}
                tables[f"{title}, against the {floor}"] = rows(
                    some, floor, unit="ms", offset="bare", targets=most
                )
    return tables


def _against_pluggy(times: Mapping[str, Sequence[float]], size: int) -> list[Row]:
    target = 0.5 if size >= SIZES[-1] else 0.75
    targets = {case: target for case in times if case.startswith("plugreg load")}
    return rows(times, BASELINE, unit="ms", offset="bare", targets=targets)


def _measure(folder: Path, size: int, rounds: int) -> Mapping[str, Sequence[float]]:
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
    return interleaved(cases, rounds)


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
    installed = [plugins.read_project(f"dist-{n}", python=str(site)) for n in numbers]
    directories = [plugins.read_project(_directory(folder, n)) for n in numbers]
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
    _write_rows(folder / "floor", installed)
    _write_rows(folder / "rows", installed * 10)


def _write_rows(path: Path, projects: Sequence[Project]) -> None:
    """Write projects as plain dicts into a table such as the catalog's."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)")
        for number, project in enumerate(projects):
            plain = {"entry_points": [[e.name, e.value] for e in project.entry_points]}
            row = (str(number).encode(), pickle.dumps({**project.to_record(), **plain}, 4))
            connection.execute("INSERT INTO Dict VALUES (?, ?)", row)
    connection.close()


def _directory(folder: Path, number: int) -> Path:
    directory = folder / "projects" / f"local-{number}"
    directory.mkdir(parents=True)
    (directory / f"local_{number}.py").write_text(PLUGIN, encoding="utf-8")
    (directory / "pyproject.toml").write_text(
        f'[project]\nname = "local-{number}"\nversion = "1.0"\ndescription = "One of many"\n'
        'dependencies = ["pluggy"]\n'
        f'[project.entry-points.{GROUP}]\nname_{number} = "local_{number}"\n',
        encoding="utf-8",
    )
    return directory


if __name__ == "__main__":
    run(main, default_rounds=15)
