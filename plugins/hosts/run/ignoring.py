"""Which Python a command starts: of which environment, and whether it ignores PYTHONPATH."""

from __future__ import annotations

import os
import re
import shlex
import shutil

from plugreg.locations import is_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*w?(?:\.exe)?", re.IGNORECASE)
# See `python --help`: isolated, no environment variables, no `site`.
_IGNORING = "IES"
_LAST = "cm"  # what follows is not Python's
_TELLING = re.compile(r"[IESWXcm]")  # -W and -X have a value
_LONG_WITH_VALUE = "--check-hash-based-pycs"
_MOST_BYTES = 1024


def warning_of(command: Sequence[str], path: str) -> str:
    """Return that, and why, a command will not see the catalog, and what to do; "" if it will.

    Args:
        command: The command line.
        path: The path of the file that it runs, which is read for its first line.
    """
    if is_python(path):
        option = ignoring_option(command[1:])
        return option and (
            f"`{command[0]} {option}` ignores PYTHONPATH and sees nothing of the catalog; leave"
            f" {option} out"
        )
    interpreter, *options = first_line(path) or [""]
    option = ignoring_option(options) if is_python(interpreter) else ""
    return option and (
        f"{path} starts Python with {option} in its first line, which ignores PYTHONPATH: it sees"
        f" nothing of the catalog; use `plugreg run -- {shlex.join([interpreter, path])} ...`"
    )


def is_python(path: str) -> bool:
    """Tell whether a command is called as Python's interpreters are."""
    return _PYTHON.fullmatch(os.path.basename(path)) is not None


def ignoring_option(arguments: Iterable[str]) -> str:
    """Return the first of Python's own options that makes it ignore PYTHONPATH, or ""."""
    words = iter(arguments)
    for word in words:
        if not word.startswith("-") or word in {"-", "--"}:
            return ""
        if word == _LONG_WITH_VALUE:
            next(words, None)
        found = None if word.startswith("--") else _TELLING.search(word)
        if found and found[0] in _IGNORING:
            return f"-{found[0]}"
        if found and found[0] in _LAST:
            return ""
        if found and found.end() == len(word):  # its value is the next word
            next(words, None)
    return ""


def python_of_program(path: str) -> str:
    """Return the path of the Python that runs a program, "" where it is none's.

    One that only chooses another, such as pyenv's, is run once to learn which.

    Args:
        path: The path of a Python, or of a script, whose first line is read.
    """
    interpreter = path if is_python(path) else next(iter(first_line(path)), "")
    if not is_python(interpreter):
        return ""
    found = interpreter if os.path.dirname(interpreter) else shutil.which(interpreter) or ""
    if found and _is_shim(found):
        from .shims import interpreter_behind

        return interpreter_behind(found)
    return found


def _is_shim(path: str) -> bool:
    """Tell whether what is called as an interpreter is none: a script, or a link to a chooser."""
    return not is_python(os.path.realpath(path)) or bool(first_line(path))


def prefix_of_python(python: str) -> str | None:
    """Return the folder of the environment that an interpreter is of.

    "" where it is in none, and None where there is no interpreter.

    Args:
        python: Its path, as `python_of_program` has it.
    """
    if not python:
        return None
    prefix = os.path.dirname(os.path.dirname(os.path.abspath(python)))
    return prefix if is_environment(prefix) else ""


def first_line(path: str) -> list[str]:
    """Return the interpreter that a script names and its options; nothing where it is none.

    `env` is looked through, and so is the shell that pip puts before an interpreter whose path is
    too long for a first line, or has spaces in it.
    """
    try:
        with open(path, "rb") as file:
            lines = file.read(_MOST_BYTES).decode(errors="surrogateescape").split("\n")
        if not lines[0].startswith("#!"):
            return []
        words = shlex.split(lines[0][2:])
        if words and os.path.basename(words[0]) == "sh" and lines[1].startswith("'''exec'"):
            words = shlex.split(lines[1])[1:]
    except (OSError, ValueError, IndexError):
        return []
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-S") and "=" not in word]
    return words
