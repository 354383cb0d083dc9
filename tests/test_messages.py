"""One voice: every error and hint that the code can print has the same form."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from plugreg import PlugregError
from plugreg.cli.app import COMMANDS, make_command
from tests.test_architecture import MODULES, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Those words that start with a capital letter wherever they stand.
PROPER = ("SQLite", "Berkeley", "TDB", "FILE", "DEST", "SOURCE", "PATH", "GNU", "GDBM", "Python")
# What is shown as Python would, because it is bytes or may be anything.
BYTES = {"key", "head[:4]", "line[:40]", "example[:40]", "typed"}
_COMMAND = re.compile(rf"\bplugreg (?:{'|'.join(COMMANDS)})\b")
_OTHER_PROGRAMS = re.compile(r"\b(?:pip install|python -m)\b")


def family() -> set[str]:
    """Return the names of all classes of errors that plugreg explains, and of problems."""
    for command in COMMANDS:
        make_command(command)
    found, new = {PlugregError}, {PlugregError}
    while new:
        new = {child for each in new for child in each.__subclasses__()} - found
        found |= new
    return {each.__name__ for each in found} | {"Problem"}


FAMILY = family()


def text_of(node: ast.expr) -> str | None:
    """Return a text as it is written, "{}" for each value in it; None where it is no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            (text_of(part) or "") if isinstance(part, ast.Constant) else _hole(part)
            for part in node.values
        )
    return None


def _hole(part: ast.expr) -> str:
    assert isinstance(part, ast.FormattedValue)
    as_python = part.conversion == ord("r") and ast.unparse(part.value) not in BYTES
    return "{!r}" if as_python else "{}"


def texts_of(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield the line of each message or hint of a module, which of both it is, and its text."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = node.args[:1] if name in FAMILY else []
        if name == "Problem":
            given = node.args[1:]
        hints = [word.value for word in node.keywords if word.arg == "hint"]
        for kind, nodes in (("message", given), ("hint", hints)):
            for each in nodes:
                branches = [each.body, each.orelse] if isinstance(each, ast.IfExp) else [each]
                for branch in branches:
                    text = text_of(branch)
                    if text:
                        yield branch.lineno, kind, text


def faults_of(text: str) -> Iterator[str]:
    """Yield what is not as the others are."""
    if text[0].isupper() and not text.startswith(PROPER):
        yield "starts with a capital letter"
    if text.endswith((".", "!", ";", " ")):
        yield "ends with a stop"
    if "  " in text or "\n" in text:
        yield "is not one line"
    if "{!r}" in text:
        yield "shows a word as Python would, and not in backticks"
    outside = "".join(text.split("`")[::2])
    if _COMMAND.search(outside) or _OTHER_PROGRAMS.search(outside):
        yield "names a command without backticks"
    if text.count("`") % 2:
        yield "has an odd backtick"


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_messages_have_one_form(path: Path) -> None:
    """Lower case, one line, no stop at the end; what was typed, and commands, in backticks."""
    if path.name == "testing.py":  # of tests, not of users
        return
    faults = [
        f"{shown(path)}:{line}: a {kind} {fault}: {text}"
        for line, kind, text in texts_of(path)
        for fault in faults_of(text)
    ]
    assert faults == []


def test_there_are_messages() -> None:
    """The functions above find them, in all floors."""
    found = {path: list(texts_of(path)) for path in MODULES}
    assert sum(map(len, found.values())) > 300
    assert {shown(path).split("/")[0] for path, texts in found.items() if texts} == {
        "backends", "registry", "plugins", "cli",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Nothing was found",
        "nothing was found.",
        "no name {!r}",
        "see plugreg list",
        "two\nlines",
        "pip install it",
        "see `plugreg list",
    ],
)
def test_the_check_would_notice(text: str) -> None:
    """Each of the rules is kept by somebody."""
    assert list(faults_of(text))
