"""Which damage is done: chosen by chance, but aimed at what tells where the records are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .sources import is_small, source_named, sources_of

if TYPE_CHECKING:
    import random

    from .edits import Edit
    from .sources import Source

_BOUNDARIES = (
    0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000,
    0xFFFFFFFF, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1,
)  # fmt: skip
_BLOCKS = (4, 8, 16, 64, 256, 512, 1024, 4096)
_LARGE_ONE_IN = 100
_PAGE_HEAD = 32
_AIMED_OF_16 = 7
_SMALLEST_PAGE = 512


def chosen(family: str, random_: random.Random) -> tuple[Source, list[Edit]]:
    """Return a source of the family, and what to do to it."""
    sources = sources_of(family)
    small = [source for source in sources if is_small(source)]
    large = not small or random_.randrange(_LARGE_ONE_IN) == 0
    source = random_.choice(sources if large else small)
    if random_.random() < 0.5:  # one field or a cut: what must be noticed
        return source, [_aimed(source, random_)]
    count = random_.choice((1, 1, 2, 2, 3, 5, 9))
    return source, [_any(source, random_, sources) for _ in range(count)]


def _file(source: Source, random_: random.Random) -> str:
    names = [name for name, data in source.files.items() if data]
    return random_.choice(names or list(source.files))


@cache
def _structure(name: str, file: str) -> list[int]:
    """Return the places of a file that are no payload: what is set, and the head of each page."""
    source = source_named(name)
    assert source is not None
    data = source.files[file]
    mask = source.masks.get(file) or bytes(len(data))
    heads = {
        page + at
        for page in range(0, len(data), _SMALLEST_PAGE)
        if any(data[page : page + _SMALLEST_PAGE])
        for at in range(min(_PAGE_HEAD, len(data) - page))
    }
    return [at for at in range(len(data)) if not mask[at] and (data[at] or at in heads)]


def _place(source: Source, file: str, random_: random.Random) -> int:
    """Return a place: mostly of the structure, and there often in the first bytes."""
    size = len(source.files[file])
    places = _structure(source.name, file)
    if not places or random_.randrange(8) == 0:
        return random_.randrange(size) if size else 0
    if random_.randrange(3) == 0:
        return places[random_.randrange(min(len(places), 48))]
    return random_.choice(places)


def _aimed(source: Source, random_: random.Random) -> Edit:
    file = _file(source, random_)
    kind = random_.randrange(10)
    if kind == 0:
        return _cut(source, file, random_)
    if kind <= 3:
        return ["flip", file, _place(source, file, random_), random_.randrange(8)]
    if kind == 4:
        return ["put", file, _place(source, file, random_), f"{random_.randrange(256):02x}"]
    return _field(source, file, random_)


def _field(source: Source, file: str, random_: random.Random) -> Edit:
    """Set an integer of 1 to 8 bytes, in either byte order, to a boundary or beside what it was."""
    data = source.files[file]
    width = random_.choice((1, 2, 2, 4, 4, 4, 8))
    at = _place(source, file, random_)
    if random_.randrange(8):
        at -= at % width
    order = "little" if random_.randrange(2) else "big"
    was = int.from_bytes(data[at : at + width], order)
    size = len(data)
    value = random_.choice((
        random_.choice(_BOUNDARIES),
        random_.choice((size, size - 1, size + 1, size - at, at, size // 512, size // 4096)),
        was + random_.choice((-1, 1, -2, 2, -4, 4, 8, -8, 16, 512, -512, 4096)),
        was * 2,
        int.from_bytes(_other_field(source, file, width, random_), order),
    ))  # fmt: skip
    return ["put", file, at, (value % (1 << 8 * width)).to_bytes(width, order).hex()]


def _other_field(source: Source, file: str, width: int, random_: random.Random) -> bytes:
    at = _place(source, file, random_)
    return source.files[file][at - at % width :][:width]


def _cut(source: Source, file: str, random_: random.Random) -> Edit:
    size = len(source.files[file])
    if random_.randrange(2) and size > _SMALLEST_PAGE:
        return ["cut", file, random_.randrange(0, size, _SMALLEST_PAGE)]
    return ["cut", file, random_.randrange(size + 1)]


def _any(source: Source, random_: random.Random, others: tuple[Source, ...]) -> Edit:
    file = _file(source, random_)
    size = len(source.files[file])
    if random_.randrange(16) < _AIMED_OF_16 or not size:
        return _aimed(source, random_)
    at, other = random_.randrange(size), _place(source, file, random_)
    block = random_.choice(_BLOCKS)
    if block >= _SMALLEST_PAGE:
        at, other = at - at % block, other - other % block
    edit: Edit = random_.choice((
        ["fill", file, other, block, random_.choice((0, 0, 0xFF, 0x41))],
        ["fill", file, at, block, 0],
        ["copy", file, at, other, block],
        ["copy", file, other, at, block],
        ["swap", file, at, other, block],
        ["drop", file, other, block],
        ["insert", file, other, random_.randbytes(random_.choice((1, 2, 4, 16))).hex()],
        ["grow", file, random_.choice((1, 2, 4, 100, 512, 4096)), random_.choice((0, 65))],
        _splice(source, file, other, random_, others),
    ))  # fmt: skip
    return edit


def _splice(
    source: Source, file: str, at: int, random_: random.Random, others: tuple[Source, ...]
) -> Edit:
    if len(source.files) > 1 and random_.randrange(8) == 0:
        return ["lose", file]
    giver = random_.choice(others)
    given = _file(giver, random_)
    start = random_.randrange(len(giver.files[given]) + 1)
    block = random_.choice(_BLOCKS)
    if random_.randrange(2):
        start = at = at - at % block
    return ["splice", file, at, giver.name, given, start, block]
