"""What is said of a page that breaks the rules of its format, in files of any release."""

from __future__ import annotations

from plugreg.backends.errors import RESTORE_OR_SALVAGE, CatalogCorrupt


def broken_page(path: str, number: int, size: int, what: str) -> CatalogCorrupt:
    """Return the error that names a page, of so many bytes, and what is wrong with it."""
    return CatalogCorrupt(
        f"{path}: page {number} at byte {number * size}: {what}",
        hint=RESTORE_OR_SALVAGE,
        path=path,
        page=number,
    )
