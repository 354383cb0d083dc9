"""Commands whose Python ignores PYTHONPATH are known before they are run."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from plugreg.plugins.hosts.run.ignoring import ignoring_option, warning_of

SEES = "import sys; sys.exit(not any(entry.endswith('/marked') for entry in sys.path))"


OPTIONS = (
    ("", "-I", "-E", "-s", "-sE", "-Es", "-u", "-W ignore", "-Wignore", "-WE", "-W I"),
    ("-X utf8", "-XE", "-X utf8 -I", "-u -W ignore -q", "-bb -I", "-qI"),
    ("--check-hash-based-pycs never -E", "--check-hash-based-pycs default"),
)


@pytest.mark.parametrize("options", [option for line in OPTIONS for option in line])
def test_options_are_read_as_python_reads_them(options):
    """The oracle is this Python: does it have what PYTHONPATH says?"""
    command = [sys.executable, *shlex.split(options), "-c", SEES, "-I"]
    done = subprocess.run(command, env={"PYTHONPATH": "/marked"}, stderr=subprocess.DEVNULL)
    assert bool(ignoring_option(command[1:])) == bool(done.returncode)


def test_no_site_is_known_too():
    """With `-S` the entries of PYTHONPATH are there, but no `sitecustomize` is imported."""
    assert ignoring_option(["-S", "x.py"]) == "-S"
    assert ignoring_option(["-m", "x", "-S"]) == ""
    assert ignoring_option(["x.py", "-I"]) == ""
    assert ignoring_option([]) == ""


@pytest.mark.parametrize(
    ("head", "interpreter"),
    [
        ("#!/opt/x/bin/python3 -sE\n", "/opt/x/bin/python3"),
        ("#! /opt/x/bin/python3.11 -I\n", "/opt/x/bin/python3.11"),
        ("#!/usr/bin/env -S python3 -E -u\n", "python3"),
        (
            "#!/bin/sh\n'''exec' \"/opt/a b/bin/python\" -E \"$0\" \"$@\"\n' '''\n",
            "'/opt/a b/bin/python'",
        ),
    ],
)
def test_first_lines_are_read(tmp_path, head, interpreter):
    """The warning names the file, the option, and the command that works."""
    script = tmp_path / "host"
    script.write_text(head + "print()\n")
    warning = warning_of(["host", "--serve"], str(script))
    assert warning.startswith(f"{script} starts Python with -")
    assert f"`plugreg run -- {interpreter} {script} ...`" in warning


OTHER_FILES = (
    *("", "#!", "\0\xff", "import x -I\n", '#!/usr/bin/python "unclosed\n'),
    *("#!/bin/sh\n", "#!/bin/sh -I\n", "#!/opt/x/bin/python3\n", "#!/usr/bin/env python3\n"),
)


@pytest.mark.parametrize("head", OTHER_FILES)
def test_other_files_are_no_cause_for_a_warning(tmp_path, head):
    """Scripts without such an option, of another language, or no text at all."""
    script = tmp_path / "host"
    script.write_text(head, encoding="latin-1")
    assert warning_of([str(script)], str(script)) == ""


def test_an_interpreter_on_the_command_line_is_told_by_its_name():
    """The option is named, and that it should be left out."""
    warning = warning_of(["python3", "-I", "-m", "pytest"], sys.executable)
    assert warning.startswith("`python3 -I` ignores PYTHONPATH")
    assert warning.endswith("leave -I out")
    assert warning_of(["python3", "-m", "pytest", "-I"], sys.executable) == ""
