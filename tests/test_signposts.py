"""The pages that say where everything is: what they name is there, and no room is left out."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.pages import TOP

ARCHITECTURE = TOP / "docs" / "explanation" / "architecture.md"
CONTRIBUTING = TOP / "CONTRIBUTING.md"
PAGES = [ARCHITECTURE, CONTRIBUTING]
TOPS = {path.name for path in TOP.iterdir()}


def paths_named(text: str) -> list[str]:
    """Return what stands in backquotes and begins with a file or folder of the top."""
    words = re.findall(r"`([\w./-]+)`", text)
    return [word for word in words if word.partition("/")[0] in TOPS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_is_there(page):
    """A folder with its slash, a file without."""
    named = paths_named(page.read_text("utf-8"))
    assert len(named) > 15
    for path in named:
        assert (TOP / path).is_dir() if path.endswith("/") else (TOP / path).is_file(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    """To a page that is there, and to a heading on it."""
    links = re.findall(r"\]\(([^):#]+)(?:#([\w-]+))?\)", page.read_text("utf-8"))
    assert links
    for target, heading in links:
        text = (page.parent / target).resolve().read_text("utf-8")
        titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        assert not heading or heading in {title.lower().replace(" ", "-") for title in titles}


def test_no_folder_of_code_is_left_out():
    """Each package is named where the rooms are described."""
    settings = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    named = paths_named(ARCHITECTURE.read_text("utf-8"))
    assert [each for each in settings["package-dir"].values() if f"{each}/" not in named] == []


def test_the_targets_of_the_makefile_are_those():
    """What is said of `make` is true, and the targets that check something are all said."""
    makefile = (TOP / "Makefile").read_text("utf-8")
    told = set(re.findall(r"`make ([\w-]+)`", CONTRIBUTING.read_text("utf-8")))
    assert told <= set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    assert {"test", "lint", "types", "check", "fuzz", "torture", "bench"} <= told


def test_what_is_not_there_would_be_noticed():
    """Paths are found in a sentence and in a table; commands and names of Python are none."""
    text = (
        "See `backends/nothing.py`, `docs/`; | `.ci/run` | `plugins.load`, `make test`, `cat.db`."
    )
    assert paths_named(text) == ["backends/nothing.py", "docs/", ".ci/run"]
