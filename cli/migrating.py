"""`plugreg migrate`: any DBM file into another flavour."""

from __future__ import annotations

import os
import re
import shutil
import time

import typer

from plugreg import PickleUpgrade, backends
from plugreg.backends import require_flavour
from plugreg.history import KEPT_WHERE_COSTLY
from plugreg.migrated import fit_history
from plugreg.printable import safe

from .change_text import forgotten_text
from .hints import options_hinted, require_flavour_option, require_name, require_room_beside
from .interruption import nothing_half_made
from .options import DATABASE, FILE_TIMEOUT, FROM, ONE_VALUE
from .progress import Progress
from .result import Result, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugreg.backends import Migration

    from .result import Item
    from .screen import Screen

_DATE = re.compile(r"\.backup-[0-9]{8}-[0-9]{6}(?:-[0-9]+)?\Z")
_SHOWN = 10  # so many lines of what was left out; --json has all
_SOURCE: Any = typer.Argument(
    metavar="SOURCE", help="Any DBM file, by any name that a program opens."
)
_DEST: Any = typer.Argument(
    None, metavar="[DEST]", help="Where to make the new database; without it, in place."
)
_TO: Any = typer.Option(backends.PINNED, "--to", metavar="FLAVOUR", help="The new flavour.")
_DRY_RUN: Any = typer.Option(False, "--dry-run", help="Read and check everything, write nothing.")
_SALVAGE: Any = typer.Option(
    False,
    "--salvage",
    help="Take what is whole of a damaged file, and say what was lost; of several values of a key"
    " the first, unless --duplicates says last.",
)
_NO_BACKUP: Any = typer.Option(False, "--no-backup", help="Do not keep the old files.")
_FORCE: Any = typer.Option(False, "--force", help="Overwrite what stands at DEST.")
_UPGRADE: Any = typer.Option(
    False,
    "--upgrade-pickles",
    help="Rewrite the pickles of a Python 2 shelf so that Python 3 reads them; runs nothing.",
)
_ENCODING: Any = typer.Option(
    None, "--encoding", metavar="CODEC", help='How a Python 2 str reads (utf-8); "bytes" for bytes.'
)


def migrate_database(
    source: str = _SOURCE,
    dest: str | None = _DEST,
    *,
    to: str = _TO,
    from_flavour: str | None = FROM,
    database: str | None = DATABASE,
    dry_run: bool = _DRY_RUN,
    salvage: bool = _SALVAGE,
    no_backup: bool = _NO_BACKUP,
    force: bool = _FORCE,
    duplicates: str | None = ONE_VALUE,
    upgrade_pickles: bool = _UPGRADE,
    encoding: str | None = _ENCODING,
    timeout: float = FILE_TIMEOUT,
) -> Result:
    """Copy every record of a DBM file into another flavour, byte for byte.

    The copy is read back and compared before it takes the place of the old file, which is kept as
    a dated backup. Interrupted at any moment, it can just be started again.

    Example: plugreg migrate ~/.cache/app/shelf.db
    """
    _require_sense(dest, database=database, force=force, duplicates=duplicates)
    require_name("SOURCE", source)
    require_name("DEST", dest)
    require_room_beside(dest or source)
    require_flavour_option("--to", to, writable=True)
    require_flavour_option("--from", from_flavour)
    if encoding is not None and not upgrade_pickles:
        raise UsageError("--encoding is for --upgrade-pickles, which is not given")
    upgrade = PickleUpgrade(encoding or "utf-8") if upgrade_pickles else None
    start = time.monotonic()
    with nothing_half_made(), options_hinted(salvage=salvage), Progress() as progress:
        done = backends.migrate(
            source,
            dest,
            to,
            flavour=from_flavour,
            database=database,
            salvage=salvage,
            backup=not no_backup,
            force=force,
            dry_run=dry_run,
            duplicates=duplicates,
            convert=upgrade,
            progress=progress,
            timeout_s=timeout,
        )
    warnings = [*done.warnings, *_fitted(done)]
    item = migration_object(done, time.monotonic() - start)
    if upgrade is not None and not done.resumed:  # those of the earlier call are not known
        item["pickles"] = _pickles_object(upgrade)
    return Result("migrate", "migration", item, migration_text, warnings=warnings)


def _fitted(done: Migration) -> list[str]:
    """Let a catalog forget what its new flavour does not keep; return a warning of that."""
    if done.dry_run or require_flavour(done.to_flavour).unchangeable_here():
        return []
    forgotten = fit_history(done.dest)
    if not forgotten:
        return []
    told = forgotten_text(forgotten, " of the history")
    kept = f"a catalog in {done.to_flavour} keeps the last {KEPT_WHERE_COSTLY:,}"
    return [f"{told}: {kept}" + ("; the backup has them" if done.backup else "")]


