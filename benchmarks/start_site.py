"""What a host's start is measured in: installed distributions, their catalogs, and the programs.

The distributions lie in a folder of PYTHONPATH, which Python asks before all others: pluggy's best
case, and the shortest way to an installed plug-in. Projects that are not installed come last.
"""

from __future__ import annotations

import importlib.util
import pickle
import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from timing import process_ms, user_environment

from plugreg import Project, Registry, plugins

GROUP = "benchhost"
PLUGIN = """import pluggy
hookimpl = pluggy.HookimplMarker("benchhost")
@hookimpl
def visit(seen): seen.append(__name__)
"""
_LOAD = """
import pluggy
from plugreg import plugins
pm = pluggy.PluginManager("benchhost")
report = plugins.load(pm{0})
assert len(report.loaded) == COUNT, report
"""
_FLOOR = """
import pluggy, sqlite3, pickle, sys
pm = pluggy.PluginManager("benchhost"){0}
for key, value in sqlite3.connect(CATALOGS + "/{1}").execute("SELECT key, value FROM Dict"):
    for name, module in pickle.loads(value)["entry_points"]:
        __import__(module)
        pm.register(sys.modules[module], name=name)
assert len(pm.get_plugins()) == COUNT
"""
STEVEDORE_COLD = "stevedore, cold cache"
PROGRAMS = {
    "bare": "pass",
    "pluggy load_setuptools_entrypoints": """
import pluggy
pm = pluggy.PluginManager("benchhost")
pm.load_setuptools_entrypoints("benchhost")
assert len(pm.get_plugins()) == COUNT
""",
    "plugreg load, plug-ins installed": _LOAD.format(', catalog=CATALOGS + "/installed"'),
    "plugreg load, plug-ins not installed": _LOAD.format(', catalog=CATALOGS + "/directories"'),
    "plugreg load, the user's own catalog": _LOAD.format(""),
    "floor": _FLOOR.format("", "floor"),
    "floor, plug-ins in a last folder": _FLOOR.format(
        '\nsys.path.append(CATALOGS + "/modules")', "floor-modules"
    ),
    "rows": """
import sqlite3, pickle
select = "SELECT key, value FROM Dict"
rows = sqlite3.connect(CATALOGS + "/rows").execute(select).fetchall()
assert len([pickle.loads(value) for key, value in rows]) == ROWS
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


class Site:
    """A folder with N installed distributions, some of them plug-ins, and the catalogs of those."""

    def __init__(self, folder: Path, size: int, plugin_count: int) -> None:
        """Lay it all out, as pip and plugreg do."""
        self.folder = folder
        self.size = size
        self.numbers = range(0, size, size // plugin_count)[:plugin_count]
        self._site = folder / "site-packages"
        self._install()
        self._record()
        self.environment = user_environment(
            PYTHONPATH=str(self._site),
            XDG_DATA_HOME=str(folder / "data"),
            XDG_CACHE_HOME=str(folder / "cache"),
        )

    def cases(self) -> dict[str, Callable[[], float]]:
        """Return a measurement for each program; each has run twice.

        The first start writes byte code beside the plug-ins, which changes the environment.
        """
        programs = dict(PROGRAMS)
        if importlib.util.find_spec("stevedore"):
            programs |= {"stevedore, warm cache": STEVEDORE, STEVEDORE_COLD: STEVEDORE}
        cases = {
            case: process_ms(self.command(code), self.environment)
            for case, code in programs.items()
        }
        for run in [*cases.values()] * 2:
            run()
        if STEVEDORE_COLD in cases:
            cases[STEVEDORE_COLD] = self._without_cache(cases[STEVEDORE_COLD])
        return cases

    def command(self, code: str) -> list[str]:
        """Return the command line of a program."""
        given = f"COUNT, ROWS, CATALOGS = {len(self.numbers)}, {self.size}, {str(self.folder)!r}"
        return [sys.executable, "-c", f"{given}\n{code}"]

    def _without_cache(self, run: Callable[[], float]) -> Callable[[], float]:
        cache = self.folder / "cache" / "python-entrypoints"
        if not cache.exists():  # it keeps none for a Python below /tmp
            print("stevedore keeps no cache here: its warm start is a cold one", file=sys.stderr)

        def measure() -> float:
            shutil.rmtree(cache, ignore_errors=True)
            return run()

        return measure

    def _install(self) -> None:
        for number in range(self.size):
            info = self._site / f"dist_{number}-1.0.dist-info"
            info.mkdir(parents=True)
            (info / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: dist-{number}\nVersion: 1.0\nSummary: One of many\n"
                "Requires-Dist: pluggy\n\n" + "A long description.\n" * 40,
                encoding="utf-8",
            )
            (info / "RECORD").write_text("", encoding="utf-8")
            group = GROUP if number in self.numbers else "console_scripts"
            (info / "entry_points.txt").write_text(
                f"[{group}]\nname_{number} = plugin_{number}\n", encoding="utf-8"
            )
            if number in self.numbers:
                (self._site / f"plugin_{number}.py").write_text(PLUGIN, encoding="utf-8")

    def _record(self) -> None:
        site = str(self._site)
        installed = [plugins.read_project(f"dist-{n}", python=site) for n in self.numbers]
        directories = [plugins.read_project(self._directory(n)) for n in self.numbers]
        own = self.folder / "data" / "plugreg" / "catalog.sqlite3"
        own.parent.mkdir(parents=True)
        catalogs: Mapping[Path, Sequence[Project]] = {
            self.folder / "installed": installed,
            self.folder / "directories": directories,
            own: installed,
        }
        for path, projects in catalogs.items():
            with Registry.open(path) as registry, registry.batch():
                for project in projects:
                    registry.add(project)
        _write_rows(self.folder / "floor", installed)
        _write_rows(self.folder / "floor-modules", directories)
        many = installed * (self.size // len(installed) + 1)
        _write_rows(self.folder / "rows", many[: self.size])

    def _directory(self, number: int) -> Path:
        """Make a project of its own, and the same module in the folder of all of them."""
        directory = self.folder / "projects" / f"local-{number}"
        modules = self.folder / "modules"
        for folder in (directory, modules):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"local_{number}.py").write_text(PLUGIN, encoding="utf-8")
        (directory / "pyproject.toml").write_text(
            f'[project]\nname = "local-{number}"\nversion = "1.0"\ndescription = "One of many"\n'
            'dependencies = ["pluggy"]\n'
            f'[project.entry-points.{GROUP}]\nname_{number} = "local_{number}"\n',
            encoding="utf-8",
        )
        return directory


def _write_rows(path: Path, projects: Sequence[Project]) -> None:
    """Write projects as plain dicts into a table such as the catalog's."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)")
        for number, project in enumerate(projects):
            plain = {"entry_points": [[e.name, e.value] for e in project.entry_points]}
            row = (str(number).encode(), pickle.dumps({**project.to_record(), **plain}, 4))
            connection.execute("INSERT INTO Dict VALUES (?, ?)", row)
    connection.close()
