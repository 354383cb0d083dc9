"""The pages in docs/ and who reads them, and: `python -m tests.documentation [PAGE...]`.

That writes into pages what their commands print now, wherever that is not what stands there. Look
at the difference before it is committed.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

import jsonschema
import yaml

from docs.writing.schemas import schema_of
from tests.pages import TOP, Block, Reader, blocks, is_as_said

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
# Pages that another test follows, because they need more than plugreg.
ELSEWHERE = {
    "explanation/misbehaving-plugins.md": "tests/plugins/hosts/test_misbehaving.py",
    "explanation/layers.md": "tests/test_docs.py, where there is a site's folder",
    "how-to/extend.md": "tests/examples/test_source.py, where the examples are installed",
}
# Pages with files and tools of Debian's, whose numbers are those of one machine.
OF_DEBIAN = {"how-to/migrate-a-dbm-file.md"}
# What differs from one time to the next, of what commands print, and stands on the pages as it was
# once.
VARIES = {
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ": "MOMENT",
    r"MOMENT {2,}\S+": "MOMENT you",  # who did it
    r"backup-\d{8}-\d{6}": "backup-MOMENT",
    r"\b\d+\.\d+ ?m?s\b": "SECONDS",
    r"[\d.]+ [kMGT]B are free": "SIZE is free",
    r"Python 3\.\d+\.\d+": "PYTHON",
}
# A column is as wide as what stands in it: where some of that varies, so do the blanks behind it.
_VARIED = re.compile("|".join(["/home/you", r"\.\.\.", *VARIES.values()]))
# Wide: where a table wraps depends on the length of the folder's name.
COLUMNS = 250
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


def reader_at_home(folder: Path) -> Reader:
    """Return someone at a terminal, whose home folder has a checkout's examples and old files."""
    home, left = folder / "you", folder / "left"
    for place in (home / "checkout" / "tests", left):
        place.mkdir(parents=True)
    shutil.copytree(TOP / "examples", home / "checkout" / "examples")
    (home / "checkout" / "tests" / "corpus").symlink_to(TOP / "tests" / "corpus")
    (left / "gitconfig").write_text(GIT, encoding="utf-8")
    own = {"HOME": str(home), "NO_COLOR": "1", "GIT_CONFIG_GLOBAL": str(left / "gitconfig")}
    own["XDG_DATA_DIRS"] = str(left / "site")  # no catalog of the machine's
    nowhere = dict.fromkeys(("PLUGREG_CATALOG", "XDG_DATA_HOME", "XDG_CACHE_HOME"), "")
    return Reader(home, left, {**own, **nowhere}, terminal=COLUMNS)


def try_block(block: Block, reader: Reader, home: str, *, numbers: bool) -> None:
    """Do with a block what its language asks for, and fail where it is not true."""
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
    if _VARIED.search(text):
        text = re.sub(r"(?<=\S) {2,}", "  ", text)
    return text if numbers else re.sub(r"\d[\d,.]*( [kMG]?B\b| bytes\b)?", "N", text)


# In a history, who did it stands between two columns, after when.
_WHO = r"(\d\dZ {2,})\S+(?= {2})"


def write_anew(name: str, folder: Path) -> None:
    """Write into a page what its commands print now."""
    reader, page = reader_at_home(folder), PAGES[name]
    home, lines = str(reader.folder), page.read_text(encoding="utf-8").splitlines()
    shift = 0
    for block in blocks(page):
        if block.language != "console":
            try_block(block, reader, home, numbers=True)
            continue
        shown = _as_printed(block, reader, home, numbers=name not in OF_DEBIAN)
        first, length = block.line + shift, len(block.text.splitlines())
        lines[first : first + length] = shown
        shift += len(shown) - length
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _as_printed(block: Block, reader: Reader, home: str, *, numbers: bool) -> list[str]:
    """Return the lines of a console block, each command with what it prints now."""
    lines = []
    for command, expected in block.steps():
        lines += [
            ("> " if number else "$ ") + line for number, line in enumerate(command.split("\n"))
        ]
        printed = expected
        if not command.startswith(tuple(NOT_TYPED)):
            now = reader.types(command)
            both = [as_everywhere(text, home, numbers=numbers) for text in (now, expected)]
            if not is_as_said(*both):
                printed = re.sub(_WHO, r"\1you ", now.replace(home, "/home/you"))
                printed = now if printed == now else _aligned(printed)
        lines += printed.splitlines()
    return lines


def _aligned(text: str) -> str:
    """Return a table with columns as wide as they are after a name in them was changed."""
    rows = [re.split(r" {2,}", line.rstrip()) for line in text.splitlines()]
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        return text
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = (map(str.ljust, row, widths) for row in rows)
    return "".join("  ".join(row).rstrip() + "\n" for row in padded)


if __name__ == "__main__":
    for argument in sys.argv[1:] or PAGES:
        name = Path(argument).as_posix().removeprefix("docs/")
        if name not in ELSEWHERE:
            with tempfile.TemporaryDirectory() as folder:
                write_anew(name, Path(folder))