def _require_sense(
    dest: str | None, *, database: str | None, force: bool, duplicates: str | None
) -> None:
    if duplicates not in (None, "first", "last"):
        raise UsageError(f"--duplicates is `first` or `last`, not `{duplicates}`")
    if dest is None and database is not None:
        raise UsageError("--database takes one database out of a file of several: name a DEST")
    if dest is None and force:
        raise UsageError("--force overwrites a DEST, and none is named")


def migration_object(done: Migration, seconds: float) -> dict[str, object]:
    """Return a migration as the JSON envelope holds it."""
    return {
        "source": done.source,
        "dest": done.dest,
        "from": done.from_flavour,
        "to": done.to_flavour,
        "records": done.records,
        "bytes": done.size_bytes,
        "verified": done.verified,
        "backup": _backup_of(done),
        "skipped": list(done.skipped),
        "dry_run": done.dry_run,
        "resumed": done.resumed,
        "unchanged": done.unchanged,
        "free_bytes": shutil.disk_usage(os.path.dirname(done.dest)).free,
        "seconds": round(seconds, 3),
    }


def _backup_of(done: Migration) -> str | None:
    """Return the name of the kept database; its date is not known before it is made."""
    if done.backup is None or not done.dry_run:
        return done.backup
    return _DATE.sub(".backup-DATE", done.backup)


def _pickles_object(upgrade: PickleUpgrade) -> dict[str, object]:
    return {
        "upgraded": upgrade.upgraded,
        "unchanged": upgrade.unchanged,
        "with_globals": upgrade.with_globals,
        "left": upgrade.left_count,
        "left_first": [
            {"key": key.decode("utf-8", "backslashreplace"), "reason": reason}
            for key, reason in upgrade.left
        ],
    }


def migration_text(item: Item, screen: Screen) -> Iterator[str]:
    """Yield the lines for a person."""
    word = "would migrate" if item["dry_run"] else screen.paint("migrated", "good")
    source = f"{item['source']} ({item['from']}) to " if item["source"] else ""
    records = "1 record" if item["records"] == 1 else f"{item['records']:,} records"
    size = f"{records}, {_size(item['bytes'])} of keys and values"
    if item["unchanged"]:
        yield f"{safe(item['dest'])} is {item['to']} already, {size}; nothing to do"
        return
    if item["resumed"]:
        yield screen.paint("finished an interrupted migration:", "good")
    if not source:
        word = screen.paint("made", "good")
    yield f"{word} {safe(source + item['dest'])} ({item['to']})"
    if item["dry_run"]:
        yield f"  {size}; nothing was written"
        yield f"  {_size(item['free_bytes'])} are free there"
    else:
        rate = "" if item["resumed"] else _rate(item["records"], item["seconds"])
        yield f"  {size}, read back and compared{rate}"
    if item["backup"]:
        kept = "would be kept" if item["dry_run"] else "is kept"
        yield f"  the old database {kept} as {safe(item['backup'])}"
    yield from _left_out(item["skipped"], screen)
    if "pickles" in item:
        yield from _pickles(item["pickles"], screen)


def _pickles(told: dict[str, Any], screen: Screen) -> Iterator[str]:
    yield f"  pickles: {told['upgraded']:,} upgraded, {told['unchanged']:,} were fine as they are"
    if told["with_globals"]:
        yield (
            f"  {told['with_globals']:,} of them name classes of Python's own (such as datetime),"
            " which pickle reads and open_shelf refuses"
        )
    for left in told["left_first"][:_SHOWN]:
        what = safe(f"{left['key']}: {left['reason']}")
        yield f"  {screen.paint('left as it is:', 'warn')} {what}"
    more = told["left"] - min(_SHOWN, len(told["left_first"]))
    if more:
        yield f"  and {more:,} more"


def _rate(records: int, seconds: float) -> str:
    """Return how fast it was, where there were enough of them to tell."""
    return f"; {int(records / seconds):,} records/s" if records >= 1000 else ""  # noqa: PLR2004 - below, the rate says nothing


def _left_out(skipped: list[str], screen: Screen) -> Iterator[str]:
    for line in skipped[:_SHOWN]:
        yield f"  {screen.paint('left out:', 'warn')} {safe(line)}"
    if len(skipped) > _SHOWN:
        yield f"  and {len(skipped) - _SHOWN:,} more; --json names all"


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004 - SI units
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
