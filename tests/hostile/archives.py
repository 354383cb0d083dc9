"""The table of hostile archives: wheels and sdists that climb, lie, grow, or are damaged.

Each row says what `plugreg add` answers: the code of its error, or "" where the project is added,
because what is strange about it does no harm.
"""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .tars import BLOCK, END, PYPROJECT, extended, header, member, packed, record, sdist
from .zips import DIST_INFO, METADATA, Entry, end64_of, end_of, wheel, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WHEEL = "demo-1.0-py3-none-any.whl"
SDIST = "demo-1.0.tar.gz"
ZIP = "demo-1.0.zip"
MIB = 2**20
UNSAFE, INVALID, SOURCE = "archive-unsafe", "archive-invalid", "source-invalid"
# Pythons differ in what they see to be wrong.
INVALID_OR_ADDED = f"{INVALID}|"
INVALID_OR_UNSAFE = f"{INVALID}|{UNSAFE}"
NO_METADATA = "source-no-metadata"
WITNESS = b"open('ran', 'w')\n"
ESCAPES = "\x1b]0;owned\x07\x1b[31m"


@dataclass
class Case:
    """One archive: its file's name, what makes its bytes, and what `add` answers."""

    file: str
    make: Callable[[], bytes]
    code: str


def _wheel(code: str, *entries: Entry, **how: bytes) -> Case:
    return Case(WHEEL, partial(wheel, *entries, **how), code)


def _sdist(code: str, *members: bytes, **how: bytes | None) -> Case:
    return Case(SDIST, partial(sdist, *members, **how), code)  # type: ignore[arg-type]


def _raw(code: str, make: Callable[[], bytes], file: str = WHEEL) -> Case:
    return Case(file, make, code)


def _named(*names: bytes) -> list[Entry]:
    return [Entry(name, WITNESS) for name in names]


_OWN = Entry(f"{DIST_INFO}/METADATA".encode(), METADATA)

# What makes the larger ones.


def _overlapping() -> bytes:
    """Return a wheel whose members all share one content: a bomb that is not nested."""
    body = Entry(b"demo/0", bytes(8 * MIB))
    body.packed = body.body()
    size, crc = len(body.packed), zlib.crc32(body.content)
    entries = [_OWN, body]
    entries += [
        Entry(b"demo/%d" % n, size=8 * MIB, packed=b"", packed_size=size, crc=crc)
        for n in range(1, 2000)
    ]
    zipped([_OWN, body])
    for entry in entries[2:]:
        entry.offset = body.at
    return zipped(entries)


def _nested() -> bytes:
    """Return a wheel with archives of archives of zeros."""
    inner = bytes(16 * MIB)
    for depth in range(4):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(8):
                archive.writestr(f"{depth}-{copy}.zip", inner)
        inner = file.getvalue()
    return wheel(Entry(b"demo/bomb.zip", inner, method=0))


