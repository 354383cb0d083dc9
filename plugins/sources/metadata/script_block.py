"""The metadata block at the top of a script (PEP 723): TOML in comments."""

from __future__ import annotations

from plugreg import SourceError

from .table import Table, parse_toml

START = "# /// script"
END = "# ///"


def read_script_block(text: str, origin: str) -> Table:
    """Return the tables of a module's `script` block, empty where it has none.

    Raises:
        SourceError: There are several, or one is not TOML (code "source-invalid").
    """
    blocks = _blocks([line.rstrip() for line in text.splitlines()])
    if len(blocks) > 1:
        raise SourceError(
            f"{origin} has {len(blocks)} script blocks",
            hint=f"leave one block that starts with `{START}`",
            code="source-invalid",
            path=origin,
        )
    return parse_toml("\n".join(blocks[0]) if blocks else "", f"{origin}, script block")


def _blocks(lines: list[str]) -> list[list[str]]:
    """Return the contents of every closed block, comment marks removed.

    A block ends at the last end mark of its run of comments: a mark before that is content.
    """
    blocks: list[list[str]] = []
    position = 0
    while position < len(lines):
        position += 1
        if lines[position - 1] != START:
            continue
        stop = position
        while stop < len(lines) and (lines[stop] == "#" or lines[stop].startswith("# ")):
            stop += 1
        ends = [at for at in range(position, stop) if lines[at] == END]
        if ends:
            blocks.append([line[2:] for line in lines[position : ends[-1]]])
            position = ends[-1] + 1
    return blocks
