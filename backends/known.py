"""The flavours that plugreg knows, by name; each module is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from .errors import FlavourUnknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .flavour import Flavour

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
    """
    plain = name.removeprefix("dbm.")
    if plain not in _MODULES:
        raise FlavourUnknown(
            f"no flavour is called {name!r}",
            hint=f"choose one of {', '.join(_MODULES)}",
            flavour=name,
        )
    module = import_module(_MODULES[plain], __package__)
    flavour: Flavour = module.FLAVOUR
    return flavour


def flavours() -> Iterator[Flavour]:
    """Yield every flavour that plugreg knows."""
    return map(require_flavour, _MODULES)
