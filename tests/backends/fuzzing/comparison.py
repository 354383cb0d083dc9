"""Whether what was read from a damaged file is what stood in it before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .payload import SURE, touches_payload

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from .edits import Edit, Files
    from .sources import Source

_SLACK = 4  # bytes


def strange(
    got: Iterable[tuple[bytes, bytes]], records: Collection[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """Return what is no record of the source, nor so near to one that it cannot be noticed.

    Where a datum of a few bytes stands in the file is not known, so that it may be what changed;
    and formats that start all at a multiple of 4 do not notice a length that is off by less.
    """
    return [record for record in got if record not in records and not _is_near(record, records)]


def _is_near(record: tuple[bytes, bytes], records: Collection[tuple[bytes, bytes]]) -> bool:
    return any(
        all(
            new == old
            or len(new) == len(old) < SURE
            or (abs(len(new) - len(old)) <= _SLACK and (new.startswith(old) or old.startswith(new)))
            for new, old in zip(record, other, strict=True)
        )
        for other in records
    )


def brings_records(source: Source, files: Files, edits: Sequence[Edit]) -> bool:
    """Tell whether other keys or values than the source's may now stand in the files."""
    spliced = any(word == "splice" for word, *_ in edits)
    return spliced or touches_payload(source.files, files, source.masks)
