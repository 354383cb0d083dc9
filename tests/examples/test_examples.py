"""The examples, run as the README says: hosts and plug-ins that use public names only."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conditions import require_module

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a Python program of the examples, with a catalog of its own."""
    environment = {
        **os.environ,
        "PLUGREG_CATALOG": str(tmp_path / "catalog"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PYTHONPATH": str(EXAMPLES / "pytest_host"),
    }
    environment.pop("PYTEST_ADDOPTS", None)

    def run(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, *map(str, arguments)]
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done

    return run


def plugreg(run, *arguments: object) -> str:
    """Return what a command of plugreg prints."""
    return run("-m", "plugreg", *arguments).stdout


def test_a_pluggy_host_loads_what_is_on(run):
    """Two plug-ins, a package with a data file and a single module; one is switched off."""
    plugreg(run, "add", EXAMPLES / "greeter-polite", EXAMPLES / "greeter-shout")
    host = EXAMPLES / "greeter_host" / "host.py"
    both = "HELLO WORLD!\nGood day, World. How do you do?\n"
    assert run(host, "World").stdout == both
    plugreg(run, "disable", "greeter-shout")
    assert run(host, "World").stdout == "Good day, World. How do you do?\n"
    plugreg(run, "enable", "greeter-shout")
    assert run(host, "World").stdout == both


def test_a_pluggy_host_says_that_its_catalog_cannot_be_read(run, tmp_path):
    """A damaged catalog is not the same as one without plug-ins."""
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"SQLite format 3\0 and no more")
    program = "import os, runpy, sys; os.environ['PLUGREG_CATALOG'] = sys.argv.pop(1); "
    program += "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    done = run("-c", program, damaged, EXAMPLES / "greeter_host" / "host.py", "World")
    assert f"the catalog cannot be read: {damaged}" in done.stderr


def test_a_host_without_pluggy_finds_a_single_module(run):
    """The module says its host in a comment block; nothing of it runs until it is used."""
    plugreg(run, "add", EXAMPLES / "plain_host" / "reverse.py")
    host = EXAMPLES / "plain_host" / "host.py"
    assert run(host, "list").stdout == "reverse (reverse 0)\n"
    assert run(host, "reverse", "abc").stdout == "cba\n"
    assert "no filter 'other'" in run(host, "other", "abc", check=False).stderr


def test_datasette_serves_a_plug_in_that_is_not_installed(run):
    """A real Datasette lists it, with name and version, and answers at its route."""
    require_module("datasette")
    plugreg(run, "add", EXAMPLES / "datasette-hello")
    host = EXAMPLES / "datasette_host" / "host.py"
    [listed] = json.loads(run(host, "plugins").stdout)
    assert (listed["name"], listed["version"]) == ("datasette-hello", "0.2")
    answer = run(host, "serve", "--memory", "--get", "/-/hello").stdout
    assert answer.strip() == "Hello from a plug-in that is not installed"
    plugreg(run, "disable", "datasette-hello")
    without = run(host, "plugins")
    assert json.loads(without.stdout) == []
    told = "hello of datasette-hello 0.2: disabled; plugreg enable datasette-hello"
    assert without.stderr == f"not loaded: {told}\n"


def test_pytest_uses_a_plug_in_that_is_not_installed(run, tmp_path):
    """A real pytest takes its option, calls its hook and lists it in the header."""
    plugreg(run, "add", EXAMPLES / "pytest-stars")
    (tmp_path / "test_it.py").write_text("def test_one(): pass\ndef test_two(): pass\n")
    command = ("-m", "pytest", "-p", "plugreg_plugins", "-p", "no:cacheprovider", "test_it.py")
    shown = run(*command, "--stars").stdout
    assert "test_it.py **" in shown
    assert "stars-0.3" in shown
    plugreg(run, "disable", "pytest-stars")
    assert "unrecognized arguments: --stars" in run(*command, "--stars", check=False).stderr
    without = run(*command).stdout
    assert "test_it.py .." in without
    assert "plugreg: not loaded: stars of pytest-stars 0.3: disabled" in without


@pytest.mark.parametrize("host", ["datasette", "pytest"])
def test_a_real_host_starts_and_says_what_it_lacks(run, tmp_path, host):
    """A plug-in that is broken, one that cannot work here, and a catalog that cannot be read."""
    group = {"datasette": "datasette", "pytest": "pytest11"}[host]
    command = {
        "datasette": (EXAMPLES / "datasette_host" / "host.py", "plugins"),
        "pytest": ("-m", "pytest", "-p", "plugreg_plugins", "-p", "no:cacheprovider", "."),
    }[host]
    require_module(host)
    (tmp_path / "test_it.py").write_text("def test_one(): pass\n")
    (tmp_path / "broken.py").write_text("import nowhere_to_be_found\n")
    (tmp_path / "newer.py").write_text("# /// script\n# requires-python = '>=3.99'\n# ///\n")
    plugreg(run, "add", "broken.py", "newer.py", "--group", group)
    done = run(*command)
    for said in "not loaded: broken", "not loaded: newer":
        assert said in done.stdout + done.stderr
    (tmp_path / "catalog").write_bytes(b"SQLite format 3\0 and no more")
    done = run(*command)
    assert "the catalog cannot be read: " in done.stdout + done.stderr


def test_examples_use_public_names_only():
    """What they import of plugreg is in the `__all__` of a face."""
    import plugreg
    from plugreg import backends, plugins
    from plugreg.backends import testing

    faces = {"plugreg": plugreg, "plugreg.plugins": plugins, "plugreg.backends": backends}
    faces["plugreg.backends.testing"] = testing
    for path in EXAMPLES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("plugreg"):
                names = {alias.name for alias in node.names} - {"plugins", "backends"}
                assert names <= set(faces[str(node.module)].__all__), path
