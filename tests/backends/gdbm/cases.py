"""GDBM cases of the corpus, and damaged ones made of them as it was done there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.corpus_cases import case_names, copied_case

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = case_names("gdbm-", "gdbmcompat-", "shelf-py311-gnu")
DUMPS = case_names("gdbmdump-")
# What befell gdbm-bs512: where, which bytes, what the error must say, how many records stay.
DAMAGE = {
    "bucket count": (19565, b"\x27", "count is 9999, but 15 elements are used", 541),
    "data pointer": (19576, b"\x88\x57\x01", "byte 87944 of 82944", 540),
    "directory entry outside": (553, b"\x00\xff\xff\xff\x7f", "entry 5 names byte 1407", 541),
    "directory entry astray": (552, b"\x08\x4c", "entry 5 names byte 19464", 541),
    "key size": (19584, b"\xf9\xff\xff\xff", "-7 . 16 bytes", 540),
    "cut": (81444, b"", "truncated: it should have 82944 bytes and has 81444", 524),
    "next block": (32, b"\x00\x40\x01\x00", "a writer was interrupted", 541),
    "magic and directory": (0, b"\xdf" + b"\0" * 3, "none of GDBM's", 541),
}
# The same of gdbm-default, as whole cases: what the error must say. All 42 records stay.
HEADERS = {
    "damaged-gdbm-bucketelems-flip": "bucket_elems 167 does not fit bucket_size 4096, 166 would",
    "damaged-gdbm-dirbits-flip": "dir_bits 8 does not fit dir_size 4096",
    "damaged-gdbm-diroff-flip": "the directory at byte 36864 lies outside the file",
    "damaged-gdbm-magic-flip": "wrong magic number 0x13579adf: 1 bit",
}


def damaged(kind: str, folder: Path) -> Path:
    """Make gdbm-bs512 with that damage."""
    path = copied_case("gdbm-bs512", folder)
    at, data, _, _ = DAMAGE[kind]
    content = path.read_bytes()
    path.write_bytes(content[:at] + data + content[at + len(data) :] if data else content[:at])
    return path
