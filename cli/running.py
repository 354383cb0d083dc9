"""Running one command: print its result, and choose the exit status."""

from __future__ import annotations

import re

import typer

from plugreg import PlugregError

from .app import COMMANDS, make_app
from .command_words import remember_words
from .completion.grammar import OF_PLUGREG, options_of
from .interruption import Interrupted
from .printing import output_error, print_failure, print_result, show_flavour_warnings
from .result import Result, UsageError
from .spelling import meant

DONE, FAILED, WRONG_USAGE = 0, 1, 2
# What typer raises for wrong usage; where it lives differs from version to version of typer, and
# only its child BadParameter is public in all of them.
_TyperUsageError: type[Exception] = typer.BadParameter.__mro__[1]

# What typer writes by itself, and not as the result of a command.
_PRINTED_BY_TYPER = {"-h", "--help", "--version"}


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
    except OSError as error:
        if _PRINTED_BY_TYPER.isdisjoint(arguments):
            raise
        print_failure(output_error(error), command, as_json=False)
        return FAILED
    if isinstance(result, Result):
        return DONE if print_result(result, as_json=as_json) else FAILED
    return result if isinstance(result, int) else DONE


def _explained(error: Exception, command: str) -> UsageError:
    """Return typer's error as one of plugreg's: one line, and where to read on."""
    message = " ".join(error.format_message().split()).rstrip(".")  # type: ignore[attr-defined]
    message = re.sub(r"'([^']*)'", r"`\1`", message[:1].lower() + message[1:])
    option = getattr(error, "option_name", None)
    if message.startswith("no such option") and option:
        known = options_of(command) if command else OF_PLUGREG.split()
        if option in known:  # typer knows it only where it belongs
            hint = f"it stands after the command: `plugreg {command} {option}`"
        else:
            hint = meant(option, known)
        return UsageError(f"no option `{option}`", hint=hint or _help_of(command))
    message, probably, what = message.partition("; did you mean ")
    message = re.sub("is not a valid int(eger)?( range)?$", "is not a whole number", message)
    return UsageError(message, hint=f"did you mean {what}" if probably else _help_of(command))


def _help_of(command: str) -> str:
    return f"see `{' '.join(filter(None, ('plugreg', command, '--help')))}`"
