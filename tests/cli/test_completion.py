"""What a shell is told: commands, options and names, by a process that stays silent otherwise."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys

import pytest

from plugreg import Registry
from plugreg.cli.app import COMMANDS, make_command
from plugreg.cli.completion.bash_line import Line
from plugreg.cli.completion.grammar import COMMANDS as GRAMMAR
from plugreg.cli.completion.grammar import OF_PLUGREG, options_of

from .conftest import COMMAND, damage, make_project

BREAKS = " \t\n\"'@><=;|&(:"  # bash's own


@pytest.fixture
def complete(plugreg):
    """Return how to take the answer to a line, typed up to its last word, and the words of it."""

    def ask(*words, **environment):
        outcome = plugreg("plugreg", *words, _PLUGREG_COMPLETE="zsh", **environment)
        assert (outcome.status, outcome.err) == (0, "")
        lines = outcome.out.splitlines()
        assert lines, "no answer"
        return lines[0].split()[0], [line.partition("\t")[0] for line in lines[1:]]

    return ask


def words(answer):
    """Return the words of an answer that has some, and after which a blank may follow."""
    assert answer[0] == "words"
    return answer[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_grammar_is_that_of_the_commands(command):
    """Every command, its options and arguments are as typer knows them; none is left out."""
    known = make_command(command)
    options = [param for param in known.params if param.param_type_name == "option"]
    flags = {name for one in options if one.is_flag for name in (*one.opts, *one.secondary_opts)}
    valued = {name for one in options if not one.is_flag for name in one.opts}
    told = options_of(command)
    assert {name for name, kind in told.items() if kind} == valued
    assert {name for name, kind in told.items() if not kind} == {*flags, "--help"}
    arguments = [param for param in known.params if param.param_type_name == "argument"]
    kinds = GRAMMAR[command][1].split()
    many = [kind.endswith("...") or kind == "command" for kind in kinds]
    assert many == [one.nargs == -1 for one in arguments]
    assert GRAMMAR[command][0] == known.get_short_help_str(1000)


def test_the_grammar_has_no_other_command(plugreg):
    """What is completed exists, plugreg's own options included."""
    assert list(GRAMMAR) == list(COMMANDS)
    shown = plugreg("--help").out
    assert all(option in shown for option in OF_PLUGREG.split())


def test_commands_and_options(complete):
    """Those that start as typed; an option that was given is not told again, unless it may be."""
    assert words(complete("di")) == ["disable"]
    assert words(complete("list", "--gr")) == ["--group"]
    assert "--group" not in words(complete("list", "--group", "x", "--"))
    assert "--tag" in words(complete("list", "--tag", "x", "--"))
    assert words(complete("--v")) == ["--version"]
    assert "--enabled" in words(complete("list", ""))  # it takes no argument
    assert words(complete("nonsense", "")) == []


def test_names_that_fit_the_verb(complete, filled):
    """What is on can be disabled, what is off enabled, and nothing is told twice."""
    assert words(complete("disable", "")) == ["datasette-map", "pytest-sugar"]
    assert words(complete("enable", "")) == ["datasette-auth"]
    assert words(complete("remove", "data")) == ["datasette-auth", "datasette-map"]
    assert words(complete("remove", "datasette-map", "data")) == ["datasette-auth"]
    assert words(complete("set", "d", filled)) == []
    assert words(complete("set", "--before", "py")) == ["pytest-sugar"]
    assert words(complete("show", "p")) == ["pytest-sugar"]
    assert words(complete("history", "--", "p")) == ["pytest-sugar"]


def test_revisions(complete, filled, plugreg):
    """NAME@N, the last change first; a blank may not follow a mere NAME@."""
    plugreg("disable", "datasette-map")
    assert words(complete("show", "datasette-map@")) == ["datasette-map@4", "datasette-map@1"]
    assert complete("restore", "datasette-") == ("open", ["datasette-auth@", "datasette-map@"])
    assert words(complete("restore", "py")) == ["pytest-sugar@3"]
    assert words(complete("undo", "")) == ["4", "3", "2", "1"]


def test_values_of_options(complete, filled):
    """Groups, tags, kinds, columns, states, flavours and forms, after a blank or an "="."""
    assert words(complete("list", "--group", "")) == ["datasette", "pytest11"]
    assert words(complete("list", "--group=p")) == ["--group=pytest11"]
    assert words(complete("list", "--tag", "g")) == ["geo"]
    assert words(complete("list", "--kind", "")) == ["directory"]
    assert words(complete("list", "--state", "m")) == ["missing"]
    assert words(complete("list", "--columns", "name,ver")) == ["name,version"]
    assert words(complete("list", "--sort", "-upd")) == ["-updated"]
    assert words(complete("migrate", "x", "--to", "dum")) == ["dumb"]
    assert words(complete("migrate", "x", "--from", "cd")) == ["cdb"]
    assert words(complete("dump", "x", "--format", "g")) == ["gdbm"]
    assert words(complete("completion", "")) == ["bash", "zsh", "fish"]
    assert words(complete("list", "--match", "")) == []


def test_what_the_shell_completes_itself(complete, filled, plugreg):
    """Files, folders, and the command line of another program, from where it begins."""
    assert complete("identify", "x") == ("files", [])
    assert complete("add", "x", "--python", "") == ("folders", [])
    assert complete("list", "--catalog", "") == ("files", [])
    assert complete("check", "./") == ("files", [])
    assert words(complete("check", "py")) == ["pytest-sugar"]
    for line, place in (
        (["run", "--", ""], 2),
        (["run", ""], 1),
        (["bisect", "--timeout", "3", "host", "--op"], 3),
    ):
        outcome = plugreg("plugreg", *line, _PLUGREG_COMPLETE="zsh")
        assert outcome.out == f"command {place}\n"


