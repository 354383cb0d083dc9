"""The pages in docs/: each is a story, and every block of it is tried in its order."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from docs.writing.schemas import schema_of
from plugreg import backends
from tests.conditions import skip_or_fail
from tests.pages import TOP, Block, Reader, blocks

DOCS = TOP / "docs"
PAGES = {page.relative_to(DOCS).as_posix(): page for page in sorted(DOCS.rglob("*.md"))}
# What is not typed, and why.
NOT_TYPED = {
    "pip install": "it fetches from PyPI, and is what has been done to the tested environment",
    "pipx install": "likewise",
    "git clone https": "the reader has a copy of the examples and of the old files",
}
# Languages of blocks that nobody types or runs, and why.
NOT_RUN = {"text": "it shows what is printed at a moment that varies, or a form of words"}
# Pages with files and tools of Debian's, whose numbers are those of one machine: the packages are
# libavahi-common-data, man-db and db-util.
OF_DEBIAN = {"how-to/migrate-a-dbm-file.md"}
NEEDED = ("/usr/lib/x86_64-linux-gnu/avahi/service-types.db", "/var/cache/man/index.db")
TOOLS = ("db_load", "db_verify")
# Wide: where a table wraps depends on the length of the folder's name.
COLUMNS = 250
# Pages that another test follows, because they need more than plugreg.
ELSEWHERE = {
    "how-to/extend.md": "tests/examples/test_source.py, where the examples are installed",
    "explanation/layers.md": "below, where a site's folder is at hand",
    "reference/doctor.md": "below, where the catalog is named",
    "explanation/misbehaving-plugins.md": "tests/plugins/hosts/test_misbehaving.py",
}
# What differs from one time to the next, of what commands print, and stands on the pages as it was
# once.
VARIES = {
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ": "MOMENT",
    r"MOMENT {2,}\S+": "MOMENT you",  # who did it
    r"backup-\d{8}-\d{6}": "backup-MOMENT",
    r"\b\d+\.\d+ ?m?s\b": "SECONDS",
    r"[\d.]+ [kMGT]B are free": "SIZE is free",
    r"Python 3\.\d+\.\d+": "PYTHON",
    r"index [0-9a-f]+\.\.[0-9a-f]+": "index HASHES",
    r"(?<=\S) {2,}": "  ",  # columns are as wide as what stands in them
}
GIT = """
[user]
name = You
email = you@home
[core]
pager = cat
[color]
ui = never
[safe]
directory = *
"""


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Someone at a terminal, with a home folder that has a checkout's examples and old files."""
    folder, home = tmp_path / "you", tmp_path / "left"
    for place in (folder / "checkout" / "tests", home):
        place.mkdir(parents=True)
    shutil.copytree(TOP / "examples", folder / "checkout" / "examples")
    (folder / "checkout" / "tests" / "corpus").symlink_to(TOP / "tests" / "corpus")
    own = {
        "HOME": str(folder),
        "LOGNAME": "you",
        "NO_COLOR": "1",
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
    }
    (home / "gitconfig").write_text(GIT, encoding="utf-8")
    nowhere = dict.fromkeys(("PLUGREG_CATALOG", "XDG_DATA_HOME", "XDG_CACHE_HOME"), "")
    return Reader(folder, home, {**own, **nowhere}, terminal=COLUMNS)


@pytest.mark.parametrize(
    "name", [name for name, page in PAGES.items() if blocks(page) and name not in ELSEWHERE]
)
def test_everything_on_the_page_is_true(name: str, reader: Reader) -> None:
    """Commands print what stands below them, Python runs, and data have the form they should."""
    if name in OF_DEBIAN:
        require_debian()
    home = str(reader.folder)
    for block in blocks(PAGES[name]):
        try_block(block, reader, home, numbers=name not in OF_DEBIAN)


