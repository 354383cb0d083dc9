"""What two tallies of other records say of each other."""

from __future__ import annotations

import random

from plugreg.backends.migration.tally import Tally

CHANCE = random.Random(5)
RECORDS = [(b"key %d" % n, CHANCE.randbytes(8)) for n in range(2500)]
RECORDS += [(b"", b"of the empty key"), (b"of the empty value", b"")]


def tally(records: list[tuple[bytes, bytes]]) -> Tally:
    """Return the tally of the records."""
    return Tally().take(records, lambda _: None)


def test_the_order_does_not_count() -> None:
    """Shuffled records are the same records."""
    shuffled = random.Random(1).sample(RECORDS, len(RECORDS))
    assert tally(RECORDS).differences(tally(shuffled)) == ""
    assert tally([]).differences(tally([])) == ""


def test_exchanged_values_are_found() -> None:
    """Whichever two records have each other's value: Python's hash of a pair misses many."""
    before = tally(RECORDS[:100])
    for number in range(200):
        first, second = random.Random(number).sample(range(100), 2)
        changed = RECORDS[:100]
        changed[first] = (RECORDS[first][0], RECORDS[second][1])
        changed[second] = (RECORDS[second][0], RECORDS[first][1])
        assert before.differences(tally(changed)) == "some record is not what it was"


def test_one_for_another_is_found() -> None:
    """A record that is lost while another is there twice, a changed byte, a moved boundary."""
    before = tally(RECORDS)
    assert before.differences(tally([*RECORDS[1:-2], RECORDS[1], *RECORDS[-2:]]))
    assert before.differences(tally([(b"kez 0", RECORDS[0][1]), *RECORDS[1:]]))
    assert before.differences(tally([(b"key 0" + RECORDS[0][1], b""), *RECORDS[1:]]))
    assert before.differences(tally([*RECORDS[:-1], (b"of the empty valuf", b"")]))
    assert before.differences(tally([*RECORDS[:-2], (b"", b"of the empty kez"), RECORDS[-1]]))
    assert "records were copied" in before.differences(tally(RECORDS[1:]))
