"""The one renderer: a result as text or JSON on stdout, and all else on stderr."""

from __future__ import annotations

import errno
import io
import os
import sys
import warnings
from contextlib import suppress

from plugreg import PlugregError
from plugreg.backends import FlavourWarning
from plugreg.printable import safe

from .interruption import Interrupted, require_no_signal, waiting
from .result import error_object, status_of
from .screen import screen_of
from .table import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TextIO

    from .result import Item, Result
    from .screen import Screen

FORMAT = 1
_CHUNK = 1 << 15


class OutputError(PlugregError):
    """What was to be printed cannot be written."""

    code = "output"


def print_result(result: Result, *, as_json: bool) -> bool:
    """Print a result, close it, and tell whether all of it went well.

    Errors that come up while the items are read or written are reported as its own are.

    Raises:
        Interrupted: By a signal; a JSON object has its end and tells of it.
    """
    counted = _Counted(result)
    try:
        if sys.stdout is None and result.is_content:
            raise OutputError(
                "cannot write the output: standard output is closed", hint="name a place for it"
            )
        if as_json:
            with waiting():
                _write(_json(result, counted))
        else:
            _write(_text(result, counted))
    except OutputError as error:
        counted.errors.append(error)
    finally:
        result.close()
    for warning in result.warnings:
        print_note("warning", warning)
    for failed in _told(counted.errors):
        print_note("error", failed)
    if counted.stopped is not None:
        raise counted.stopped
    return not counted.errors


def _told(errors: Sequence[PlugregError]) -> Iterable[str]:
    """Return what stderr gets: a line for each error, at a terminal one for all that are alike."""
    if len(errors) > 1 and screen_of(sys.stderr).terminal:
        from .alike import told_together

        return told_together(errors)
    return map(str, errors)


def print_failure(error: PlugregError, command: str, *, as_json: bool) -> None:
    """Print the error that ended a command; with JSON, on stdout too."""
    print_note("error", str(error))
    if as_json:
        with suppress(OutputError):  # the exit status says already that something failed
            _write(_envelope(command, iter(["{}"]), [error], (), _failed))


def print_note(kind: str, text: str) -> None:
    """Print an "error" or a "warning" on stderr: one line, which a terminal gets in several."""
    if sys.stderr is not None:
        screen = screen_of(sys.stderr)
        word = screen.paint(f"{kind}:", "bad" if kind == "error" else "warn")
        with suppress(OSError):  # nobody can be told that nobody can be told
            sys.stderr.writelines(_fitting(f"plugreg: {word} {safe(text)}", screen))


def show_flavour_warnings() -> None:
    """From now on, print what is wrong with another package's flavour as any warning of ours."""
    usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **how: Any) -> None:
        if issubclass(category, FlavourWarning):
            print_note("warning", str(message))
        else:
            usual(message, category, *where, **how)

    warnings.showwarning = show


class _Counted:
    """The items of a result, on their way out: how many there were, and what failed."""

    def __init__(self, result: Result) -> None:
        self._items = result.items
        # A list may still grow while the items are read.
        self.errors = result.errors if isinstance(result.errors, list) else list(result.errors)
        self.any = False
        self.stopped: Interrupted | None = None

    def __iter__(self) -> Iterator[Item]:
        try:
            for item in self._items:
                self.any = True
                yield item  # type: ignore[misc] # a mapping is never iterated here
                require_no_signal()
        except PlugregError as error:
            self.errors.append(error)
        except Interrupted as stop:
            stop.told = True
            self.stopped = stop
            self.errors.append(stop.error())

    def status(self) -> str:
        return status_of(done=self.any, failed=bool(self.errors))


def _text(result: Result, counted: _Counted) -> Iterator[str]:
    items: Any = result.items if isinstance(result.items, dict) else counted
    screen = screen_of(sys.stdout)
    try:
        for line in result.text(items, screen):
            if result.verbatim:
                yield (screen.harmless(line) if screen.terminal else line) + "\n"
            else:
                yield from _fitting(screen.harmless(line), screen)
    except PlugregError as error:  # of the form of the text, and not of an item
        counted.errors.append(error)


def _fitting(line: str, screen: Screen) -> Iterator[str]:
    """Yield a line, or several of it where a terminal would break it anywhere."""
    lines = fold(line, screen.width) if screen.terminal else [line]
    return (f"{each}\n" for each in lines)


def _json(result: Result, counted: _Counted) -> Iterator[str]:
    if isinstance(result.items, dict):
        value: Iterable[str] = [_dumps(result.items)]
    else:
        value = _array(counted)
    data = (part for parts in ((f'{{"{result.key}": ',), value, ("}",)) for part in parts)
    return _envelope(result.command, data, counted.errors, result.warnings, counted.status)


def _array(items: Iterable[Item]) -> Iterator[str]:
    """Yield a JSON array piece by piece: a long catalog is never in memory as a whole."""
    separator = "[\n"
    for item in items:
        yield separator + _dumps(item)
        separator = ",\n"
    yield "[]" if separator == "[\n" else "\n]"


def _envelope(
    command: str,
    data: Iterator[str],
    errors: list[PlugregError],
    warnings: Sequence[str],
    status: Any,
) -> Iterator[str]:
    """Yield the envelope; what is known only when all items are out comes last."""
    yield f'{{"format": {FORMAT}, "command": {_dumps(command)}, "data": '
    yield from data
    yield f', "errors": {_dumps([error_object(error) for error in errors])}'
    yield f', "warnings": {_dumps(list(warnings))}'
    yield f', "status": {_dumps(status())}}}\n'


def _failed() -> str:
    return status_of(done=False, failed=True)


def _dumps(value: object) -> str:
    from json import dumps  # text has no need of it

    return dumps(value, default=str)


def _write(parts: Iterable[str]) -> None:
    """Write the parts on stdout, some kilobytes at a time; stop where nobody reads any more."""
    stream = sys.stdout
    if hasattr(stream, "reconfigure"):  # an ASCII terminal shows escapes instead of a traceback
        stream.reconfigure(errors="backslashreplace")
    for chunk in _chunks(parts):
        if stream is not None and not _sent(stream, chunk):  # None: closed by the caller
            return


def _sent(stream: TextIO, chunk: str) -> bool:
    """Write a chunk; False where the reader is gone: `| head` has seen enough."""
    try:
        _write_all(stream, chunk)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
        return False
    except OSError as error:
        raise output_error(error) from error
    return True


def output_error(error: OSError) -> OutputError:
    """Return what to say where stdout takes no more; what is still buffered goes nowhere."""
    if sys.stdout is not None:
        _silence(sys.stdout)
    return OutputError(
        f"cannot write the output: {error.strerror or error}",
        hint="make room there, or write it elsewhere",
    )


def _write_all(stream: TextIO, text: str) -> None:
    """Write a text; with PYTHONUNBUFFERED, again and again until all of it is taken.

    Python leaves out what the system did not take of an unbuffered stream, as where a signal cuts a
    write short.
    """
    raw = getattr(stream, "buffer", None)
    if not isinstance(raw, io.RawIOBase):
        stream.write(text)
        return
    stream.flush()
    lines = text if os.linesep == "\n" else text.replace("\n", os.linesep)
    left = memoryview(lines.encode(stream.encoding, stream.errors or "strict"))
    while left:
        taken = raw.write(left)
        if taken is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        left = left[taken:]


def _chunks(parts: Iterable[str]) -> Iterator[str]:
    waiting: list[str] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _CHUNK:
            yield "".join(waiting)
            waiting, size = [], 0
    yield "".join(waiting)


def _silence(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, so that closing the stream at exit cannot fail."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
