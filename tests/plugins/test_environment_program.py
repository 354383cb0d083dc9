"""What the program tells of an environment, without all that importlib.metadata would read."""

from __future__ import annotations

import csv
from importlib import metadata

import pytest

from plugreg.plugins import environment_program as program

HEAD = "Metadata-Version: 2.1\nName: {}\nVersion: 1.{}\n"
# Folder of the metadata -> the files of the distribution, as RECORD has them.
DISTRIBUTIONS = {
    "plain-1.0.dist-info": ["one.py", "plain-1.0.dist-info/RECORD"],
    "Deep.Er-1.0.dist-info": ["two/__init__.py", "two/one.py", "../../bin/two"],
    "compiled-1.0.dist-info": ["three.cpython-313-x86_64-linux-gnu.so", "three.abi3.so"],
    "odd-1.0.dist-info": ['four/we,ird "name".py', "four"],
    "shared_one-1.0.dist-info": ["two/other.py", "one_more.py"],
    "nothing-1.0.dist-info": [],
}


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of distributions that Python finds."""
    for number, (folder, files) in enumerate(DISTRIBUTIONS.items()):
        info = tmp_path / folder
        info.mkdir()
        name = folder.partition("-")[0]
        text = f"\nName: of the description\n\nVersion: 9\n{'Words. ' * 1000}"
        (info / "METADATA").write_text(HEAD.format(name, number) + text)
        with open(info / "RECORD", "w", newline="") as record:
            csv.writer(record).writerows([file, "", ""] for file in files)
        for file in files:
            if ".." not in file and not (tmp_path / file).exists() and file != "four":
                (tmp_path / file).parent.mkdir(exist_ok=True)
                (tmp_path / file).touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_what_is_installed(site):
    """Names and versions are those that importlib.metadata says, of all that is installed here."""
    expected = {}
    for each in metadata.distributions():
        expected.setdefault(program.normalized(each.metadata["Name"]), each.version)
    assert program.installed() == expected
    assert expected["deep-er"] == "1.1"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_other_forms_of_metadata(site, line_end):
    """An egg's folder, an egg's file, and line ends of another system."""
    (site / "folder.egg-info").mkdir()
    text = f"{HEAD.format('egg_folder', 7)}\nIts description.\n".replace("\n", line_end)
    (site / "folder.egg-info" / "PKG-INFO").write_text(text, newline="")
    (site / "folder.egg-info" / "top_level.txt").write_text("five\n_six\n")
    (site / "file.egg-info").write_text(text.replace("egg_folder", "egg_file"), newline="")
    found = program.installed()
    assert (found["egg-folder"], found["egg-file"]) == ("1.7", "1.7")
    assert program.owners(["five", "_six"]) == {"five": ["egg-folder"], "_six": ["egg-folder"]}


def test_whose_a_module_is(site):
    """By the files of each distribution, or by what it tells of itself."""
    found = program.owners(["one", "two", "three", "four", "o", "wo", "bin"])
    assert {top: sorted(names) for top, names in found.items()} == {
        "one": ["plain"],
        "two": ["deep-er", "shared-one"],
        "three": ["compiled"],
        "four": ["odd"],
        "o": [],
        "wo": [],
        "bin": [],
    }
    assert program.owners([]) == {}


def test_whose_each_module_here_is():
    """The same as importlib.metadata says of all that is installed."""
    told = metadata.packages_distributions()
    tops = [top for top in told if top.isidentifier()]
    expected = {top: {program.normalized(name) for name in told[top]} for top in tops}
    assert {top: set(names) for top, names in program.owners(tops).items()} == expected
    assert program.owners(["pytest"])["pytest"] == ["pytest"]
