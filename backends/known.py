"""The flavours that plugreg knows, by name; each module is imported when it is asked for.

Those of other packages follow the built-in ones, and can take the place of none: see `outside`.
"""

from __future__ import annotations

from importlib import import_module

from .errors import FlavourUnavailable, FlavourUnknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .flavour import Flavour
    from .footprint import Footprint

PINNED = "sqlite3"
# In the order in which they are asked to recognise a file: a magic number before a structure,
# and SQLite first of all, because only it can look at its files without dropping locks on them.
_MODULES = {
    "sqlite3": ".sqlite3",
    "gnu": ".gnu",
    "gnu-ndbm": ".gnu_ndbm",
    "gnu-dump": ".gnu_dump",
    "berkeley-hash": ".berkeley_hash",
    "berkeley-btree": ".berkeley_btree",
    "berkeley-recno": ".berkeley_recno",
    "berkeley-queue": ".berkeley_queue",
    "berkeley-heap": ".berkeley_heap",
    "berkeley-multi": ".berkeley_multi",
    "berkeley185-hash": ".berkeley185_hash",
    "berkeley185-btree": ".berkeley185_btree",
    "berkeley186-hash": ".berkeley186_hash",
    "berkeley-dump": ".berkeley_dump",
    "ndbm": ".ndbm",
    "sos": ".sos",
    "tdb": ".tdb",
    "cdb": ".cdb",
    "sdbm": ".sdbm",
    "ndbm-classic": ".ndbm_classic",
    "dumb": ".dumb",
}


def require_flavour(name: str) -> Flavour:
    """Return the flavour of that name; "dbm.gnu" and the like are accepted as spellings.

    Raises:
        FlavourUnknown: No flavour is called so; the hint lists those that are.
        FlavourUnavailable: It is another package's, and does not work; the message says why.
    """
    plain = name.removeprefix("dbm.")
    if plain in _MODULES:
        return _built_in(plain)
    from .outside import UnavailableFlavour

    others = _from_outside()
    flavour = others.get(plain)
    if flavour is None:
        usable = (other.name for other in others.values() if not other.unreadable_here())
        raise FlavourUnknown(
            f"no flavour is called `{name}`",
            hint=f"choose one of {', '.join((*_MODULES, *usable))}",
            flavour=name,
        )
    if isinstance(flavour, UnavailableFlavour):
        raise FlavourUnavailable(
            f"the flavour `{plain}` is unavailable: {flavour.reason}",
            hint="upgrade or remove the package that it comes from",
            flavour=plain,
        )
    return flavour


def flavours() -> Iterator[Flavour]:
    """Yield every flavour that plugreg knows: the built-in ones, then those of other packages.

    One of another package that does not work is among them; its `unreadable_here` says why.
    """
    yield from built_in_flavours()
    yield from _from_outside().values()


def built_in_flavours() -> Iterator[Flavour]:
    """Yield the flavours that are plugreg's own, in the order in which they look at a file."""
    return map(_built_in, _MODULES)


def recognised_outside(footprint: Footprint) -> tuple[str, str] | None:
    """Return (flavour, evidence) of the first of other packages that knows a database, or None."""
    from .outside import recognised_by

    for flavour in _from_outside().values():
        evidence = recognised_by(flavour, footprint)
        if evidence is not None:
            return flavour.name, evidence
    return None


def count_records(name: str, path: str) -> int | None:
    """Return how many records a database of that flavour has, or None; see `Flavour.count`."""
    if name in _MODULES:
        from .counting import told_count

        return told_count(_built_in(name), path)
    from .outside import counted_by

    return counted_by(require_flavour(name), path)


def _built_in(name: str) -> Flavour:
    module = import_module(_MODULES[name], __package__)
    flavour: Flavour = module.FLAVOUR
    return flavour


def _from_outside() -> dict[str, Flavour]:
    from .outside import outside_flavours

    return outside_flavours(tuple(_MODULES))
