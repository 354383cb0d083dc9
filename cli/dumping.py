"""`plugreg dump` and `plugreg load`: any DBM file as text, and back."""

from __future__ import annotations

import sys
import time
from binascii import a2b_base64, b2a_base64
from contextlib import ExitStack, contextmanager

import typer

from plugreg import PlugregError, backends
from plugreg.backends.paths import absolute

from .hints import options_hinted, require_flavour_option, require_name, require_room_beside
from .interruption import nothing_half_made
from .migrating import migration_object, migration_text
from .options import DATABASE, FILE_TIMEOUT, FROM, ONE_VALUE
from .progress import Progress
from .result import Result, UsageError
from .screen import screen_of
from .spelling import require_known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugreg.backends import Dump

    from .result import Item
    from .screen import Screen

_MANY = 1000  # records between two looks at the clock
_FORMS = "|".join(backends.FORMS)
_FILE: Any = typer.Argument(metavar="FILE", help="Any DBM file, by any name that a program opens.")
_FORMAT: Any = typer.Option("jsonl", "--format", metavar=_FORMS, help="The form of the text.")
_SALVAGE: Any = typer.Option(
    False,
    "--salvage",
    help="Dump what is whole of a damaged file; of several values of a key the first, unless"
    " --duplicates says last.",
)
_DUPLICATES: Any = typer.Option(
    None,
    "--duplicates",
    metavar="first|last",
    help="Which value to keep of a key that has several; else all are dumped.",
)
_NEW: Any = typer.Argument(metavar="FILE", help="The database to make.")
_DUMP: Any = typer.Argument("-", metavar="[DUMP]", help="The text; - is standard input.")
_TEXT: Any = typer.Option(
    None, "--format", metavar=_FORMS, help="The form of the text, where its start does not say."
)
_TO: Any = typer.Option(backends.PINNED, "--to", metavar="FLAVOUR", help="The flavour to make.")
_FORCE: Any = typer.Option(
    False, "--force", help="Overwrite what stands at FILE, and keep it as a backup."
)
_NO_BACKUP: Any = typer.Option(False, "--no-backup", help="Do not keep what --force overwrites.")
_EMPTY: Any = typer.Option(
    False, "--allow-empty", help="Take an empty DUMP for that of an empty database."
)


def dump_database(
    file: str = _FILE,
    *,
    form: str = _FORMAT,
    from_flavour: str | None = FROM,
    database: str | None = DATABASE,
    salvage: bool = _SALVAGE,
    duplicates: str | None = _DUPLICATES,
    timeout: float = FILE_TIMEOUT,
) -> Result:
    """Print every record of a DBM file as text, one line of JSON each.

    Or, by --format, as gdbm_load or db_load take it.

    Example: plugreg dump old.db > old.jsonl
    """
    _require_form(form)
    _require_choice(duplicates)
    require_name("FILE", file)
    require_flavour_option("--from", from_flavour)
    with options_hinted(salvage=salvage):
        dump = backends.Dump(
            file,
            flavour=from_flavour,
            database=database,
            salvage=salvage,
            duplicates=duplicates,
            timeout_s=timeout,
        )
    warnings: list[str] = []
    output = _Output(dump, form, warnings, salvage=salvage)
    return Result(
        "dump", "records", output.objects(), output.text, (), warnings, dump.close, is_content=True
    )