def test_the_catalog_on_the_line(complete, filled, tmp_path):
    """It is the one that is asked, in either form, and with ~ as it is typed."""
    other = str(tmp_path / "other")
    with Registry.open(other) as registry:
        registry.add(make_project("elsewhere"))
    assert words(complete("disable", "--catalog", other, "")) == ["elsewhere"]
    assert words(complete("disable", f"--catalog={other}", "")) == ["elsewhere"]
    home = {"HOME": str(tmp_path)}
    assert words(complete("disable", "--catalog", "~/other", "", **home)) == ["elsewhere"]
    assert words(complete("disable", "--catalog", "$HOME/other", "", **home)) == ["elsewhere"]


def _is_silent(plugreg, *line, **environment):
    """Tell whether nothing but the kind of the answer, if anything, is said of a line."""
    outcome = plugreg("plugreg", *line, _PLUGREG_COMPLETE="zsh", **environment)
    return (outcome.status, outcome.err) == (0, "") and len(outcome.out.splitlines()) <= 1


def test_a_catalog_that_cannot_be_read(plugreg, tmp_path):
    """Missing, no database, a folder, a pipe that nobody writes to: nothing is said or made."""
    (tmp_path / "notes").write_text("text")
    os.mkfifo(tmp_path / "fifo")
    for name in ("none", "notes", "fifo", ".", "notes/below"):
        path = str(tmp_path / name)
        assert _is_silent(plugreg, "show", "--catalog", path, ""), name
        assert _is_silent(plugreg, "show", "", PLUGREG_CATALOG=path), name
    assert not (tmp_path / "none").exists()


def test_a_locked_catalog(plugreg, filled):
    """Nobody waits while another process writes."""
    connection = sqlite3.connect(filled)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        assert _is_silent(plugreg, "show", "")
    finally:
        connection.close()


def test_a_damaged_record(complete, filled):
    """Those that can be read are told; the damaged one can be removed, and so is told there."""
    damage(filled, "broken")
    damage(filled, "dam aged")
    assert "broken" not in words(complete("disable", ""))
    assert words(complete("disable", "data")) == ["datasette-map"]
    assert {"broken", "dam aged"} <= set(words(complete("remove", "")))


@pytest.mark.parametrize("shell", ["bash", "tcsh", ""])
def test_a_question_that_is_none(plugreg, shell):
    """A shell that is not known, and too few words, are answered by silence."""
    outcome = plugreg(_PLUGREG_COMPLETE=shell)
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")


def test_a_shell_that_has_left(environment, filled):
    """A reader who is gone is no reason to say anything."""
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [*COMMAND, "plugreg", "disable", ""],
        env={**environment, "_PLUGREG_COMPLETE": "zsh"},
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (0, b"")


def test_typer_is_not_imported(environment, filled):
    """That is what makes it quick."""
    code = (
        "import sys, plugreg.cli.completion.asking as asking\n"
        "asking.answer_shell(['plugreg', 'disable', ''])\n"
        "sys.exit(bool({'typer', 'click', 'rich', 'platformdirs'} & sys.modules.keys()))"
    )
    ask = {**environment, "_PLUGREG_COMPLETE": "zsh"}
    done = subprocess.run([sys.executable, "-c", code], env=ask, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "datasette-map" in done.stdout


@pytest.mark.parametrize(
    ("typed", "word", "reply"),
    [
        ("plugreg disable da", "datasette", "datasette"),
        ("plugreg list --tag my", "my tag", r"my\ tag"),
        (r"plugreg list --tag my\ t", "my tag", r"my\ tag"),
        ('plugreg list --tag "my t', 'my "tag"$', r"my \"tag\"\$"),
        ("plugreg list --tag 'it", "it's", r"it'\''s"),
        ("plugreg list --tag=g", "--tag=geo", "geo"),
        ("plugreg show map@", "map@12", "12"),
        ("plugreg list --tag ", "$(rm)", r"\$\(rm\)"),
        ("plugreg list --tag ", "naïve", "naïve"),
        ("plugreg list --tag=a:", "--tag=a:b=c", "b=c"),
    ],
)
def test_what_bash_is_told(typed, word, reply):
    """Only what follows the last break of readline is replaced, quoted as what is typed is."""
    assert Line(typed, BREAKS).reply(word) == reply


def test_the_words_of_a_line_for_bash():
    """Quotes and backslashes are undone; the last word may be empty."""
    assert Line(r"""plugreg a\ b 'c d' "e\"f" g""", BREAKS).words == [
        "plugreg", "a b", "c d", 'e"f', "g",
    ]  # fmt: skip
    assert Line("plugreg list ", BREAKS).words == ["plugreg", "list", ""]
    assert Line("plugreg list ''", BREAKS).words == ["plugreg", "list", ""]


def test_the_script_is_printed(plugreg):
    """For each shell that there is; another is wrong usage."""
    for shell in ("bash", "zsh", "fish"):
        script = plugreg("completion", shell).out
        assert f"_PLUGREG_COMPLETE={shell}" in script
        data = plugreg("completion", shell, "--json").object["data"]
        assert data == {"completion": {"shell": shell, "script": script}}
    outcome = plugreg("completion", "tcsh")
    assert outcome.status == 2
    assert "bash, zsh, fish" in outcome.err
