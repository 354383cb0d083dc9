"""The example of a flavour from another package: installed, tested by its own tests, and used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
EXAMPLE = TOP / "examples" / "flavour-netstrings"
PIP = "-m pip install --quiet --no-deps --no-build-isolation --disable-pip-version-check --target"
FILE = b"9:netdict 1,5:hello,5:world,"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the package installed; building writes beside the sources, so beside a copy."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("source", "site"))
    shutil.copytree(EXAMPLE, source / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    _run(*PIP.split(), target, source / "copy")
    return target


def _run(*arguments: object, site: Path | str = "", status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_its_own_tests_and_the_contract(site, tmp_path):
    """They pass where it is installed, the contract of every store among them."""
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    options = ("-q", "-p", "no:cacheprovider", "-W", "error", "--rootdir", tmp_path)
    said = _run("-m", "pytest", *options, tmp_path / "tests", site=site)
    assert int(said.split()[said.split().index("passed") - 1]) > 40


def test_the_command_line_knows_it(site, tmp_path):
    """It is listed after the built-in ones, names its files, and reads them."""
    (tmp_path / "a.net").write_bytes(FILE)
    listed = json.loads(_run("-m", "plugreg", "flavours", "--json", site=site))
    last = listed["data"]["flavours"][-1]
    assert (last["name"], last["read"], last["write"]) == ("netstrings", True, True)
    (file,) = json.loads(
        _run("-m", "plugreg", "identify", tmp_path / "a.net", "--json", site=site)
    )["data"]["files"]
    assert (file["flavour"], file["evidence"]) == ("netstrings", "first netstring 'netdict 1'")


def test_the_page_shows_what_is_printed(site):
    """The last line of the list is the one on the page about extensions."""
    shown = (TOP / "docs" / "how-to" / "extend.md").read_text("utf-8")
    last = _run("-m", "plugreg", "flavours", site=site).splitlines()[-1]
    assert f"$ plugreg flavours | tail -1\n{last}\n" in shown


def test_without_it_the_file_is_refused(tmp_path):
    """Nothing of it is left where it is not installed."""
    (tmp_path / "a.net").write_bytes(FILE)
    said = _run("-m", "plugreg", "identify", tmp_path / "a.net", "--json", status=1)
    assert json.loads(said)["errors"][0]["code"] == "not-a-database"


def test_a_catalog_can_have_it(site, tmp_path):
    """A registry is made in that flavour, found again by its bytes, and keeps its projects."""
    program = (
        "import sys; from plugreg import *;"
        "make = lambda n: Project(name=n, version='1', source=Source('directory', '/'));"
        "r = Registry.open(sys.argv[1], flavour='netstrings'); r.add(make('a')); r.close();"
        "r = Registry.open(sys.argv[1]); r.add(make('b'));"
        "print(r.flavour, sorted(p.name for p in r))"
    )
    assert _run("-c", program, tmp_path / "cat", site=site) == "netstrings ['a', 'b']\n"
