"""Exit statuses, wrong usage, help, and streams that go away."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from plugreg import Registry
from plugreg.cli.app import COMMANDS

from .conftest import COMMAND, make_project

BASIC = {"add", "list", "show", "remove", "enable", "disable", "set"}
BASIC |= {"run", "groups", "where", "flavours", "identify"}


def test_every_command_is_there(plugreg):
    """The help of the whole names every command."""
    text = plugreg("--help").out
    assert set(COMMANDS) >= BASIC
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_has_an_example_and_fits(plugreg, command):
    """Each help says an example that names the command, takes both options, and fits 80 columns."""
    outcome = plugreg(command, "--help")
    assert outcome.status == 0
    assert f"  Example: plugreg {command}" in outcome.out
    assert "--json" in outcome.out
    assert "--catalog PATH" in outcome.out
    assert max(map(len, outcome.lines)) <= 80


@pytest.mark.parametrize("columns", [40, 51, 52])
@pytest.mark.parametrize("words", [["--help"], ["add", "--help"], ["migrate", "--help"]])
def test_help_fits_a_narrow_terminal(terminal, words, columns):
    """It is wrapped by its own rules, and no line is broken by the terminal."""
    outcome = terminal(*words, columns=columns, NO_COLOR="1")
    assert outcome.status == 0
    assert max(map(len, outcome.lines)) <= columns


def test_the_version_is_the_packages(plugreg):
    """`--version` prints what the library says of itself."""
    import plugreg as library

    assert plugreg("--version").out == f"plugreg {library.__version__}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["lsit"], ["list", "--foo"], ["show"], ["set", "x", "--priority", "high"]]
)
def test_wrong_usage_is_one_line_and_exit_2(plugreg, arguments):
    """What is wrong, and where to read on, stand on one line of stderr."""
    outcome = plugreg(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("plugreg: error: ")
    assert len(outcome.err.splitlines()) == 1


def test_a_misspelt_command_is_suggested(plugreg):
    """The error names the command that was probably meant."""
    assert "did you mean `list`?" in plugreg("lsit").err


def test_wrong_usage_in_json(plugreg):
    """With `--json`, wrong usage is told in the envelope too."""
    envelope = plugreg("list", "--foo", "--json").object
    assert (envelope["command"], envelope["status"]) == ("list", "error")
    assert [error["code"] for error in envelope["errors"]] == ["usage"]


def test_an_unexpected_error_keeps_its_traceback(plugreg, tmp_path):
    """What plugreg does not explain is not hidden."""
    broken = tmp_path / "stuff"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import plugreg.registry as r\n"
        "def broken(*a, **k): raise ZeroDivisionError('planted')\n"
        "r.Registry.open = broken\n"
    )
    outcome = plugreg("list", PYTHONPATH=str(broken))
    assert outcome.status == 1
    assert "Traceback" in outcome.err
    assert "planted" in outcome.err


@pytest.fixture
def many(catalog):
    """A catalog whose list is longer than any pipe holds."""
    with Registry.open(catalog) as registry, registry.batch():
        for number in range(3000):
            registry.add(make_project(f"project-{number:05}", summary="x" * 100))
    return catalog


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_who_leaves_is_no_error(environment, many, form):
    """`plugreg list | head -1` ends quietly and well."""
    child = subprocess.Popen(
        [*COMMAND, "list", *form], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout.readline()
    child.stdout.close()
    err = child.stderr.read()
    child.stderr.close()
    assert (child.wait(), err) == (0, b"")


def test_ctrl_c_ends_with_130(environment, many):
    """An interrupt while the list is being written ends it without a traceback."""
    child = subprocess.Popen(
        [*COMMAND, "list"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout.readline()  # it is at work now, and blocks soon: nobody reads on
    child.send_signal(signal.SIGINT)
    _, err = child.communicate()
    assert (child.returncode, err) == (130, b"plugreg: error: interrupted\n")


@pytest.mark.parametrize("words", ["list", "--help", "list --help", "--version"])
def test_output_that_cannot_be_written_is_explained(environment, filled, words):
    """A full disk under stdout is one line on stderr and exit 1."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *words.split()],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(b"plugreg: error: cannot write the output: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not os.path.exists("/bin/sh"), reason="a POSIX shell closes the streams")
@pytest.mark.parametrize("command", ["export", "export --json", "dump {catalog}"])
def test_content_without_a_place_to_go_is_an_error(environment, filled, command):
    """Nothing else keeps what would have been printed."""
    line = f"exec {' '.join(COMMAND)} {command.format(catalog=filled)} >&-"
    done = subprocess.run(
        ["/bin/sh", "-c", line], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"plugreg: error: cannot write the output: ")


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("--json list", "no option `--json`", "it stands after the command: `plugreg list --json`"),
        ("lst --json", "no command `lst`", "did you mean `list`?"),
        ("undo x --json", "whole number", "see `plugreg undo --help`"),
        ("restore datasette-map@9 --json", "no project `datasette-map`", "plugreg list"),
    ],
)
def test_wrong_words_and_what_to_do_are_told_apart(plugreg, words, message, hint):
    """A program finds the next step in the hint, and not in the message."""
    [error] = plugreg(*words.split()).object["errors"]
    assert message in error["message"]
    assert hint in error["hint"]
    assert "did you mean" not in error["message"]


@pytest.mark.skipif(not os.path.exists("/bin/sh"), reason="a POSIX shell closes the streams")
@pytest.mark.parametrize("form", ["", "--json"])
def test_closed_streams_are_no_error(environment, filled, form):
    """With stdout and stderr closed, the work is done all the same."""
    line = f"exec {' '.join(COMMAND)} disable datasette-map {form} >&- 2>&-"
    assert subprocess.run(["/bin/sh", "-c", line], env=environment, check=False).returncode == 0
    with Registry.open(filled, read_only=True) as registry:
        assert not registry["datasette-map"].enabled
