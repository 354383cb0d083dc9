"""What each format cannot tell, so that no reader of it notices: the silent findings that stay.

Only edits outside of keys and values are judged at all, and only those that change more than a
format's alignment.
"""

from __future__ import annotations

_NO_CHECK = "sizes and places of values are told once, and nothing sums them up"
_DELETED = "one bit says that a record was deleted"
_ONE_LINE = "a line that is missing, or became a comment, leaves a well-formed text"

# A look-up reads one record's part of the file, not what is around it.
_LOOK_UP = "looked-up-wrong-record"
# A salvage that tells of losses may hold a record that ends elsewhere than it did.
_WITH_LOSSES = "salvage, with losses"
_LOST = ("lost-records", "salvage-lost-records")

ONLY_LOST = {
    "berkeley-multi": _DELETED,
    "berkeley-queue": _DELETED,
}
UNNOTICED = {
    "berkeley-btree": f"{_DELETED}; one bit, that its records are in partitions",
    "berkeley-dump": _ONE_LINE,
    "berkeley-hash": f"{_DELETED}; duplicates on a page have lengths of their own",
    "berkeley-heap": _NO_CHECK,
    "berkeley-recno": _DELETED,
    "berkeley185-btree": "a file that was cut may have lost its first leaf, or never had one",
    "berkeley185-hash": "pages beyond the end were never written",
    "dumb": _NO_CHECK,
    "gnu-dump": "a binary dump has neither count nor end; an ASCII one may hold comments",
    "ndbm-classic": _NO_CHECK,
    "sdbm": _NO_CHECK,
    "sos": _ONE_LINE,
    "sqlite3": "SQLite trusts its pages, and ignores what follows a torn page of its log",
    "tdb": _NO_CHECK,
}


def is_expected(kind: str, detail: str) -> bool:
    """Tell whether a finding is one that the format of its flavour (in `detail`) cannot show."""
    flavour = detail.partition(":")[0]
    if not kind.endswith(("record", "records")):
        return False
    if kind == _LOOK_UP or detail.endswith(_WITH_LOSSES) or flavour in UNNOTICED:
        return True
    return flavour in ONLY_LOST and kind in _LOST
