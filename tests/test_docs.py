"""The pages in docs/: each is a story, and every block of it is tried in its order."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from plugreg import backends
from tests.conditions import once, skip_or_fail
from tests.documentation import (
    ELSEWHERE,
    NOT_RUN,
    NOT_TYPED,
    OF_DEBIAN,
    PAGES,
    as_everywhere,
    reader_at_home,
    try_block,
    write_anew,
)
from tests.pages import TOP, Reader, blocks

pytestmark = once("a page says the same for every Python")
# What a page with files of Debian's needs: libavahi-common-data, man-db and db-util.
NEEDED = ("/usr/lib/x86_64-linux-gnu/avahi/service-types.db", "/var/cache/man/index.db")
TOOLS = ("db_load", "db_verify")


@pytest.mark.parametrize(
    "name", [name for name, page in PAGES.items() if blocks(page) and name not in ELSEWHERE]
)
def test_everything_on_the_page_is_true(name: str, tmp_path: Path) -> None:
    """Commands print what stands below them, Python runs, and data have the form they should."""
    if name in OF_DEBIAN:
        require_debian()
    reader = reader_at_home(tmp_path)
    home = str(reader.folder)
    for block in blocks(PAGES[name]):
        try_block(block, reader, home, numbers=name not in OF_DEBIAN)


def require_debian() -> None:
    """Skip the test, or fail it, where the machine has not the real files."""
    missing = [file for file in NEEDED if not os.path.exists(file)]
    missing += [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        skip_or_fail(f"this machine has no {', '.join(missing)}")


def test_every_exception_is_used() -> None:
    """What is not typed or not run stands on some page, or it is no exception any more."""
    found = [block for page in PAGES.values() for block in blocks(page)]
    typed = [command for block in found for command, _ in block.steps()]
    for start in NOT_TYPED:
        assert any(command.startswith(start) for command in typed), start
    assert set(NOT_RUN) <= {block.language for block in found}
    assert {*ELSEWHERE, *OF_DEBIAN} <= set(PAGES)


def test_a_page_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not true any more is replaced; what is, dots and moments included, stays as it is."""
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n```console\n$ echo now\nthen\n$ echo one two\none ...\n```\n\nEnd.\n"
    )
    monkeypatch.setattr("tests.pages.TOP", tmp_path)
    monkeypatch.setitem(PAGES, "page.md", page)
    write_anew("page.md", tmp_path / "reader")
    expected = "# Page\n\n```console\n$ echo now\nnow\n$ echo one two\none ...\n```\n\nEnd.\n"
    assert page.read_text() == expected


def test_blanks_count_where_nothing_varies() -> None:
    """Only what stands in a column with something of the reader's own has blanks of its own."""
    assert as_everywhere("-      x\n", "/home/me", numbers=True) == "-      x\n"
    row = "a     /home/me/a  b\n"
    assert as_everywhere(row, "/home/me", numbers=True) == "a  /home/you/a  b\n"


def test_what_is_no_table_is_written_as_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines of one form keep their blanks, also where those were too few on the page."""
    page = tmp_path / "page.md"
    true = (
        "# Page\n\n```console\n$ printf -- '-      a,\\n+      b,\\n'\n-      a,\n+      b,\n```\n"
    )
    page.write_text(true.replace("-      a,\n+      b,\n`", "-  a,\n+  b,\n`"))
    monkeypatch.setattr("tests.pages.TOP", tmp_path)
    monkeypatch.setitem(PAGES, "page.md", page)
    write_anew("page.md", tmp_path / "reader")
    assert page.read_text() == true


def test_the_commands_on_layers(tmp_path: Path) -> None:
    """Every command of the page prints what the page says, with a user and a site of its own."""
    (tmp_path / "site").mkdir()
    places = {"XDG_DATA_HOME": f"{tmp_path}/data", "XDG_DATA_DIRS": f"{tmp_path}/site"}
    reader = Reader(TOP, tmp_path, places)
    reader.environment["PLUGREG_CATALOG"] = ""
    shown = blocks(PAGES["explanation/layers.md"], "console")
    assert len(shown) == 1
    reader.follows(shown[0])


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
