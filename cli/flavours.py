"""`plugreg flavours`: every format that a store can have, and what this machine can do with it."""

from __future__ import annotations

from plugreg import backends

from .result import Result
from .table import Column, show_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plugreg.backends import Flavour

    from .result import Item
    from .screen import Screen

_YES_NO = {"yes": "good", "no": "faint"}
_COLUMNS = (
    Column("flavour", whole=True),
    Column("read", _YES_NO),
    Column("write", _YES_NO),
    Column("what it is"),
    Column("guarantees"),
)


def list_flavours() -> Result:
    """List the formats that a catalog or a DBM file can have.

    For each: can this Python read it and write it, and what does it guarantee.

    Example: plugreg flavours
    """
    items = [_object(flavour) for flavour in backends.flavours()]
    return Result("flavours", "flavours", items, _text)


def _object(flavour: Flavour) -> dict[str, object]:
    unreadable, unwritable = flavour.unreadable_here(), flavour.unwritable_here()
    return {
        "name": flavour.name,
        "read": not unreadable,
        "write": not unwritable,
        "pinned": flavour.pinned,
        "reason": unreadable or unwritable or flavour.unchangeable_here(),
        "title": flavour.title,
        "guarantees": flavour.guarantees,
    }


def _text(flavours: Iterable[Item], screen: Screen) -> Iterator[str]:
    return show_rows(_COLUMNS, map(_row, flavours), screen)


def _row(item: Item) -> tuple[str, ...]:
    read, write = ("yes" if item[can] else "no" for can in ("read", "write"))
    reason = f"; {item['reason']}" if item["reason"] else ""
    pinned = " (pinned)" if item["pinned"] else ""
    return (item["name"] + pinned, read, write, item["title"], item["guarantees"] + reason)
