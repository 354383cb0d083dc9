"""What is wrong with a catalog's file, its neighbours and its folder; nothing is changed."""

from __future__ import annotations

import os
from shlex import quote

from plugreg import CatalogError, PlugregError, Project
from plugreg.backends import PINNED, identify, require_flavour
from plugreg.backends.footprint import FILE_SUFFIX, PAIR_SUFFIXES
from plugreg.backends.leftovers import find_leftovers
from plugreg.backends.sqlite.connection import require_own_sidecars
from plugreg.trust import doubts_in
from plugreg.unpacked import is_borrowed, is_kept_for, unused_claims, unused_code

from .problem import Problem
from .traces import about_locks, about_migrations, has_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugreg.catalog_view import CatalogView


_REMOVES = "`plugreg doctor --fix` removes it"


def about_neighbours(path: str) -> Iterator[Problem]:
    """Yield what is wrong beside the file of a catalog, which need not be one that opens.

    Args:
        path: The catalog's path, absolute.
    """
    for place, why, fix in doubts_in(path):
        message = f"others can change which plug-ins are loaded: {why}"
        yield Problem("changeable-by-others", message, fix, file=place)
    for file in find_leftovers(os.path.realpath(path)):
        message = "it is half of a new file, by a process that was killed or is at work"
        hint = "`plugreg doctor --fix` removes it where nobody is at work"
        yield Problem("leftover", message, hint, file=file, fixable=True)
    yield from about_migrations(path)
    for folder in {*unused_code(), *unused_code(os.path.dirname(path))}:
        message = "no catalog that exists uses this unpacked code"
        yield Problem("code-unused", message, _REMOVES, file=folder, fixable=True)


def about_unused_code(registry: CatalogView) -> Iterator[Problem]:
    """Yield the unpacked code that a catalog has a claim on, and no project of it uses."""
    for folder in unused_claims(registry):
        message = "no project of the catalog uses this unpacked code any more"
        yield Problem("code-unused", message, _REMOVES, file=folder, fixable=True)


def about_borrowed_code(registry: CatalogView) -> Iterator[Problem]:
    """Yield the projects whose unpacked code is kept for another catalog, not for this one."""
    for project in registry.scan():
        if not isinstance(project, Project) or not os.path.isdir(project.root):
            continue
        root = project.root
        if is_borrowed(root, registry.path) and not is_kept_for(root, registry.path):
            yield Problem(
                "code-of-another-layer",
                "its code goes when the layer that it is unpacked for updates or removes it",
                f"`plugreg refresh {project.name}` unpacks it for {registry.path}",
                project=project.name,
                file=root,
            )


def about_flavour(path: str, *, damaged: bool = False) -> Iterator[Problem]:
    """Yield what is wrong with the format of a catalog that opens, and what hides it or is hidden.

    Args:
        path: The catalog's path, absolute.
        damaged: Whether only a migration that leaves out what is damaged can succeed.
    """
    found = identify(path)
    flavour = require_flavour(found.flavour)
    if flavour.name != PINNED:
        yield Problem(
            "flavour-not-pinned",
            f"it is {flavour.name}, where another program's writing at the same time loses changes",
            f"`plugreg migrate {quote(found.path)}{damaged * ' --salvage'}` makes it {PINNED}",
            file=found.path,
        )
    yield from about_locks(path, flavour.name)
    own = {os.path.realpath(file) for file in (found.path, *flavour.files(found.path))}
    for other, its_flavour in _databases_like(os.path.realpath(path), flavour.name, own):
        yield Problem(
            "shadowed",
            f"{other} ({its_flavour}) and {found.path} ({flavour.name}) answer to one name:"
            " which of them opens depends on the program",
            "rename or remove the one that is not wanted",
            file=other,
        )


def about_journals(path: str) -> Iterator[Problem]:
    """Yield what stands beside a database of SQLite's; call it before the database is opened.

    Args:
        path: The catalog's path, absolute.
    """
    real = os.path.realpath(path)
    try:
        require_own_sidecars(real)
    except CatalogError:  # told by opening the catalog, which it prevents
        return
    if has_bytes(real + "-wal"):
        yield Problem(
            "wal-mode",
            "its newest records stand in this file, which other users may not be able to read",
            "end the programs that have it open; then `plugreg doctor --fix`, or plugreg's next"
            " change, ends SQLite's WAL mode",
            file=real + "-wal",
            fixable=True,
        )
    if has_bytes(real + "-journal"):
        yield Problem(
            "hot-journal",
            "a change is being written, or its writer was killed; it counts as not made",
            "if nobody writes now, `plugreg doctor --fix` or plugreg's next change clears it; never"
            " remove it by hand",
            file=real + "-journal",
            fixable=True,
        )


def _databases_like(path: str, flavour: str, own: set[str]) -> Iterator[tuple[str, str]]:
    """Yield (file, flavour) of each other database that DBM libraries may find under the name."""
    suffixes = (FILE_SUFFIX, *PAIR_SUFFIXES)
    stem, suffix = os.path.splitext(path)
    names = [path + each for each in suffixes] + ([stem] if suffix in suffixes else [])
    seen = {(path, flavour)}
    for name in names:
        if name in own or not os.path.isfile(name):
            continue
        try:
            found = identify(name)
        except PlugregError:  # no database: nothing opens it by mistake
            continue
        # The path of a pair is no file, and that of a file may be the same.
        if (found.path, found.flavour) not in seen and found.path not in own - {path}:
            seen.add((found.path, found.flavour))
            yield name, found.flavour
