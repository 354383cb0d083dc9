"""What was probably meant is told, wherever a word is one of some that are known."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (["lsit"], "list"),
        (["--versoin"], "--version"),
        (["list", "--colums", "name"], "--columns"),
        (["list", "--columns", "name,verison"], "version"),
        (["list", "--sort", "-updatd"], "updated"),
        (["list", "--state", "mising"], "missing"),
        (["dump", "x", "--format", "gdmb"], "gdbm"),
        (["check", "x", "--format", "gihub"], "github"),
        (["migrate", "x", "--to", "sqlite"], "sqlite3"),
        (["migrate", "x", "--from", "dbm.gnuu"], "gnu"),
        (["load", "x", "--to", "dum"], "dumb"),
        (["completion", "bahs"], "bash"),
    ],
)
def test_wrong_usage(plugreg, line, meant):
    """Commands, options, columns, states, forms, flavours, shells."""
    outcome = plugreg(*line)
    assert outcome.status == 2
    assert outcome.err.endswith(f"; did you mean `{meant}`?\n")


@pytest.mark.parametrize(
    ("line", "known"),
    [
        (["list", "--columns", "zzz"], "summary"),
        (["list", "--state", "zzz"], "unreadable"),
        (["completion", "zzz"], "fish"),
        (["migrate", "x", "--to", "zzz"], "sqlite3"),
    ],
)
def test_all_are_told_where_none_is_like_it(plugreg, line, known):
    """There are few enough of them."""
    err = plugreg(*line).err
    assert "choose one of " in err
    assert known in err


@pytest.mark.parametrize("command", ["show", "enable", "disable", "remove", "set", "history"])
def test_names_of_projects(plugreg, filled, command):
    """Those of the catalog."""
    extra = ["--priority", "3"] if command == "set" else []
    outcome = plugreg(command, "datasette-mpa", *extra)
    assert outcome.status == 1
    assert outcome.err == (
        "plugreg: error: no project `datasette-mpa`; did you mean `datasette-map`?\n"
    )


@pytest.mark.parametrize(
    ("option", "word", "meant"),
    [
        ("--group", "datasete", "datasette"),
        ("--tag", "wbe", "web"),
        ("--kind", "direcory", "directory"),
    ],
)
def test_filters(terminal, filled, option, word, meant):
    """A person whose list is empty is told which word the catalog has; else how to see all."""
    err = terminal("list", option, word).err
    assert err.endswith(f"warning: no project fits; did you mean `{meant}`?\n")
    assert "`plugreg list` shows all" in terminal("list", option, "zzz").err


def test_a_group_that_nothing_installed_has(plugreg):
    """An empty sync says so, and which group there is."""
    outcome = plugreg("sync", "--group", "pytest1")
    assert outcome.status == 0
    assert "nothing of the group `pytest1` is installed" in outcome.err
    assert outcome.err.endswith("did you mean `pytest11`?\n")
    assert "--python ENV" in plugreg("sync", "--group", "zzz").err


def test_what_is_to_be_checked(plugreg, filled):
    """It may be a project as well as a source: the one of the catalog is named."""
    told = plugreg("check", "datasette-mpa").err
    assert "nothing is called `datasette-mpa`" in told
    assert told.endswith("; did you mean `datasette-map`?\n")
    assert "did you mean" not in plugreg("check", "nothing-like-it").err
