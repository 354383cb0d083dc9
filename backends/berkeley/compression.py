"""Compressed btrees: one item of a leaf holds a run of records, each told by its difference.

Source: btree/bt_compress.c and bt_compact.c of 5.3 (the default functions, __bam_defcompress): the
leaf's key is the first record's; its value is cint(n), n bytes, then the other records. 0xFC marks
one with the same key: cint(prefix) cint(suffix) and the rest of its value. Any other is
cint(prefix) cint(suffix) cint(length), the rest of its key, its value.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SAME_KEY = 0xFC
# First byte below, bytes that follow, what is added to their number (__db_compress_int).
_INTEGERS = (
    (0x80, 0, 0),
    (0xC0, 1, 0x80),
    (0xE0, 2, 0x4080),
    (0xF0, 3, 0x204080),
    (0xF8, 4, 0x10204080),
)


def expanded(key: bytes, run: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records of a run.

    Raises:
        ValueError: The bytes do not come out even; a database may have functions of its own.
    """
    size, at = _integer(run, 0)
    value, at = _bytes(run, at, size)
    yield key, value
    while at < len(run):
        if run[at] == _SAME_KEY:
            prefix, at = _integer(run, at + 1)
            suffix, at = _integer(run, at)
            rest, at = _bytes(run, at, suffix)
            value = _prefix(value, prefix) + rest
        else:
            prefix, at = _integer(run, at)
            suffix, at = _integer(run, at)
            size, at = _integer(run, at)
            rest, at = _bytes(run, at, suffix)
            key = _prefix(key, prefix) + rest
            value, at = _bytes(run, at, size)
        yield key, value


def _integer(run: bytes, at: int) -> tuple[int, int]:
    if at >= len(run):
        raise ValueError("a number is cut")
    first = run[at]
    for limit, more, base in _INTEGERS:
        if first < limit:
            tail, end = _bytes(run, at + 1, more)
            high = first & (0x7F >> more)  # each byte that follows costs a bit of the first
            return base + (high << (8 * more)) + int.from_bytes(tail, "big"), end
    raise ValueError(f"unknown mark {first:#x}")


def _bytes(run: bytes, at: int, size: int) -> tuple[bytes, int]:
    if at + size > len(run):
        raise ValueError("it is cut")
    return run[at : at + size], at + size


def _prefix(text: bytes, size: int) -> bytes:
    if size > len(text):
        raise ValueError("a prefix is longer than what it is taken from")
    return text[:size]
