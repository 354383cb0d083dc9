"""`plugreg run` puts the host in its own place: arguments, streams, signals and exit status."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys

import pytest

from plugreg import EntryPoint, Registry, Source
from plugreg.cli.app import _warning
from plugreg.cli.hosting import wait_for

from .conftest import COMMAND, make_project

PYTHON = sys.executable
SHOW = "import sys; print(sys.argv[1:])"


@pytest.fixture
def one(catalog, tmp_path):
    """A catalog with a project of one module, which is on."""
    root = tmp_path / "one"
    root.mkdir()
    (root / "one.py").write_text("value = 1\n")
    entry = EntryPoint("group", "one", "one")
    with Registry.open(catalog) as registry:
        source = Source("directory", str(root))
        parts = {"root": str(root), "modules": {"one": "one.py"}, "entry_points": [entry]}
        registry.add(make_project("one", source=source, **parts))
    return catalog


def test_arguments_are_the_hosts_own(plugreg, one):
    """All that stands behind `--`, or behind the first word, whatever it looks like."""
    words = ["--json", "-x", "--", "--catalog", "a b"]
    assert plugreg("run", "--", PYTHON, "-c", SHOW, *words).out == f"{words}\n"
    assert plugreg("run", PYTHON, "-c", SHOW, "--help", "-h").out == "['--help', '-h']\n"


@pytest.mark.parametrize("status", [0, 1, 3, 130, 255])
def test_the_exit_status_is_the_hosts(plugreg, one, status):
    """It is not translated."""
    outcome = plugreg("run", "--", PYTHON, "-c", f"raise SystemExit({status})")
    assert (outcome.status, outcome.out, outcome.err) == (status, "", "")


def test_the_host_sees_the_projects_and_the_catalog_that_was_named(plugreg, one):
    """By an option or by the environment."""
    code = "import one, os; print(one.value, os.environ['PLUGREG_CATALOG'])"
    run = ("run", "--catalog", one, "--", PYTHON, "-c", code)
    assert plugreg(*run, PLUGREG_CATALOG="/nowhere/else").out == f"1 {one}\n"
    assert plugreg("run", "--", PYTHON, "-c", code).out == f"1 {one}\n"


def test_there_is_no_process_in_between(one, environment):
    """The host has the process id that plugreg was started with."""
    command = [*COMMAND, "run", "--", PYTHON, "-c", "import os; print(os.getpid())"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.communicate()[0] == f"{running.pid}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_reach_the_host(one, environment, number):
    """And what the host does about them is what happens."""
    code = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *a: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    command = [*COMMAND, "run", "--", PYTHON, "-c", code]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        assert running.wait() == 42


def test_a_signal_that_ends_the_host_ends_the_process(plugreg, one):
    """What waits for it sees the signal, as without plugreg."""
    code = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
    assert plugreg("run", "--", PYTHON, "-c", code).status == -signal.SIGTERM


def test_no_signal_is_ignored_on_behalf_of_python(plugreg, one):
    """Python ignores SIGPIPE at its start: a host in C must not inherit that."""
    status = plugreg("run", "--", "cat", "/proc/self/status").out
    [ignored] = [line.split()[1] for line in status.splitlines() if line.startswith("SigIgn")]
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        assert not int(ignored, 16) >> (number - 1) & 1


def test_the_terminal_is_the_hosts(terminal, one):
    """Its stdout is the terminal, with the width that it has."""
    code = "import os, sys; print(sys.stdout.isatty(), os.get_terminal_size().columns)"
    assert terminal("run", "--", PYTHON, "-c", code, columns=71).out == "True 71\n"


def test_a_command_that_is_not_there(plugreg, one):
    """One line, with what to do; in JSON as well."""
    outcome = plugreg("run", "--", "no-such-host")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == (
        "plugreg: error: no command `no-such-host`; check its spelling and PATH, or give its path\n"
    )
    envelope = plugreg("run", "--json", "--", "no-such-host").object
    assert (envelope["command"], envelope["status"]) == ("run", "error")
    assert [error["code"] for error in envelope["errors"]] == ["command-not-found"]


def test_a_file_that_is_no_program(plugreg, one, tmp_path):
    """It may not be executed, or has no first line that says by what."""
    script = tmp_path / "script"
    script.write_text("print(1)\n")
    refused = plugreg("run", "--", str(script))
    assert refused.status == 1
    assert f"`plugreg run -- python {script}`" in refused.err
    script.chmod(0o755)
    refused = plugreg("run", "--", str(script))
    assert refused.status == 1
    assert "cannot be run: Exec format error; a script needs a first line" in refused.err


@pytest.mark.parametrize("words", [[], ["--"], ["--", ""]])
def test_no_command_is_wrong_usage(plugreg, one, words):
    """As for any command that lacks an argument."""
    assert plugreg("run", *words).status == 2


def test_a_catalog_that_cannot_be_read_stops_it(plugreg, catalog):
    """The host is not started without the plug-ins that were asked for."""
    with open(catalog, "wb") as file:
        file.write(b"no database at all " * 100)
    outcome = plugreg("run", "--", PYTHON, "-c", "print('host')")
    assert (outcome.status, outcome.out) == (1, "")


def test_a_host_that_ignores_it_is_named_and_run(plugreg, one):
    """On stderr, with what to do; stdout is the host's."""
    outcome = plugreg("run", "--", PYTHON, "-I", "-c", "print('host')")
    assert (outcome.status, outcome.out) == (0, "host\n")
    assert outcome.err.startswith("plugreg: warning: ")
    assert "-I` ignores PYTHONPATH" in outcome.err


@pytest.mark.parametrize("option", ["-I", "-E", "-S", "-sE"])
def test_a_script_that_ignores_it_is_told_the_command_that_does_not(plugreg, one, tmp_path, option):
    """And that command, typed as it is said, sees the catalog's projects."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "host"
    script.write_text(f"#!{PYTHON} {option}\nimport sys; from one import value; {SHOW}\n")
    script.chmod(0o755)
    outcome = plugreg("run", "--", str(script), "a b")
    assert outcome.status == 1
    [warning] = [line for line in outcome.err.splitlines() if line.startswith("plugreg: ")]
    assert f"starts Python with -{option[-1]} in its first line" in warning
    [said] = re.findall(r"use `plugreg (run .*) \.\.\.`", warning)
    assert plugreg(*shlex.split(said), "a b").out == "['a b']\n"


def test_a_catalog_path_that_pythonpath_cannot_name(plugreg, one, tmp_path):
    """The separator of PYTHONPATH cannot be written in it."""
    odd = tmp_path / f"a{os.pathsep}b"
    odd.mkdir()
    os.rename(one, odd / "catalog")
    outcome = plugreg("run", "--catalog", str(odd / "catalog"), "--", PYTHON, "-c", "pass")
    assert outcome.status == 1
    assert "move the catalog, or name another" in outcome.err


def test_where_there_is_no_exec_the_host_is_waited_for():
    """As on Windows: its status is returned, and Ctrl-C stays ours afterwards."""
    former = signal.getsignal(signal.SIGINT)
    environment = {**os.environ, "MARK": "5"}
    code = "import os, sys; sys.exit(int(os.environ['MARK']))"
    assert wait_for(PYTHON, [PYTHON, "-c", code], environment) == 5
    assert signal.getsignal(signal.SIGINT) is former


def test_a_host_that_was_waited_for_gives_its_status():
    """Where a host cannot take plugreg's place, `run` returns a number, and no result."""
    assert _warning(lambda **_: 5)(catalog=None) == 5