def _deflated(start: bytes, zeros_mib: int) -> bytes:
    """Return a deflated stream of some bytes and many zeros, made without packing them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    begin = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return begin + block * zeros_mib + packer.flush()


def _gzipped(start: bytes, zeros_mib: int) -> bytes:
    """Return such a stream as a gzip file, with a wrong sum at its end."""
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + _deflated(start, zeros_mib) + bytes(8)


def _bomb(size_mib: int, said: int | None = None) -> bytes:
    """Return a wheel with one member of zeros, which may say another size."""
    size = size_mib * MIB if said is None else said
    return wheel(Entry(b"demo/zeros", packed=_deflated(b"", size_mib), size=size, crc=0))


def _lying_metadata() -> bytes:
    """Return a wheel whose METADATA of 64 MiB says that it has a hundred bytes."""
    entry = Entry(_OWN.name, METADATA + bytes(64 * MIB), size=100)
    return zipped([entry])


def _many_entries() -> bytes:
    """Return a wheel of 50,001 files."""
    return wheel(*(Entry(b"demo/%d" % n, method=0) for n in range(50_000)))


def _many_folders() -> bytes:
    """Return a wheel with half a million folders in its list, which nothing of it unpacks."""
    entries = [_OWN]
    listed = b"".join(entry.central() for entry in entries)
    local = entries[0].local()
    listed += Entry(b"d/", method=0, mode=0o40755).central() * 500_000
    return local + listed + end_of(len(entries), len(listed), len(local))


def _hidden_list() -> bytes:
    """Return a wheel whose list is small for who reads the last record, and large for zipfile."""
    local = _OWN.local()
    listed = _OWN.central() + Entry(b"d/", method=0, mode=0o40755).central() * 700_000
    at = len(local)
    return (
        local + listed + end64_of(1, len(listed), at, at + len(listed)) + end_of(1, 46, at)
    )  # fmt: skip


def _end_in_end() -> bytes:
    """Return a wheel whose last record has the mark of a last record in it."""
    local = _OWN.local()
    listed = _OWN.central() + Entry(b"d/", method=0, mode=0o40755).central() * 700_000
    last = bytearray(end_of(1, len(listed), len(local)))
    last[4:8] = b"PK\5\6"  # numbers of disks, which nobody looks at
    return local + listed + bytes(last)


def _two_lists() -> bytes:
    """Return a wheel that is another one to who looks for the first last record."""
    inner = wheel(*_named(b"../evil.py"))
    return zipped([Entry(b"demo/__init__.py"), _OWN], comment=inner[-2000:])


def _deep_path() -> bytes:
    """Return a wheel of names that are thousands of folders deep."""
    deep = b"a/" * 32_000
    return wheel(*(Entry(deep + b"%d" % n, method=0) for n in range(300)))


def _deep_tar_path() -> Iterator[bytes]:
    yield member("demo-1.0/pyproject.toml", PYPROJECT)
    for n in range(20):
        yield extended(record("path", b"demo-1.0/" + b"a/" * (MIB // 4) + b"%d" % n))
        yield header(b"x", b"0")
    yield END


def _encrypted() -> bytes:
    """Return a wheel whose code is encrypted as PKZIP did it."""
    return wheel(Entry(b"demo/secret.py", b"x" * 12, flags=0x801))


def _method(method: int) -> Callable[[], bytes]:
    """Return what makes a wheel with a member of another compression."""

    def make() -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, content in (("demo/__init__.py", b""), (_OWN.name.decode(), METADATA)):
                archive.writestr(name, content)
        return file.getvalue()

    return make


def _lzma_dictionary() -> bytes:
    """Return a wheel whose member asks for four gigabytes before its first byte comes out."""
    properties = b"\x09\x04\x05\x00" + b"\x5d" + b"\xff\xff\xff\xff"
    return wheel(Entry(b"demo/x", method=14, packed=properties + bytes(100), size=100))


def _cut(data: bytes, *, keep: float) -> bytes:
    return data[: int(len(data) * keep)]


def _noise(size: int) -> bytes:
    return b"".join(zlib.crc32(b"%d" % n).to_bytes(4, "little") for n in range(size // 4))


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def _gzip_bomb() -> bytes:
    """Return an sdist with a member of a gigabyte of zeros."""
    start = member("demo-1.0/pyproject.toml", PYPROJECT)
    return _gzipped(start + header(b"demo-1.0/zeros", b"%011o" % 2**30), 1024)


def _zeros_behind() -> bytes:
    """Return an sdist with half a gigabyte of zeros behind its end."""
    return _gzipped(gzip.decompress(sdist()), 512)


def _long_names() -> Iterator[bytes]:
    size = 4 * MIB - BLOCK
    for _ in range(40):
        yield header(b"././@LongLink", b"%011o" % size, tarfile.GNUTYPE_LONGNAME)
        yield b"x" * size


def _many_records() -> Iterator[bytes]:
    """Yield extended headers with a million records, before each of a hundred members."""
    fields = b"".join(record(f"k{n}", b"") for n in range(200_000))
    for n in range(30):
        yield extended(fields)
        yield member(f"demo-1.0/{n}")
    yield END


def _many_global_records() -> Iterator[bytes]:
    """Yield global headers, whose records every member after them would have."""
    for part in range(10):
        fields = b"".join(record(f"k{part}-{n}", b"") for n in range(100_000))
        yield extended(fields, kind=tarfile.XGLTYPE)
    for n in range(1000):
        yield member(f"demo-1.0/{n}")
    yield END


def _folders() -> Iterator[bytes]:
    for n in range(60_000):
        yield member(f"demo-1.0/{n}", type=tarfile.DIRTYPE)


def _files() -> Iterator[bytes]:
    for n in range(50_001):
        yield header(b"demo-1.0/%d" % n, b"0")


def _old_sparse() -> bytes:
    """Return a member of the sparse form of GNU's, of a terabyte that takes no room."""
    whole = bytearray(header(b"demo-1.0/sparse", b"0", tarfile.GNUTYPE_SPARSE))
    whole[257:265] = b"ustar  \0"
    whole[483:495] = b"17777777777\0"
    whole[148:156] = b"        "
    whole[148:156] = b"%06o\0 " % sum(whole)
    return bytes(whole)


