"""Looking for GDBM's buckets wherever they lie, when the directory does not lead to them."""

from __future__ import annotations

import re

from .buckets import Bucket
from .hashing import BITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import GdbmFile
    from .header import Header
    from .layout import Layout

_PART = 1 << 20
# Of a file full of small numbers not every one is tried: this many, and one in so many bytes.
TRIALS = 20_000
_BYTES_A_TRIAL = 512


def find_buckets(
    file: GdbmFile, header: Header, *, trials: int = TRIALS
) -> Iterator[tuple[int, Bucket]]:
    """Yield (address, bucket) of all that has the shape of a bucket with records in it.

    Only the header's layout, block size and number of elements count. A bucket has small numbers at
    fixed distances (`hash_bucket` of gdbm 1.23, src/gdbmdefs.h), as many elements as it says, and
    hashes that agree in the bits that it says.
    """
    size, trials = header.bucket_size, trials + file.size // _BYTES_A_TRIAL
    for at in _shapes(file, header.layout):
        if at < header.block_size or at + size > file.size:
            continue
        bucket = Bucket(file.read(size, at), header)
        if _is_plausible(bucket, header):
            yield at, bucket
        else:
            trials -= 1
            if not trials:
                return


def _shapes(file: GdbmFile, layout: Layout) -> Iterator[int]:
    """Yield where av_count, bucket_bits and count could stand; a part of the file at a time."""
    shape, reach = _pattern(layout), layout.counts_at + 8
    for start in range(0, file.size, _PART):
        size = min(_PART + reach, file.size - start)
        for match in shape.finditer(file.read(size, start)):
            if match.start() < _PART:
                yield start + match.start()


def _pattern(layout: Layout) -> re.Pattern[bytes]:
    free, bits, count = rb"[\0-\x06]", rb"[\0-\x1f]", rb"(?!\0\0).."
    free, bits, count = (
        small + padding if layout.order == "little" else padding + small
        for small, padding in ((free, rb"\0\0\0"), (bits, rb"\0\0\0"), (count, rb"\0\0"))
    )
    return re.compile(rb"(?s)(?=%b.{%d}%b%b)" % (free, layout.counts_at - 4, bits, count))


def _is_plausible(bucket: Bucket, header: Header) -> bool:
    if not 0 < bucket.count <= header.bucket_elems:
        return False
    elements, shift = bucket.elements(), BITS - bucket.bits
    prefixes = {element[0] >> shift for element in elements}
    return len(elements) == bucket.count and len(prefixes) == 1 and min(prefixes) >= 0
