"""The commands of the pages in docs/, run word for word on real files of a Debian machine."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from plugreg import backends
from tests.conditions import skip_or_fail
from tests.pages import TOP, Reader, blocks

PAGE = TOP / "docs" / "dbm-files.md"
# What the page's commands need: the packages are libavahi-common-data, man-db and db-util.
FILES = ("/usr/lib/x86_64-linux-gnu/avahi/service-types.db", "/var/cache/man/index.db")
TOOLS = ("db_load", "db_verify")


def without_numbers(text: str, folder: Path) -> str:
    """Return the text as it is on every machine and day."""
    return re.sub(r"\d[\d,.]*( [kMG]?B\b| bytes\b)?", "N", text.replace(str(folder), "/home/you"))


@pytest.fixture
def machine() -> None:
    """A machine that has the real files."""
    missing = [file for file in FILES if not os.path.exists(file)]
    missing += [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        skip_or_fail(f"this machine has no {', '.join(missing)}")


def test_the_commands_on_dbm_files(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, machine: None
) -> None:
    """Every command of the page prints what the page says, but for the numbers."""
    reader = Reader(tmp_path, tmp_path_factory.mktemp("home"))
    for block in blocks(PAGE, "console"):
        reader.follows(block, ignoring=lambda text: without_numbers(text, tmp_path))


def test_the_commands_of_the_doctor(tmp_path: Path) -> None:
    """They are typed in a checkout, by whom the catalog is his own."""
    tmp_path.chmod(0o700)
    reader = Reader(TOP, tmp_path)
    for block in blocks(TOP / "docs" / "doctor.md", "console"):
        reader.follows(block)


def test_the_table_of_targets_is_complete() -> None:
    """Every flavour that can be written is in the table of limits, and no other."""
    text = PAGE.read_text(encoding="utf-8").partition("## Limits of the targets")[2]
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