class _Output:
    """The records of a dump on their way out; the text gets its last line only if all came."""

    def __init__(self, dump: Dump, form: str, warnings: list[str], *, salvage: bool) -> None:
        self._salvage = salvage
        self._dump = dump
        self._form = form
        self._warnings = warnings
        self._all_came = False
        self._is_elsewhere = not screen_of(sys.stdout).terminal  # else its lines are seen to come

    def objects(self) -> Iterator[dict[str, str]]:
        """Yield the records as JSON holds them; then say what was left out."""
        with options_hinted(salvage=self._salvage), Progress() as progress:
            for done, (key, value) in enumerate(self._dump.records()):
                if self._is_elsewhere and not done % _MANY:
                    progress("dump", done, None)
                yield {"key": _base64(key), "value": _base64(value)}
        self._warnings += self._dump.warnings
        self._warnings += [f"left out: {line}" for line in self._dump.skipped]
        self._all_came = True

    def text(self, items: Iterable[Item], _: Screen) -> Iterator[str]:
        """Yield the lines for a person or another program."""
        try:
            with options_hinted():
                text = self._dump.text_of(self._records(items), self._form)
            for line in text:
                yield from line.removesuffix("\n").split("\n")  # a piece may be several
        except _CutShort:  # why is told by who counts the items
            return

    def _records(self, items: Iterable[Item]) -> Iterator[tuple[bytes, bytes]]:
        for item in items:
            yield a2b_base64(item["key"]), a2b_base64(item["value"])
        if not self._all_came:
            raise _CutShort


class _CutShort(Exception):
    """The records ended with an error: whatever is written, its end is not."""


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")


def load_database(
    file: str = _NEW,
    dump: str = _DUMP,
    *,
    form: str | None = _TEXT,
    to: str = _TO,
    force: bool = _FORCE,
    no_backup: bool = _NO_BACKUP,
    duplicates: str | None = ONE_VALUE,
    allow_empty: bool = _EMPTY,
    timeout: float = FILE_TIMEOUT,
) -> Result:
    """Make a DBM file of what `plugreg dump`, gdbm_dump or db_dump printed.

    An empty DUMP is refused, because it is also what a pipe gives of a dump that failed.

    Example: plugreg load new.db old.jsonl --to gnu
    """
    _require_form(form)
    _require_choice(duplicates)
    require_name("FILE", file)
    require_name("DUMP", dump)
    require_room_beside(file)
    require_flavour_option("--to", to, writable=True)
    warnings: list[str] = []
    start = time.monotonic()
    with nothing_half_made(), options_hinted(), ExitStack() as stack:
        stack.enter_context(_swapped_arguments(dump))
        lines = _opened(dump, stack)
        progress = stack.enter_context(Progress())
        records = backends.records_of(
            lines, form, duplicates=duplicates, allow_empty=allow_empty, warnings=warnings
        )
        done = backends.load(
            file,
            records,
            to,
            force=force,
            backup=not no_backup,
            progress=progress,
            timeout_s=timeout,
        )
    item = migration_object(done, time.monotonic() - start)
    return Result("load", "migration", item, migration_text, warnings=[*warnings, *done.warnings])


@contextmanager
def _swapped_arguments(dump: str) -> Iterator[None]:
    """Say that a DUMP which is a database is one: FILE comes first."""
    try:
        yield
    except PlugregError as error:
        if error.code != "dump-form" or dump == "-":
            raise
        try:
            found = backends.identify(dump)
        except PlugregError:
            raise error from None
        raise PlugregError(
            f"{dump} is a {found.flavour} database, and no dump of one",
            hint=f"FILE, the one to make, comes first; or did you mean `plugreg migrate {dump}`?",
            code="dump-form",
            path=dump,
        ) from error


def _opened(dump: str, stack: ExitStack) -> Iterable[bytes]:
    if dump == "-":
        if sys.stdin is None:
            raise UsageError("there is no standard input to read: name a DUMP")
        return sys.stdin.buffer
    try:
        return stack.enter_context(open(absolute(dump), "rb"))
    except OSError as error:
        raise PlugregError(
            f"{dump} cannot be read: {error.strerror or error}",
            hint="check its name and permissions",
            code="dump-unreadable",
            path=dump,
        ) from error


def _require_choice(duplicates: str | None) -> None:
    if duplicates not in (None, "first", "last"):
        raise UsageError(f"--duplicates is `first` or `last`, not `{duplicates}`")


def _require_form(form: str | None) -> None:
    if form is not None:
        require_known("format", form, backends.FORMS)
