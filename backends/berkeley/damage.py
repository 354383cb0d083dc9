"""What is said of a page that breaks the rules of its format, in files of any release."""

from __future__ import annotations

from plugreg.backends.errors import CatalogCorrupt, restore_or_salvage


def broken_page(
    path: str, number: int, size: int, what: str, *, opened_as: str = ""
) -> CatalogCorrupt:
    """Return the error that names a page, of so many bytes, and what is wrong with it.

    Where the file is one of several, `opened_as` is the one by which programs open the database.
    """
    return CatalogCorrupt(
        f"{path}: page {number} at byte {number * size}: {what}",
        hint=restore_or_salvage(opened_as or path),
        path=path,
        page=number,
    )
