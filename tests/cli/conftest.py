"""The real command in a process of its own, in a pipe or at a terminal, and catalogs for it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from functools import cache
from importlib import resources

import jsonschema
import pytest

from plugreg import EntryPoint, Project, Registry, Source
from plugreg.cli.running import run as run_here
from tests.host_environment import cache_folder, host_environment
from tests.pages import Terminal
from tests.plugins.conftest import real_plugins as real_plugins  # noqa: PLC0414 - a fixture here, too
from tests.warm import WarmPython

COMMAND = (sys.executable, "-m", "plugreg")
# Where a layer's catalog lies in a folder of data.
FILE = "plugreg/catalog.sqlite3"
# What a user may have set and a test must not inherit.
FOREIGN = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PLUGREG_CATALOG", "PYTHONWARNINGS")


class Outcome:
    """What a finished command printed, and its exit status."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    @property
    def lines(self):
        """The lines on stdout."""
        return self.out.splitlines()

    @property
    def object(self):
        """The one JSON object on stdout, which is as the schema in the package says."""
        whole = json.loads(self.out)
        schema("envelope").validate(whole)
        return whole


@cache
def schema(name):
    """Return the validator of a schema in the package."""
    text = resources.files("plugreg.cli").joinpath("schemas", f"{name}.schema.json").read_text()
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    return jsonschema.Draft202012Validator(json.loads(text))


@pytest.fixture
def catalog(tmp_path):
    """The path of a catalog that does not exist yet."""
    return str(tmp_path / "catalog.sqlite3")


@pytest.fixture
def user(tmp_path):
    """The path of the user's catalog, which counts where none is named."""
    return str(tmp_path / "data" / FILE)


@pytest.fixture
def site(tmp_path):
    """The path of the site's catalog, where XDG_DATA_DIRS names its folder."""
    return str(tmp_path / "site" / FILE)


@pytest.fixture
def environment(catalog, tmp_path):
    """The environment of a command whose user has this catalog and an empty home."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    data = str(tmp_path / "data")
    return {**kept, "PLUGREG_CATALOG": catalog, "XDG_DATA_HOME": data, "TERM": "xterm"}


@pytest.fixture(scope="session")
def warm():
    """Runs commands of the Python that is tested, without the time of their imports."""
    with WarmPython() as python:
        yield python


@pytest.fixture
def plugreg(warm, environment, tmp_path):
    """Run a command in a pipe: `plugreg("list", "--json", NO_COLOR="1")`."""

    def run(*arguments, **extra):
        done = warm.run(arguments, env={**environment, **extra}, cwd=tmp_path)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def terminal(warm, environment, tmp_path):
    """Run a command whose stdout is a terminal of so many columns; stderr is a pipe."""

    def run(*arguments, columns=80, **extra):
        with Terminal(columns) as screen:
            streams = {"stdin": screen.inside, "stdout": screen.inside}
            done = warm.run(arguments, env={**environment, **extra}, cwd=tmp_path, **streams)
            return Outcome(done.returncode, screen.shown(), done.stderr.decode())

    return run


def attempt(*arguments):
    """Run a command in this process: another user, who is a fork of it, may not start our Python.

    Returns its status, and what it printed on both streams.
    """
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run_here([*arguments])
    return status, out.getvalue(), err.getvalue()


@pytest.fixture(scope="session")
def hosts():
    """The `bin` folder of an environment with hosts from PyPI, and without plugreg."""
    return host_environment(cache_folder())


def make_project(name, **fields):
    """Return a project with one entry point for Datasette, unless told otherwise."""
    fields.setdefault("version", "1.0")
    fields.setdefault("source", Source("directory", f"/nowhere/{name}"))
    fields.setdefault("entry_points", [EntryPoint("datasette", name, name.replace("-", "_"))])
    return Project(name=name, **fields)


def declare(folder, version, name="my-plugin"):
    """Write the `pyproject.toml` of a plug-in of Datasette."""
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
        '[project.entry-points.datasette]\nmy_plugin = "my_plugin"\n'
    )


@pytest.fixture
def directory(tmp_path):
    """The directory of the project `my-plugin` 1.0."""
    folder = tmp_path / "my-plugin"
    folder.mkdir()
    declare(folder, "1.0")
    (folder / "my_plugin.py").write_text("")
    return folder


@pytest.fixture
def filled(catalog):
    """A catalog of three projects: two for Datasette, one of them off, and one for pytest."""
    with Registry.open(catalog) as registry:
        registry.add(make_project("datasette-map", summary="Maps", tags=["geo", "web"]))
        registry.add(make_project("Datasette_Auth", enabled=False, tags=["web"]))
        registry.add(make_project("pytest-sugar", entry_points=[EntryPoint("pytest11", "s", "ps")]))
    return catalog


def damage(catalog, name):
    """Put a record into the catalog that is no project."""
    import sqlite3

    connection = sqlite3.connect(catalog)
    with connection:
        connection.execute("REPLACE INTO Dict VALUES (?, ?)", (name.encode(), b"rubbish"))
    connection.close()
