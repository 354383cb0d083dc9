"""What a format cannot hold: records beyond its limits, and keys that come twice."""

from __future__ import annotations

from itertools import chain, islice

from .errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# The code of the error for records that a format cannot hold, whatever there is room for.
DO_NOT_FIT = "records-do-not-fit"
_NAMED = 5  # so many records are named, the others counted
_SHOWN = 40  # bytes of a key


def fitting(
    records: Iterable[tuple[bytes, bytes]],
    misfit: Callable[[bytes, bytes], str],
    path: str,
    flavour: str,
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records while all of them fit; `misfit` says why one does not, or "".

    Raises:
        CatalogError: Some do not: the rest was looked through to count and name them.
    """
    rest = iter(records)
    for record in rest:
        reason = misfit(*record)
        if reason:
            raise beyond_limits(chain([(record[0], reason)], _misfits(rest, misfit)), path, flavour)
        yield record


def _misfits(
    records: Iterator[tuple[bytes, bytes]], misfit: Callable[[bytes, bytes], str]
) -> Iterator[tuple[bytes, str]]:
    for key, value in records:
        reason = misfit(key, value)
        if reason:
            yield key, reason


def beyond_limits(misfits: Iterable[tuple[bytes, str]], path: str, flavour: str) -> CatalogError:
    """Return the error that names the first five keys, each with its reason, and counts all."""
    rest = iter(misfits)
    named = [f"{shown(key)} ({reason})" for key, reason in islice(rest, _NAMED)]
    more = sum(1 for _ in rest)
    beside = f" and {more} more" if more else ""
    count = len(named) + more
    return CatalogError(
        f"{path}: {flavour} cannot hold {count} of the records: {', '.join(named)}{beside}",
        hint="nothing was changed; leave them out, or choose another flavour",
        code=DO_NOT_FIT,
        path=path,
        flavour=flavour,
        count=count,
    )


def key_twice(key: bytes, path: str) -> CatalogError:
    """Return the error for a key that comes twice where a format holds one value for each."""
    return CatalogError(
        f"{path}: the key {shown(key)} comes twice",
        hint="nothing was written; choose which of its values to keep",
        code="key-twice",
        path=path,
        key=key,
    )


def shown(key: bytes) -> str:
    """Return a key for people, cut after 40 bytes."""
    return repr(key[:_SHOWN]) + ("..." if len(key) > _SHOWN else "")