def require_debian() -> None:
    """Skip the test, or fail it, where the machine has not the real files."""
    missing = [file for file in NEEDED if not os.path.exists(file)]
    missing += [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        skip_or_fail(f"this machine has no {', '.join(missing)}")


def try_block(block: Block, reader: Reader, home: str, *, numbers: bool) -> None:
    """Do with a block what its language asks for."""
    if block.file:
        reader.writes(block)
    if block.language == "console":
        reader.follows(
            block,
            leaves_out=tuple(NOT_TYPED),
            ignoring=lambda text: as_everywhere(text, home, numbers=numbers),
        )
    elif block.language == "pycon":
        reader.converses(block)
    elif block.language == "sh":
        reader.types(block.text)
        assert reader.status == 0, block
    elif block.language == "python" and not block.file:
        reader.runs(block)
    elif block.language in DATA:
        DATA[block.language](block.text)
    else:
        assert block.language in {*NOT_RUN, "python"}, f"{block}: {block.language}"


def valid_json(text: str) -> None:
    """Parse JSON, and hold an export against its schema."""
    value = json.loads(text)
    if isinstance(value, dict) and value.get("format") == "plugreg-catalog":
        jsonschema.validate(value, schema_of("export"))


DATA = {"json": valid_json, "toml": tomllib.loads, "yaml": yaml.safe_load}


def as_everywhere(text: str, home: str, *, numbers: bool) -> str:
    """Return the text as it is in the home folder of "you", at any time, and without numbers."""
    text = text.replace(home, "/home/you")
    for pattern, word in VARIES.items():
        text = re.sub(pattern, word, text)
    return text if numbers else re.sub(r"\d[\d,.]*( [kMG]?B\b| bytes\b)?", "N", text)


def test_every_exception_is_used() -> None:
    """What is not typed or not run stands on some page, or it is no exception any more."""
    found = [block for page in PAGES.values() for block in blocks(page)]
    typed = [command for block in found for command, _ in block.steps()]
    for start in NOT_TYPED:
        assert any(command.startswith(start) for command in typed), start
    assert set(NOT_RUN) <= {block.language for block in found}


def test_the_commands_on_layers(tmp_path: Path) -> None:
    """Every command of the page prints what the page says, with a user and a site of its own."""
    (tmp_path / "site").mkdir()
    places = {"XDG_DATA_HOME": f"{tmp_path}/data", "XDG_DATA_DIRS": f"{tmp_path}/site"}
    reader = Reader(TOP, tmp_path, places)
    reader.environment["PLUGREG_CATALOG"] = ""
    shown = blocks(DOCS / "explanation" / "layers.md", "console")
    assert len(shown) == 1
    reader.follows(shown[0])


def test_the_commands_of_the_doctor(tmp_path: Path) -> None:
    """They are typed in a checkout, by whom the catalog is his own."""
    tmp_path.chmod(0o700)
    reader = Reader(TOP, tmp_path)
    for block in blocks(DOCS / "reference" / "doctor.md", "console"):
        reader.follows(block)


def test_the_table_of_targets_is_complete() -> None:
    """Every flavour that can be written is in the table of limits, and no other."""
    page = PAGES["how-to/choose-a-flavour.md"].read_text(encoding="utf-8")
    text = page.partition("## What each can hold")[2]
    named = set(
        re.findall(r"`([a-z0-9-]+)`", "".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)))
    )
    written = {flavour.name for flavour in backends.flavours() if not flavour.unwritable_here()}
    assert written - named == set()
    assert named - written <= {"ndbm"}


def test_the_number_of_flavours_in_the_readme() -> None:
    """Those that are read and written without a C module, which `ndbm` needs."""
    own = [flavour for flavour in backends.flavours() if flavour.name != "ndbm"]
    read = sum(not flavour.unreadable_here() for flavour in own)
    written = sum(not flavour.unwritable_here() for flavour in own)
    text = (TOP / "README.md").read_text(encoding="utf-8")
    assert f"{read} flavours read, {written} written, no C module" in text
