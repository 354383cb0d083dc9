"""How a file of Berkeley DB's ndbm interface is known, and by which name programs open it.

Source: dbm_open of 1.85 (hash/ndbm.c) and __db_ndbm_open of 2.7 to 5.3 (hash/hash_compat or
dbm/dbm.c): a hash database of pages of 4,096 bytes, fill factor 40, under the name with `.db`.
"""

from __future__ import annotations

from plugreg.backends.footprint import FILE_SUFFIX

PAGE_SIZE = 4096
FILL_FACTOR = 40


def known_name(path: str, page_size: int, fill_factor: int) -> str:
    """Return the name by which programs open the hash file at `path`."""
    if page_size == PAGE_SIZE and fill_factor == FILL_FACTOR:
        return path.removesuffix(FILE_SUFFIX)
    return path
