"""The command line's start: `plugreg list` against a minimal typer program of the same version.

A catalog of 50 projects, the user's own (so that looking it up is paid for, too), in a pipe, as
JSON, and with a table on a terminal; and what a shell asks at a Tab. Whole processes, over nothing:
a user waits for all of it.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stores import _project
from timing import Row, interleaved, process_ms, rows, run, spent_ms, user_environment

from plugreg import Registry

MINIMAL = """
import typer
app = typer.Typer()
@app.command()
def one(number: int = 1) -> None:
    print(number)
@app.command()
def two(number: int = 2) -> None:
    print(number)
app()
"""
LARGE = 10_000


def main(rounds: int) -> Mapping[str, Sequence[Row]]:
    """Measure start to end of each command."""
    with tempfile.TemporaryDirectory() as folder:
        environment = user_environment(XDG_DATA_HOME=folder, COLUMNS="100")
        _fill(Path(folder) / "plugreg" / "catalog.sqlite3", 50)
        minimal = Path(folder) / "minimal.py"
        minimal.write_text(MINIMAL, encoding="utf-8")
        # Both as scripts that are found by name: -m would cost each of them its own search.
        plugreg = [str(Path(sys.executable).parent / "plugreg")]
        asking = {**environment, "_PLUGREG_COMPLETE": "zsh"}
        asked = [*plugreg, "plugreg"]
        cases: dict[str, Callable[[], float]] = {
            "minimal typer program": process_ms([sys.executable, str(minimal), "one"], environment),
            "plugreg list, pipe": process_ms([*plugreg, "list"], environment),
            "plugreg list --json": process_ms([*plugreg, "list", "--json"], environment),
            "plugreg list, terminal": _terminal_ms([*plugreg, "list"], environment),
            "completion of a command": process_ms([*asked, "di"], asking),
            "completion of a project's name": process_ms([*asked, "disable", "plug-4"], asking),
            "completion of a flavour": process_ms([*asked, "migrate", "x", "--to", ""], asking),
        }
        start = interleaved(cases, rounds)
        large = Path(folder) / "large"
        _fill(large, LARGE)
        catalog = ["--catalog", str(large)]
        big = interleaved(
            {
                "minimal typer program": cases["minimal typer program"],
                "plugreg list --json": process_ms(
                    [*plugreg, "list", "--json", *catalog], environment
                ),
                "plugreg show": process_ms([*plugreg, "show", "plug-77", *catalog], environment),
                "completion of a project's name": process_ms(
                    [*asked, "disable", *catalog, "plug-77"], asking
                ),
            },
            max(3, rounds // 5),
        )
        adding = interleaved(_adding(Path(folder), plugreg, environment), max(3, rounds // 5))
    targets = {"plugreg list, pipe": 1.3, "plugreg list --json": 1.3, "plugreg list, terminal": 1.5}
    targets |= dict.fromkeys((case for case in cases if case.startswith("completion")), 1.5)
    return {
        "Command line, 50 projects": rows(
            start, "minimal typer program", unit="ms", targets=targets
        ),
        f"Command line, {LARGE:,} projects": rows(big, "minimal typer program", unit="ms"),
        "Adding twenty directories": rows(adding, "one at once", unit="ms"),
    }


def _fill(path: Path, count: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with Registry.open(path) as registry, registry.batch():
        for number in range(count):
            registry.add(_project(number))


def _adding(
    folder: Path, plugreg: Sequence[str], environment: Mapping[str, str]
) -> dict[str, Callable[[], float]]:
    """Return measurements of adding directories to a new catalog, in one command and in many."""
    sources = [_make_directory(folder / f"plug-in-{number}") for number in range(20)]

    def add(batches: Sequence[Sequence[str]]) -> Callable[[], float]:
        def measure() -> float:
            with tempfile.TemporaryDirectory() as place:
                catalog = ["--catalog", str(Path(place) / "catalog")]
                return sum(
                    process_ms([*plugreg, "add", *batch, *catalog], environment)()
                    for batch in batches
                )

        return measure

    return {
        "one at once": add([sources[:1]]),
        "twenty at once": add([sources]),
        "twenty, one by one": add([[source] for source in sources]),
    }


def _make_directory(folder: Path) -> str:
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{folder.name}"\nversion = "1.0"\n'
        f'[project.entry-points.host]\n{folder.name} = "module_{folder.name[8:]}"\n',
        encoding="utf-8",
    )
    (folder / f"module_{folder.name[8:]}.py").touch()
    return str(folder)


def _terminal_ms(command: Sequence[str], environment: Mapping[str, str]) -> Callable[[], float]:
    """Return a measurement of a process whose output is a terminal that somebody reads."""

    def measure() -> float:
        reader, terminal = pty.openpty()
        process = subprocess.Popen(command, env=environment, stdout=terminal)
        os.close(terminal)
        while True:
            try:
                if not os.read(reader, 65536):
                    break
            except OSError:  # Linux ends a terminal that nobody writes to any more with an error
                break
        os.close(reader)
        return spent_ms(process)

    return measure


if __name__ == "__main__":
    run(main, default_rounds=21)
