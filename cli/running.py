"""Running one command: print its result, and choose the exit status."""

from __future__ import annotations

import re

import typer

from plugreg import PlugregError

from .app import COMMANDS, make_app
from .command_words import remember_words
from .completion.grammar import OF_PLUGREG, options_of
from .interruption import Interrupted
from .printing import print_failure, print_result, show_flavour_warnings
from .result import Result, UsageError
from .spelling import meant

DONE, FAILED, WRONG_USAGE = 0, 1, 2
# What typer raises for wrong usage; where it lives differs from version to version of typer, and
# only its child BadParameter is public in all of them.
_TyperUsageError: type[Exception] = typer.BadParameter.__mro__[1]


def asks_for_json(arguments: list[str]) -> bool:
    """Tell whether `--json` is among the options, also of a line that typer cannot understand."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


def run(arguments: list[str]) -> int:
    """Run one command, print what it returns, and return the exit status."""
    try:
        return _run(arguments)
    except Interrupted as stop:
        report_interruption(stop, arguments)
        return stop.status


def report_interruption(stop: Interrupted, arguments: list[str]) -> None:
    """Print that the command was interrupted, unless its output says so already."""
    if not stop.told:
        print_failure(stop.error(), _command_of(arguments), as_json=asks_for_json(arguments))


def _command_of(arguments: list[str]) -> str:
    return next((word for word in arguments if word in COMMANDS), "")


def _run(arguments: list[str]) -> int:
    show_flavour_warnings()
    remember_words(arguments)
    as_json = asks_for_json(arguments)
    app = make_app()
    command = _command_of(arguments)
    try:
        result = app.main(args=arguments, prog_name="plugreg", standalone_mode=False)
    except _TyperUsageError as error:
        print_failure(_explained(error, command), command, as_json=as_json)
        return WRONG_USAGE
    except PlugregError as error:
        print_failure(error, command, as_json=as_json)
        return WRONG_USAGE if isinstance(error, UsageError) else FAILED
    if isinstance(result, Result):
        return DONE if print_result(result, as_json=as_json) else FAILED
    return result if isinstance(result, int) else DONE


def _explained(error: Exception, command: str) -> UsageError:
    """Return typer's error as one of plugreg's: one line, and where to read on."""
    message = " ".join(error.format_message().split()).rstrip(".")  # type: ignore[attr-defined]
    message = re.sub(r"'([^']*)'", r"`\1`", message[:1].lower() + message[1:])
    option = getattr(error, "option_name", None)
    if message.startswith("no such option") and option:
        hint = meant(option, options_of(command) if command else OF_PLUGREG.split())
        message = f"no option `{option}`" + (f"; {hint}" if hint else "")
    words = " ".join(filter(None, ("plugreg", command, "--help")))
    return UsageError(message, hint="" if message.endswith("?") else f"see `{words}`")
