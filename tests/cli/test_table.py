"""Rows of cells as lines."""

from __future__ import annotations

import pytest

from plugreg.cli.screen import Screen, columns_of
from plugreg.cli.table import Column, show_rows, wrap
from plugreg.printable import safe


@pytest.mark.parametrize("width", [1, 2, 3, 7, 40])
@pytest.mark.parametrize(
    "text", ["", "word", "two words", "/a/long/path/here", "a,b,c", "漢字かな交じり文", "e\u0301té"]
)
def test_wrapping_loses_nothing_and_fits(text, width):
    """The lines hold every character but end blanks, and fit as far as one character can."""
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(columns_of(line) <= max(width, 2) for line in lines)
    assert lines


def test_wide_characters_take_two_columns():
    """The columns line up where characters are wider than one column."""
    columns = (Column("a"), Column("b"))
    lines = list(show_rows(columns, [("漢字", "x"), ("abcd", "y")], Screen(True, 40, False)))
    assert lines[1:] == ["漢字  x", "abcd  y"]


def test_names_are_broken_last():
    """A column that is to stay whole does, while another can give way."""
    columns = (Column("name", whole=True), Column("source"))
    row = ("a-name-of-twenty-two-c", "/home/me/src/a-name-of-twenty-two-c")
    lines = list(show_rows(columns, [row], Screen(terminal=True, width=40, colour=False)))
    assert lines[1].startswith("a-name-of-twenty-two-c  /home/me/")
    narrow = list(show_rows(columns, [row], Screen(terminal=True, width=20, colour=False)))
    assert max(map(len, narrow)) <= 20


def test_a_cell_is_painted_by_what_all_of_it_says():
    """A style belongs to one column and to a whole cell: a project may be called "on"."""
    columns = (Column("name"), Column("on", {"on": "good"}))
    (line,) = show_rows(columns, [("on", "on")], Screen(False, 80, True))
    assert line == "on\t\x1b[32mon\x1b[0m"


def test_safe_leaves_printable_text_alone():
    """Letters of any script stay; what steers a terminal, and bytes that are no text, do not."""
    assert safe("naïve 漢字") == "naïve 漢字"
    assert safe("a\x9b31m\u2066\x00\udcff") == r"a\x9b31m\u2066\x00\xff"