def _pax_sparse() -> bytes:
    """Return a member of the sparse form of PAX, version 1.0, of a terabyte."""
    fields = record("GNU.sparse.major", b"1") + record("GNU.sparse.minor", b"0")
    fields += record("GNU.sparse.name", b"demo-1.0/sparse")
    fields += record("GNU.sparse.realsize", b"%d" % 2**40)
    return extended(fields) + member("x", b"1\n0\n0\n")


def _pax_sparse_map() -> bytes:
    """Return one of version 0.1, whose map has numbers without end."""
    fields = record("GNU.sparse.map", b"0,1," * 100_000 + b"0,1")
    fields += record("GNU.sparse.size", b"9") + record("GNU.sparse.name", b"demo-1.0/sparse")
    return extended(fields) + member("x", b"")


def _link(kind: bytes, target: str, name: str = "demo-1.0/link") -> bytes:
    return member(name, type=kind, linkname=target)


def _pyproject(extra: bytes) -> dict[str, bytes]:
    return {"pyproject": PYPROJECT + extra}


ZIPS: dict[str, Case] = {
    "climbs out": _wheel(UNSAFE, *_named(b"../evil.py")),
    "climbs out of a folder of its own": _wheel(UNSAFE, *_named(b"a/b/../../../evil.py")),
    "climbs within": _wheel(UNSAFE, *_named(b"demo/../evil.py")),
    "a folder that climbs out": _wheel(UNSAFE, Entry(b"../evil/", mode=0o40755)),
    "absolute": _wheel(UNSAFE, *_named(b"/tmp/plugreg-evil.py")),
    "absolute, of two strokes": _wheel(UNSAFE, *_named(b"//tmp/plugreg-evil.py")),
    "a drive letter": _wheel(UNSAFE, *_named(b"C:/evil.py")),
    "a drive letter without a stroke": _wheel(UNSAFE, *_named(b"c:evil.py")),
    "backslashes": _wheel(UNSAFE, *_named(b"..\\evil.py")),
    "a share of another machine": _wheel(UNSAFE, *_named(b"\\\\server\\share\\evil.py")),
    "a NUL in a name": _wheel(UNSAFE, *_named(b"demo/x.py\0.txt")),
    "a newline in a name": _wheel(UNSAFE, *_named(b"demo/x\n.py")),
    "escapes in a name": _wheel(UNSAFE, *_named(f"demo/{ESCAPES}.py".encode())),
    "C1 controls in a name": _wheel("", *_named("demo/\x9b31m.py".encode())),
    "a name that turns writing round": _wheel("", *_named("demo/\u202eyp.exe".encode())),
    "half a surrogate in a name": _wheel(INVALID, *_named(b"demo/\xed\xa0\x80.py")),
    "a name that is no text": _wheel(INVALID, *_named(b"demo/\xff\xfe.py")),
    "a name of 300 letters": _wheel("unpack-failed", *_named(b"demo/" + b"n" * 300)),
    "names of thousands of folders": _raw(UNSAFE, _deep_path),
    "an empty name": _wheel("", Entry(b"")),
    "a name of dots": _wheel("", Entry(b"./././")),
    "a symlink": _wheel(UNSAFE, Entry(b"demo/link", b"/etc/passwd", mode=0o120777)),
    "a symlink to a folder": _wheel(
        UNSAFE, Entry(b"demo/up", b"..", mode=0o120777), *_named(b"demo/up/evil.py")
    ),
    "a device": _wheel(UNSAFE, Entry(b"demo/device", mode=0o20666)),
    "a block device": _wheel(UNSAFE, Entry(b"demo/device", mode=0o60666)),
    "a FIFO": _wheel(UNSAFE, Entry(b"demo/fifo", mode=0o10666)),
    "a socket": _wheel(UNSAFE, Entry(b"demo/socket", mode=0o140666)),
    "a program of root's": _wheel("", Entry(b"demo/root", WITNESS, mode=0o104755)),
    "a name twice": _wheel(UNSAFE, *_named(b"demo/x.py", b"demo/x.py")),
    "a name twice, with dots": _wheel(UNSAFE, *_named(b"demo/x.py", b"demo/.//x.py")),
    "names that differ in case": _wheel(UNSAFE, *_named(b"demo/X.py", b"demo/x.py")),
    "names that differ in accents": _wheel(
        UNSAFE, *_named("demo/\xe9.py".encode(), "demo/e\u0301.py".encode())
    ),
    "METADATA twice": _wheel(UNSAFE, Entry(_OWN.name, b"Name: other\nVersion: 9\n")),
    "a file and a folder": _wheel(UNSAFE, *_named(b"demo/x", b"demo/x/y.py")),
    "a folder with content": _wheel("", Entry(b"demo/folder/", WITNESS)),
    "encrypted": _raw(UNSAFE, _encrypted),
    "encrypted, only its list says so": _wheel(UNSAFE, Entry(b"demo/x", flags=0x841)),
    "encrypted by AES": _wheel(UNSAFE, Entry(b"demo/x", method=99, flags=0x801)),
    "a compression nobody knows": _wheel(INVALID, Entry(b"demo/x", b"x", method=97)),
    "METADATA in a compression nobody knows": _raw(
        INVALID, lambda: zipped([Entry(_OWN.name, METADATA, method=1)])
    ),
    "a patch of another archive": _wheel(INVALID, Entry(b"demo/x", b"x", flags=0x20)),
    "bzip2": _raw("", _method(zipfile.ZIP_BZIP2)),
    "lzma": _raw("", _method(zipfile.ZIP_LZMA)),
    "lzma with a giant dictionary": _raw(INVALID, _lzma_dictionary),
    "a bomb of a gigabyte": _raw(UNSAFE, partial(_bomb, 1024)),
    "a bomb of three gigabytes": _raw(UNSAFE, partial(_bomb, 3072)),
    "a bomb of members that overlap": _raw(UNSAFE, _overlapping),
    "a bomb of archives in archives": _raw("", _nested),
    "a bomb that says it is small": _raw(INVALID, partial(_bomb, 256, 10)),
    "METADATA that say they are small": _raw(INVALID, _lying_metadata),
    "says a gigabyte, and has ten bytes": _wheel(
        UNSAFE, Entry(b"demo/x", b"x" * 10, size=1024 * MIB)
    ),
    "says a megabyte, and has ten bytes": _wheel(INVALID, Entry(b"demo/x", b"x" * 10, size=MIB)),
    "says that it is packed to more than there is": _wheel(
        INVALID_OR_ADDED, Entry(b"demo/x", b"x" * 10, packed_size=2**31)
    ),
    "a wrong checksum": _wheel(INVALID, Entry(b"demo/x", b"x", crc=1)),
    "another name where it lies": _wheel(
        INVALID, Entry(b"demo/x.py", WITNESS, local_name=b"../../x.py")
    ),
    "lies behind the end": _wheel(INVALID, Entry(b"demo/x", b"x", offset=2**31)),
    "lies in another's content": _wheel(INVALID, Entry(b"demo/x", b"x", offset=7)),
    "on another disk": _wheel("", Entry(b"demo/x", b"x", disk=7)),
    "an extra field that is cut": _wheel(INVALID, Entry(b"demo/x", extra=b"\x01\0\xff\0")),
    "a second name in an extra field": _wheel(
        "", Entry(b"demo/x", extra=b"\x75\x70\x0f\0\x01" + bytes(4) + b"../evil.py")
    ),
    "a comment of 65,535 bytes": _wheel("", Entry(b"demo/x", comment=b"PK\5\6" * 16_383)),
    "a list within the comment": _raw(UNSAFE, _two_lists),
    "a program before it": _raw("", lambda: zipped([_OWN], before=b"#!/bin/sh\ntouch ran\n")),
    "50,001 files": _raw(UNSAFE, _many_entries),
    "half a million folders": _raw(UNSAFE, _many_folders),
    "a large list behind a small one": _raw(UNSAFE, _hidden_list),
    "an end within the end": _raw(UNSAFE, _end_in_end),
    "cut in a member": _raw(INVALID, lambda: _cut(wheel(Entry(b"x", _noise(9999))), keep=0.5)),
    "cut in its list": _raw(INVALID, lambda: wheel()[:-40]),
    "cut in its last record": _raw(INVALID, lambda: wheel()[:-5]),
    "flipped in METADATA": _raw(INVALID, lambda: _flipped(wheel(), 100)),
    "no members": _raw(NO_METADATA, lambda: end_of(0, 0, 0)),
    "a list of nothing": _raw(INVALID, lambda: end_of(9, 2**31, 9)),
    "no bytes": _raw(INVALID, bytes),
    "text": _raw(INVALID, lambda: b"no archive at all"),
    "a tar archive": _raw(INVALID, sdist),
    "giant METADATA": _raw(UNSAFE, lambda: wheel(metadata=METADATA + b"x" * 20 * MIB)),
    "METADATA of a million lines": _raw(
        SOURCE, lambda: wheel(metadata=METADATA + b"Classifier: x\n" * 1_000_000)
    ),
    "METADATA with escapes": _wheel("", metadata=METADATA.replace(b"A demo", ESCAPES.encode())),
    "METADATA with escapes in the name": _wheel(
        SOURCE, metadata=METADATA.replace(b"demo", ESCAPES.encode(), 1)
    ),
    "METADATA of another project": _wheel(SOURCE, metadata=METADATA.replace(b"demo", b"pip", 1)),
    "METADATA of another version": _wheel(SOURCE, metadata=METADATA.replace(b"1.0", b"9")),
    "METADATA that climb": _wheel(SOURCE, metadata=METADATA.replace(b"demo", b"../evil", 1)),
    "METADATA that are no text": _wheel("", metadata=METADATA + b"Author: \xff\xfe\0\n"),
    "METADATA with NULs": _wheel(SOURCE, metadata=b"\0" * 4096),
    "METADATA of parts in parts": _wheel(
        "", metadata=METADATA + b"Content-Type: multipart/mixed; boundary=a\n\n"
        + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 5000
    ),
    "requirements of a million letters": _wheel(
        "word-invalid", metadata=METADATA + b"Requires-Dist: " + b"(" * 10**6 + b"\n"
    ),
    "no METADATA": _raw(NO_METADATA, lambda: zipped(_named(b"demo/__init__.py"))),
    "METADATA of two": _wheel(SOURCE, Entry(b"other-1.dist-info/METADATA", METADATA)),
    "giant entry points": _raw(
        UNSAFE, lambda: wheel(entry_points=b"[host]\n" + b"x = y\n" * 3_000_000)
    ),
    "entry points with escapes": _wheel(
        SOURCE, entry_points=b"[host]\n" + ESCAPES.encode() + b" = demo\n"
    ),
    "an entry point that is code": _wheel(
        "", entry_points=b"[host]\nx = __import__('os').system('touch ran')\n"
    ),
    "an entry point of the system's": _wheel("", entry_points=b"[host]\nx = os:system\n"),
    "RECORD that lies": _wheel(
        "", Entry(f"{DIST_INFO}/RECORD".encode(), b"/etc/passwd,sha256=x,9\n../x,,\n")
    ),
    "code that runs at each start": _wheel(
        "", *_named(b"demo.pth", b"sitecustomize.py", b"demo/__init__.pth")
    ),
    "a data folder that climbs out": _wheel(UNSAFE, *_named(b"demo-1.0.data/purelib/../../x.py")),
    "a data folder over its own code": _wheel(
        UNSAFE, *_named(b"demo-1.0.data/purelib/demo/__init__.py")
    ),
    "the name of no wheel": _raw(SOURCE, wheel, "demo.whl"),
    "the name of another": _raw(SOURCE, wheel, "other-1.0-py3-none-any.whl"),
}  # fmt: skip

