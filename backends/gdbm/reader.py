"""Reading GDBM files exactly, in any layout, with every rule of the format checked on the way."""

from __future__ import annotations

from itertools import chain

from plugreg.backends.reader import Reader

from .accounting import free_list, overlap
from .buckets import entry_of, miscounted, misplaced, read_bucket, runs
from .bulk import in_bulk
from .file import GdbmFile
from .hashing import hashes, signed_hash, unsigned_hash
from .header import HEAD_SIZE, read_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .buckets import Bucket, Element, Run
    from .header import Header

_PROVED = 1 << 20  # bytes
_LOST = 1024  # one byte in so many, in a file beyond that


class GdbmReader(Reader):
    """A read-only store over one GDBM file.

    Opening it only opens and locks the file, so that a damaged one can be salvaged; all else raises
    CatalogCorrupt, naming the place, as soon as it meets damage. Values have no checksum in the
    format: a flipped bit in one is not seen. A key is found by its hash, with three reads.

    Attributes:
        verify_keys: Whether `records` proves that each key has the hash that its bucket says, which
            costs a quarter of the speed.
    """

    verify_keys = True

    def __init__(
        self,
        flavour: str,
        path: str,
        file: str,
        *,
        timeout_s: float = 5.0,
        exclusive: bool = False,
    ) -> None:
        """Open `file`; `exclusive` takes the lock of a writer."""
        super().__init__(flavour, path)
        self._file = GdbmFile(file, timeout_s=timeout_s, exclusive=exclusive)
        self._header: Header | None = None
        self._number: int | None = None

    def header(self) -> Header:
        """Return the header; a CatalogCorrupt where anything in it is wrong."""
        if self._header is None:
            self._require_open()
            head = self._file.read(min(HEAD_SIZE, self._file.size), 0)
            header = read_header(head, self._file.size)
            if header is None:
                raise self._file.corrupt("its header is none of GDBM's")
            for problem in (*header.problems, *header.doubts):
                raise self._file.corrupt(f"header at byte 0: {problem}")
            self._header = header
        return self._header

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (key, value) in the library's order.

        Beside each record's own rules, what is wrong with all of them together (pieces that
        overlap) is raised at the end.
        """
        return chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[Iterable[tuple[bytes, bytes]]]:
        """Yield the records bucket by bucket."""
        header = self.header()
        self._file.hold_if_small()
        try:
            yield from self._all(header)
        finally:
            self._file.let_go()

    def _all(self, header: Header) -> Iterator[Iterable[tuple[bytes, bytes]]]:
        file = self._file
        taken, number = header.block_size + header.dir_size, 0
        for run, bucket, elements in self._buckets(header):
            pieces = bucket.free_pieces()
            number += len(pieces)
            taken += header.bucket_size + sum([size for size, _ in pieces])
            if not elements:
                continue
            columns: Any = tuple(zip(*elements, strict=True))
            taken += sum(columns[3]) + sum(columns[4])
            allowed, start = run.hashes(header), header.block_size
            bulk = in_bulk(file, allowed, start, columns, verify=self.verify_keys)
            yield bulk or self._of_bucket(header, run, elements)
        pieces = list(free_list(file, header))
        taken += sum([size for size, _ in pieces])
        if not 0 <= file.size - taken <= self._dropped(number + len(pieces)):
            self.account()

    def _dropped(self, free_pieces: int) -> int:
        """Return how many bytes may belong to nothing without a closer look.

        libgdbm drops pieces of up to 4 bytes and, in large files, now and then what is left of a
        block (seen: one byte in 1,200 at most). To prove them takes memory for every record, which
        is spent on small files only.
        """
        size = self._file.size
        return 0 if size <= _PROVED else free_pieces + size // _LOST

    def account(self) -> None:
        """Prove that no piece of the file overlaps another; a CatalogCorrupt where one does.

        What belongs to nothing, or is free and used, is added to `warnings`. Takes about 150 bytes
        of memory a record.
        """
        problem, doubt = overlap(self._file, self.header())
        if problem:
            raise self._file.corrupt(problem)
        if doubt:
            self.warnings.append(f"{self.path}: {doubt}")

    def _buckets(self, header: Header) -> Iterator[tuple[Run, Bucket, list[Element]]]:
        """Yield every bucket once, its own rules checked."""
        empty = set[int]()  # of the others, the hashes tell when one stands in two places
        for run in runs(self._file, header):
            bucket = read_bucket(self._file, header, run.address)
            elements = bucket.elements()
            problem = misplaced(bucket, header, run) or miscounted(bucket, elements)
            if problem:
                raise self._explained(header, run, bucket, problem)
            if not elements and run.address in empty:
                raise self._at(run, "it stands in two places of the directory")
            if not elements:
                empty.add(run.address)
            yield run, bucket, elements

    def _explained(self, header: Header, run: Run, bucket: Bucket, problem: str) -> Exception:
        """Say which entry strays, where the directory is at fault and not the bucket."""
        if 0 <= bucket.bits < header.dir_bits:
            length = 1 << (header.dir_bits - bucket.bits)
            first = run.first - run.first % length
            for other in runs(self._file, header):
                if first <= other.first < first + length and other.address != run.address:
                    problem += f"; entry {other.first} names byte {other.address}"
                    break
        return self._at(run, problem)

    def _at(self, run: Run, problem: str) -> Exception:
        return self._file.corrupt(
            f"bucket at byte {run.address} (directory entry {run.first}): {problem}"
        )

    def _of_bucket(
        self, header: Header, run: Run, elements: list[Element]
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield a bucket's records, each looked at for itself."""
        allowed, verify, read = run.hashes(header), self.verify_keys, self._file.read
        lowest, highest, first_byte = allowed.start, allowed.stop, header.block_size
        size = self._file.size
        for hash_value, start, at, key_size, value_size in elements:
            outside = at < first_byte or at + key_size + value_size > size
            if key_size < 0 or value_size < 0 or outside:
                raise self._at(
                    run,
                    f"an element points to {key_size} + {value_size} bytes at byte {at} of {size}",
                )
            record = read(key_size + value_size, at)
            key = record[:key_size]
            if not lowest <= hash_value < highest:
                raise self._at(run, f"the hash of {key[:40]!r} does not belong there")
            if key[:4] != start[:key_size]:
                raise self._at(run, f"the element of {start!r} points to {key[:40]!r}")
            if (
                verify
                and unsigned_hash(key) != hash_value
                and (key.isascii() or signed_hash(key) != hash_value)
            ):
                raise self._at(run, f"the hash of {key[:40]!r} at byte {at} is wrong")
            yield key, record[key_size:]

    def salvage(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every record whose key has the hash that its bucket says, found by any way."""
        from .salvage import Salvage

        self._require_open()
        work = Salvage(self._file)
        self.losses = work.losses
        return work.records()

    def _fetch(self, key: bytes) -> bytes | None:
        self._require_open()
        for hash_value in hashes(key):
            value = self._look_up(key, hash_value)
            if value is not None:
                return value
        return None

    def _look_up(self, key: bytes, hash_value: int) -> bytes | None:
        header = self.header()
        bucket = read_bucket(self._file, header, entry_of(self._file, header, hash_value))
        start = key[:4]
        for found, begins, at, key_size, value_size in bucket.probe(hash_value):
            if found != hash_value or key_size != len(key) or begins[:key_size] != start:
                continue
            if value_size < 0 or at < header.block_size:
                raise self._file.corrupt(f"the element of {key[:40]!r} points to byte {at}")
            record = self._file.read(key_size + value_size, at)
            if record[:key_size] == key:
                return record[key_size:]
        return None

    def latest(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every key once; of one that machines of both kinds wrote, what a look-up finds."""
        twice = set[bytes]()
        for key, value in self.records():
            if key.isascii() or not self._has_both(key):
                yield key, value
            elif key not in twice:
                twice.add(key)
                found = self._fetch(key)
                yield key, value if found is None else found

    def _keys(self) -> Iterator[bytes]:
        return (key for key, _ in self.latest())

    def _has_both(self, key: bytes) -> bool:
        """Tell whether machines of both kinds have written a record of the key."""
        return all(self._look_up(key, hash_value) is not None for hash_value in hashes(key))

    def _count(self) -> int:
        if self._number is None:
            self._number = sum(1 for _ in self._keys())
        return self._number

    def record_count(self) -> int:
        """Return how many records the buckets say to hold, without reading a record."""
        return sum(len(elements) for _, _, elements in self._buckets(self.header()))

    def _close(self) -> None:
        self._file.close()
