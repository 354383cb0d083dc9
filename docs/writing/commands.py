"""The commands with all their arguments and options, from what reads the command line."""

from __future__ import annotations

import re
from inspect import cleandoc

import click

from plugreg.cli.app import COMMANDS, make_app, make_command

from .words import markdown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_EXAMPLE = re.compile(r"^Example: (.*)$", re.MULTILINE)


def write() -> str:
    """Return a section for each command, in the order of the help, after those of all."""
    whole = [_options(make_app(), click.Context(make_app(), info_name="plugreg"))]
    return "\n".join([*whole, *map(_section, COMMANDS)])


def _section(name: str) -> str:
    command = make_command(name)
    context = click.Context(command, info_name=f"plugreg {name}")
    usage = " ".join(["plugreg", name, *command.collect_usage_pieces(context)])
    example = _EXAMPLE.search(command.help)
    parts = [
        f"## `plugreg {name}`\n",
        f"```text\n{usage}\n```\n",
        markdown(_EXAMPLE.sub("", cleandoc(command.help)).strip()) + "\n",
        _options(command, context),
    ]
    if example:
        parts.append(f"For example:\n\n```sh\n{example[1]}\n```\n")
    return "\n".join(parts)


def _options(command: Any, context: Any) -> str:
    return "\n".join(
        f"`{typed}`\n: {markdown(said)}\n" for typed, said in _records(command, context)
    )


def _records(command: Any, context: Any) -> Iterator[tuple[str, str]]:
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is not None:
            yield record[0].strip(), re.sub(r"  \[(.*)\]$", _limits, record[1])


def _limits(found: re.Match[str]) -> str:
    """Return what click says of a value in brackets, in words: " It is 5.0 if you give none."."""
    said = found[1].removesuffix("; x>=0.0")
    if said == "required":
        return ""  # the line of usage says so
    return (
        f" It is `{said.removeprefix('default: ')}` if you say nothing."
        if said.startswith("default: ")
        else f" ({said})"
    )
