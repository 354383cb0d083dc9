"""Keys that another program put into a catalog: each is listed under a name that takes it out."""

from __future__ import annotations

import re
import shlex
import sqlite3
from contextlib import closing

import pytest

KEYS = {
    "a command": b"a; touch pwned",
    "another command": b"$(touch pwned)",
    "an option": b"-x",
    "a long option": b"--help",
    "a colour": b"\x1b[31mred",
    "two lines": b"x\ny",
    "a quote": b"it's",
    "a name spelt otherwise": b"Under_Score",
    "no UTF-8": b"caf\xe9",
    "half a character": b"\xed\xa0\x80",
    "a backslash": b"\\x1b",
    "a blank": b" ",
}


@pytest.fixture(params=KEYS)
def key(request, filled):
    """The key of a damaged record in a catalog of three projects."""
    key = KEYS[request.param]
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("REPLACE INTO Dict VALUES (?, ?)", (key, b"rubbish"))
    return key


def listed(plugreg):
    """Return the names of what is unreadable."""
    projects = plugreg("list", "--json").object["data"]["projects"]
    return [one["name"] for one in projects if one["state"] == "unreadable"]


def test_the_command_that_is_suggested_takes_it_out(plugreg, key):
    """As a shell reads it: no part of the name is a command, an option or another argument."""
    (problem,) = [
        one
        for one in plugreg("doctor", "--json").object["data"]["problems"]
        if one["code"] == "record-unreadable"
    ]
    command = re.search("`plugreg (remove .*)` takes it out", problem["hint"])[1]
    assert plugreg(*shlex.split(command)).status == 0
    assert listed(plugreg) == []
    assert len(plugreg("list").lines) == 3


def test_the_name_that_is_shown_takes_it_out(plugreg, key):
    """It is on one line, and nothing in it steers a terminal."""
    (name,) = listed(plugreg)
    assert name.isprintable()
    assert plugreg("list").lines[-1].startswith(f"{name}\t") or name in plugreg("list").out
    outcome = plugreg("remove", "--", name)
    assert outcome.status == 0, outcome.err
    assert listed(plugreg) == []
    assert plugreg("undo").status == 0
    assert listed(plugreg) == [name]


def test_the_key_itself_takes_it_out(plugreg, key):
    """As a program passes it on."""
    name = key.decode(errors="surrogateescape")
    assert plugreg("remove", "--", name).status == 0
    assert listed(plugreg) == []
