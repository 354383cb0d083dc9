"""A disk that fails and a clock that jumps, under the real command: the shim is between."""

from __future__ import annotations

import errno
import json
import os
import subprocess

import pytest

from plugreg import Registry
from tests.torture.conftest import shim as shim  # noqa: PLC0414 - a fixture here, too
from tests.torture.shim import KINDS

from .conftest import COMMAND, Outcome

DAY = 86_400
YEARS = 10 * 365 * DAY


@pytest.fixture
def under(plugreg, environment, shim, tmp_path):
    """Run a command, under the shim if it is to do something: `under("list", SHIM_CLOCK="9")`."""

    def run(*arguments, **extra):
        if not extra:
            return plugreg(*arguments)
        given = {"LD_PRELOAD": str(shim), "SHIM_FOLDER": str(tmp_path), **extra}
        done = subprocess.run(
            [*COMMAND, *arguments],
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1", **given},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.mark.parametrize("kind", ["write", "fsync", "open"])
@pytest.mark.parametrize("command", ["disable", "add", "import", "undo"])
def test_a_disk_that_fails(under, filled, tmp_path, kind, command):
    """From its first call on, with EIO: one clear error, and the catalog is as it was."""
    (tmp_path / "new.py").write_text("")
    (tmp_path / "all.json").write_text(under("export").out)
    assert under("disable", "pytest-sugar").status == 0
    words = {
        "disable": ["disable", "datasette-map"],
        "add": ["add", "new.py", "--group", "g", "--name", "n"],
        "import": ["import", "all.json"],
        "undo": ["undo"],
    }[command]
    with Registry.open(filled) as registry:
        before = [project.to_record() for project in registry]
    done = under(*words, SHIM_FAIL=f"{KINDS[kind]} 1 1 {errno.EIO}")
    assert (done.status, "Traceback" in done.err) == (1, False)
    assert done.err.splitlines()[-1].startswith("plugreg: error: ")
    with Registry.open(filled, verify=True) as registry:
        assert [project.to_record() for project in registry] == before
    assert under(*words).status == 0


@pytest.mark.parametrize("command", [["list"], ["show", "datasette-map"], ["doctor"]])
def test_a_disk_that_cannot_be_read(under, filled, command):
    """The error names the catalog, and is no traceback."""
    done = under(*command, "--json", SHIM_FAIL=f"{KINDS['open']} 1 1 {errno.EIO}")
    assert "Traceback" not in done.err
    assert done.status == 1
    assert filled in done.out
    json.loads(done.out)


def test_a_clock_that_jumps(under, filled):
    """Changes keep their order, undo goes by it, and `--since` tells what is of that time."""
    clocks = [0, YEARS, -YEARS, 0]
    for number, clock in enumerate(clocks):
        word = "disable" if number % 2 == 0 else "enable"
        assert under(word, "datasette-map", SHIM_CLOCK=str(clock)).status == 0

    def changes(*words, clock=0):
        done = under("history", "--json", *words, SHIM_CLOCK=str(clock))
        assert done.status == 0, done.err
        return json.loads(done.out)["data"]["changes"]

    listed = changes()
    assert [one["number"] for one in listed] == [7, 6, 5, 4, 3, 2, 1]
    years = [int(one["at"][:4]) for one in listed[:4]]
    assert years[0] == years[3]
    assert (years[2] - years[0], years[0] - years[1]) == (10, 10)
    recent = [one["number"] for one in changes("--since", "1d")]
    assert recent == [7, 5, 4, 3, 2, 1]  # that of the future is since then, too
    assert [one["number"] for one in changes("--since", "1d", clock=YEARS)] == [5]
    assert under("undo").status == 0
    with Registry.open(filled) as registry:
        assert not registry["datasette-map"].enabled


def test_what_changed_is_seen_whatever_the_clock_says(under, tmp_path, environment):
    """Files of the future and of 1970, seen from the past and the future."""
    folder = tmp_path / "mine"
    folder.mkdir()
    text = "[project]\nname = 'mine'\nversion = '{}'\n[project.entry-points.g]\nm = 'mine'\n"
    (folder / "mine.py").write_text("")
    for version, (clock, modified) in enumerate([(0, 0), (-YEARS, 2**31), (YEARS, 1)]):
        (folder / "pyproject.toml").write_text(text.format(version))
        os.utime(folder / "pyproject.toml", (modified, modified))
        if version:
            listed = under("list", "--json", SHIM_CLOCK=str(clock))
            (project,) = json.loads(listed.out)["data"]["projects"]
            assert project["state"] == "changed"
        word = ["refresh", "mine"] if version else ["add", str(folder)]
        assert under(*word, SHIM_CLOCK=str(clock)).status == 0
        listed = under("list", "--json", SHIM_CLOCK=str(-clock))
        (project,) = json.loads(listed.out)["data"]["projects"]
        assert (project["state"], project["version"]) == ("ok", str(version))


def test_waiting_is_by_another_clock(under, filled):
    """A catalog that is locked is waited for as long as is told, whatever the clock says."""
    import sqlite3

    holder = sqlite3.connect(filled, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        for clock in (YEARS, -YEARS):
            words = ("disable", "datasette-map", "--timeout", "0.2")
            done = under(*words, SHIM_CLOCK=str(clock))
            assert f"is locked by process {os.getpid()}" in done.err
    finally:
        holder.close()


def test_nothing_is_mapped():
    """No reader maps a file: who cuts it short would end the process by SIGBUS."""
    import plugreg
    from plugreg import backends, cli, plugins

    for package in (plugreg, backends, plugins, cli):
        for place, _, files in os.walk(package.__path__[0]):
            for file in files:
                if file.endswith(".py"):
                    with open(os.path.join(place, file), encoding="utf-8") as stream:
                        assert "mmap" not in stream.read()