TARS: dict[str, Case] = {
    "climbs out": _sdist(UNSAFE, member("../evil.py", WITNESS)),
    "climbs out of its folder": _sdist(UNSAFE, member("demo-1.0/../../evil.py", WITNESS)),
    "a folder that climbs out": _sdist(UNSAFE, member("../evil", type=tarfile.DIRTYPE)),
    "absolute": _sdist(UNSAFE, member("/tmp/plugreg-evil.py", WITNESS)),
    "a drive letter": _sdist(UNSAFE, member("C:/evil.py", WITNESS)),
    "backslashes": _sdist(UNSAFE, member("demo-1.0\\..\\..\\evil.py", WITNESS)),
    "escapes in a name": _sdist(UNSAFE, member(f"demo-1.0/{ESCAPES}.py")),
    "a newline in a name": _sdist(UNSAFE, member("demo-1.0/x\ny.py")),
    "a NUL in a long name": _sdist(
        UNSAFE, extended(record("path", b"demo-1.0/x\0.py")), header(b"x", b"0")
    ),
    "a name that is no text": _sdist("", header(b"demo-1.0/\xff\xfe.py", b"0")),
    "half a surrogate in a name": _sdist(
        "", extended(record("path", b"demo-1.0/\xed\xa0\x80.py")), header(b"x", b"0")
    ),
    "names of a million folders": _raw(UNSAFE, lambda: packed(_deep_tar_path()), SDIST),
    "a name of 300 letters": _sdist("unpack-failed", member("demo-1.0/" + "n" * 300)),
    "a symlink": _sdist(UNSAFE, _link(tarfile.SYMTYPE, "/etc/passwd")),
    "a symlink to a neighbour": _sdist(UNSAFE, _link(tarfile.SYMTYPE, "pyproject.toml")),
    "a symlink as a folder": _sdist(
        UNSAFE, _link(tarfile.SYMTYPE, "..", "demo-1.0/up"), member("demo-1.0/up/evil.py")
    ),
    "a symlink for its project": _sdist(
        UNSAFE, _link(tarfile.SYMTYPE, "/etc/passwd", "demo-1.0/pyproject.toml"), pyproject=None
    ),
    "a hard link": _sdist(UNSAFE, _link(tarfile.LNKTYPE, "/etc/passwd")),
    "a hard link to a member": _sdist(UNSAFE, _link(tarfile.LNKTYPE, "demo-1.0/pyproject.toml")),
    "a device": _sdist(UNSAFE, member("demo-1.0/x", type=tarfile.CHRTYPE, devmajor=1, devminor=5)),
    "a block device": _sdist(UNSAFE, member("demo-1.0/x", type=tarfile.BLKTYPE, devmajor=8)),
    "a FIFO": _sdist(UNSAFE, member("demo-1.0/x", type=tarfile.FIFOTYPE)),
    "a FIFO for its project": _sdist(
        UNSAFE, member("demo-1.0/pyproject.toml", type=tarfile.FIFOTYPE), pyproject=None
    ),
    "a kind nobody knows": _sdist(UNSAFE, header(b"demo-1.0/x", b"0", b"Z")),
    "a contiguous file": _sdist("", header(b"demo-1.0/x", b"0", b"7")),
    "a volume's label": _sdist(UNSAFE, header(b"demo-1.0/x", b"0", b"V")),
    "a program of root's": _sdist("", member("demo-1.0/root", WITNESS, mode=0o4755)),
    "a name twice": _sdist(UNSAFE, member("demo-1.0/pyproject.toml", b"[project]\nname='x'\n")),
    "a name twice, with dots": _sdist(UNSAFE, member("demo-1.0/./pyproject.toml")),
    "names that differ in case": _sdist(UNSAFE, member("demo-1.0/PyProject.toml")),
    "a file and a folder": _sdist(UNSAFE, member("demo-1.0/x"), member("demo-1.0/x/y")),
    "sparse, as GNU's": _sdist(UNSAFE, _old_sparse()),
    "sparse, as PAX's": _sdist(UNSAFE, _pax_sparse()),
    "sparse, with a map without end": _raw(
        UNSAFE, lambda: sdist(_pax_sparse_map()), SDIST
    ),
    "says a terabyte": _sdist(UNSAFE, extended(record("size", b"%d" % 2**40)), header(b"x", b"0")),
    "says less than nothing": _sdist(
        INVALID_OR_UNSAFE, extended(record("size", b"-512")), header(b"x", b"0")
    ),
    "says a size of a million digits": _raw(
        INVALID, lambda: sdist(extended(record("size", b"9" * MIB)), header(b"x", b"0")), SDIST
    ),
    "a size in base 256": _sdist(UNSAFE, header(b"demo-1.0/x", b"\x80" + b"\x7f" * 11)),
    "a size below zero in base 256": _sdist(INVALID, header(b"demo-1.0/x", b"\xff" * 12)),
    "a size that is no number": _sdist(INVALID, header(b"demo-1.0/x", b"zzzz")),
    "a wrong checksum": _sdist(INVALID, header(b"demo-1.0/x", b"0", checksum=7)),
    "times that are no numbers": _sdist(
        "", extended(record("mtime", b"nan") + record("atime", b"inf")), member("demo-1.0/x")
    ),
    "a character set of its own": _sdist(
        "", extended(record("hdrcharset", b"BINARY") + record("path", b"demo-1.0/x")),
        header(b"x", b"0"),
    ),
    "an extended header that says a gigabyte": _sdist(INVALID, extended(b"", size=2**30)),
    "an extended header with a lying record": _sdist(
        INVALID_OR_UNSAFE, extended(b"99999 path=x\n"), header(b"x", b"0")
    ),
    "an extended header with a record of nothing": _sdist(
        INVALID_OR_ADDED, extended(b"0 path=x\n"), header(b"x", b"0")
    ),
    "an extended header and no member": _sdist(INVALID, extended(record("path", b"x")), end=b""),
    "extended headers of a million records": _raw(
        INVALID, lambda: packed(_many_records()), SDIST
    ),
    "global headers of a million records": _raw(
        INVALID, lambda: packed(_many_global_records()), SDIST
    ),
    "long names before long names": _raw(INVALID, lambda: packed(_long_names()), SDIST),
    "a member of a gigabyte of zeros": _raw(UNSAFE, _gzip_bomb, SDIST),
    "half a gigabyte of zeros behind it": _raw("", _zeros_behind, SDIST),
    "50,001 files": _raw(UNSAFE, lambda: packed(_files()), SDIST),
    "60,000 folders": _raw(UNSAFE, lambda: packed(_folders()), SDIST),
    "cut in its stream": _raw(
        INVALID, lambda: _cut(sdist(member("demo-1.0/x", _noise(99_999))), keep=0.5), SDIST
    ),
    "cut in a member": _raw(
        INVALID, lambda: packed([member("demo-1.0/x", b"x" * 9999)[:2000]]), SDIST
    ),
    "cut in a header": _raw(INVALID, lambda: packed([member("demo-1.0/x")[:100]]), SDIST),
    "a wrong checksum of the stream": _raw(INVALID, lambda: _flipped(sdist(), -5), SDIST),
    "rubbish behind the stream": _raw(INVALID, lambda: sdist() + b"rubbish", SDIST),
    "two streams": _raw("", lambda: sdist(end=b"") + packed([member("demo-1.0/x"), END]), SDIST),
    "no members": _raw(INVALID, lambda: packed([]), SDIST),
    "an end and nothing before it": _raw(NO_METADATA, lambda: packed([END]), SDIST),
    "no bytes": _raw(INVALID, bytes, SDIST),
    "text": _raw(INVALID, lambda: b"no archive at all", SDIST),
    "xz": _raw(INVALID, lambda: lzma.compress(gzip.decompress(sdist())), SDIST),
    "a zip archive": _raw(INVALID, wheel, SDIST),
    "two top folders": _sdist(NO_METADATA, member("other/x")),
    "files at the top": _sdist(NO_METADATA, member("x")),
    "no project": _raw(NO_METADATA, lambda: packed([member("demo-1.0/x.txt"), END]), SDIST),
    "giant pyproject.toml": _raw(
        SOURCE, lambda: sdist(pyproject=PYPROJECT + b"# " + b"x" * 20 * MIB), SDIST
    ),
    "pyproject.toml of a million keys": _raw(
        SOURCE, lambda: sdist(pyproject=PYPROJECT + b"".join(b"k%d=1\n" % n for n in range(10**6))),
        SDIST,
    ),
    "pyproject.toml of arrays in arrays": _sdist(SOURCE, **_pyproject(b"x = " + b"[" * 100_000)),
    "pyproject.toml of tables in tables": _sdist(
        SOURCE, **_pyproject(b"[" + b"a." * 20_000 + b"a]")
    ),
    "pyproject.toml of a number of a million digits": _sdist(
        SOURCE, **_pyproject(b"x = " + b"9" * 10**6)
    ),
    "pyproject.toml that is no text": _sdist(SOURCE, **_pyproject(b"# \xff\xfe")),
    "pyproject.toml with escapes": _sdist("", **_pyproject(b'description = "\\u001b[31mred"\n')),
    "pyproject.toml with a name that climbs": _sdist(
        "name-invalid", pyproject=b"[project]\nname = '../evil'\nversion = '1'\n"
    ),
    "a version in a file outside": _sdist(
        "source-dynamic",
        pyproject=b"[build-system]\nbuild-backend='setuptools.build_meta'\n[project]\nname='demo'\n"
        b"dynamic=['version']\n[tool.setuptools.dynamic]\nversion={file='../../../../etc/passwd'}\n",
    ),
    "packages outside": _sdist(
        SOURCE, **_pyproject(b"[tool.setuptools]\npackage-dir={''='../../..'}\npackages=['evil']\n")
    ),
    "setup.py that would run": _sdist(
        "", member("demo-1.0/setup.py", WITNESS + b"from setuptools import setup\nsetup()\n")
    ),
    "setup.py of parentheses": _sdist("", member("demo-1.0/setup.py", b"(" * 100_000)),
    "PKG-INFO of a million lines": Case(
        SDIST,
        lambda: sdist(
            member("demo-1.0/PKG-INFO", METADATA + b"Classifier: x\n" * 10**6), pyproject=None
        ),
        SOURCE,
    ),
    "code that runs at each start": _sdist(
        "", member("demo-1.0/sitecustomize.py", WITNESS), member("demo-1.0/conftest.py", WITNESS)
    ),
    "a zip archive that climbs": _raw(
        UNSAFE, lambda: zipped(_named(b"demo-1.0/../../evil.py")), ZIP
    ),
    "a zip archive of two folders": _raw(NO_METADATA, lambda: zipped(_named(b"a/x", b"b/x")), ZIP),
}  # fmt: skip

ARCHIVES = {
    **{f"wheel: {name}": case for name, case in ZIPS.items()},
    **{f"sdist: {name}": case for name, case in TARS.items()},
}
