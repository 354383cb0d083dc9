"""The flavours, from what each says of itself."""

from __future__ import annotations

from plugreg.backends.known import built_in_flavours

from .words import as_text, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.backends import Flavour

_HERE = "where Python has `dbm.ndbm`"


def write() -> str:
    """Return a table of them all, in the order in which they are asked to know a file."""
    return table(("flavour", "is", "read", "made", "changed", "promises"), map(_row, _flavours()))


def _flavours() -> list[Flavour]:
    return list(built_in_flavours())


def _row(flavour: Flavour) -> tuple[str, ...]:
    name = f"`{flavour.name}`" + (", the pinned one" if flavour.pinned else "")
    words = [as_text(flavour.title), *_abilities(flavour), as_text(flavour.guarantees)]
    return (name, *words)


def _abilities(flavour: Flavour) -> list[str]:
    """Tell what can be done on a machine that has every C module, whichever this one has."""
    if flavour.name == "ndbm":  # for writing; what it makes is identified as what it is
        return ["as what it is", _HERE, _HERE]
    reasons = flavour.unreadable_here(), flavour.unwritable_here(), flavour.unchangeable_here()
    return ["no" if reason else "yes" for reason in reasons]
