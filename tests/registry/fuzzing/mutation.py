"""Changing a pickle opcode by opcode, so that what comes of it is one more often."""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

# What an opcode may be replaced by: each that there is, with an argument of that form.
_ARGUMENTS = {"g": b"1\n", "p": b"1\n", "S": b"'a'\n", "V": b"a\n", "I": b"01\n", "L": b"5L\n"}
_ARGUMENTS |= {"F": b"1.5\n", "c": b"os\nsystem\n", "i": b"os\nsystem\n", "P": b"1\n"}


def pieces_of(data: bytes) -> list[bytes]:
    """Return a pickle cut into its opcodes; what is none comes last, as one piece."""
    starts = []
    try:
        starts += [at for _, _, at in pickletools.genops(data) if at is not None]
    except Exception:  # whatever they say of damage
        starts = starts or [0]
    return [data[one:other] for one, other in zip(starts, [*starts[1:], None], strict=True)]


def mutated(data: bytes, others: list[bytes], random_: random.Random, most: int) -> bytes:
    """Return a pickle with some opcodes changed, dropped, doubled, moved, or taken from another."""
    pieces = pieces_of(data) if data else []
    for _ in range(random_.randrange(1, 4)):
        at = random_.randrange(len(pieces) + 1)
        kind = random_.randrange(5)
        if kind == 0:
            pieces[at : at + 1] = [_any_opcode(random_)]
        elif kind == 1:
            del pieces[at : at + random_.randrange(1, 4)]
        elif kind == 2:
            pieces[at:at] = pieces[at : at + random_.randrange(1, 6)] * random_.choice([1, 2, 30])
        elif kind == 3:
            pieces.insert(at, _any_opcode(random_))
        else:
            other = pieces_of(random_.choice(others))
            begin = random_.randrange(len(other) + 1)
            pieces[at:at] = other[begin : begin + random_.randrange(1, 20)]
    return b"".join(pieces)[:most]


def _any_opcode(random_: random.Random) -> bytes:
    opcode = random_.choice(pickletools.opcodes)
    code = opcode.code.encode("latin-1")
    if opcode.code in _ARGUMENTS:
        return code + _ARGUMENTS[opcode.code]
    if opcode.arg is None:
        return code
    if opcode.arg.n >= 0:
        return code + random_.choice([bytes(opcode.arg.n), random_.randbytes(opcode.arg.n)])
    text = random_.choice([b"", b"a", b"schema", b"\xff" * 9])
    width = {"1": 1, "4": 4, "8": 8}.get(opcode.arg.name[-1], 0)
    return code + len(text).to_bytes(width, "little") + text if width else code + text + b"\n"
