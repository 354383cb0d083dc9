"""Damaged files of every family: our own errors or the records that were there, soon and small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .chance import chosen
from .edits import edited
from .limits import is_expected
from .payload import payload_mask, touches_payload
from .sources import FAMILIES, Source, source_named, sources_of
from .trial import Trials
from .worker import fuzz, input_of

SEEDS = Path(__file__).parent / "seeds"
SEED = 20
# What is read in some seconds, all families together; the slow ones look for lost buckets.
INPUTS = {"gdbm": 60, "gdbm-pair": 60, "sdbm": 60, "ndbm-classic": 40}
MOST_INPUTS = 200


@pytest.mark.parametrize("family", FAMILIES)
def test_damage_is_an_error_of_ours_or_harmless(family: str) -> None:
    """No other error, hang, crash, big memory, leak or write; records are those that were there."""
    inputs = INPUTS.get(family, MOST_INPUTS)
    outcome = fuzz(family, seed=SEED, first=0, inputs=inputs, seconds=300.0)
    wrong = [cause for cause in outcome.causes if not is_expected(*cause)]
    assert (wrong, outcome.inputs if wrong else []) == ([], [])
    assert outcome.tried == inputs
    assert outcome.records > inputs  # most damage leaves most records


def seeds() -> list[object]:
    """Return every kept input, as a parameter with a name."""
    return [
        pytest.param(told["source"], told["edits"], id=f"{file.stem}-{number}")
        for file in sorted(SEEDS.glob("*.json"))
        for number, told in enumerate(json.loads(file.read_text("utf-8")))
    ]


@pytest.mark.parametrize(("source", "edits"), seeds())
def test_what_was_found_once_stays_mended(
    tmp_path: Path, source: str, edits: list[list[str | int]]
) -> None:
    """Damage that once led to a wrong record, a hang, a leak or another error does no more."""
    found = source_named(source)
    assert found is not None
    assert Trials(str(tmp_path)).run(found, edits) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_undamaged_sources_have_no_findings(tmp_path: Path, family: str) -> None:
    """The checks themselves are content with every source as it is, and know its records."""
    trials = Trials(str(tmp_path))
    for source in sources_of(family):
        assert (source.name, trials.run(source, [])) == (source.name, [])
    assert any(source.records for source in sources_of(family))


def test_inputs_are_the_same_again() -> None:
    """A family, a seed and a number stand for one input."""
    assert input_of("cdb", 7, 11) == input_of("cdb", 7, 11)
    assert len({json.dumps(input_of("cdb", 7, number)[1]) for number in range(20)}) > 10


def test_each_edit_does_what_it_says() -> None:
    """Edits are applied in order, and stay within the file."""
    files = {"a": b"0123456789"}
    edits: list[tuple[list[str | int], bytes]] = [
        (["put", "a", 8, "414243"], b"01234567ABC"),
        (["flip", "a", 0, 0], b"1123456789"),
        (["flip", "a", 99, 0], b"0123456789"),
        (["fill", "a", 2, 3, 65], b"01AAA56789"),
        (["cut", "a", 4], b"0123"),
        (["grow", "a", 2, 65], b"0123456789AA"),
        (["drop", "a", 1, 8], b"09"),
        (["insert", "a", 1, "41"], b"0A123456789"),
        (["copy", "a", 0, 8, 2], b"0123456701"),
        (["swap", "a", 0, 8, 2], b"8923456701"),
        (["splice", "a", 1, "other", "b", 1, 2], b"0yz3456789"),
    ]
    for edit, expected in edits:
        assert edited(files, [edit], lambda _: {"b": b"xyz"}) == {"a": expected}
    assert edited(files, [["lose", "a"]], dict) == {}


def test_payload_is_told_from_structure() -> None:
    """A changed value is payload; a changed length, or a cut, is not."""
    before = {"f": b"\5hello\7welcome"}
    masks = {"f": payload_mask(before["f"], [(b"hello", b"welcome")])}
    assert masks["f"] == b"\0" + b"\xff" * 5 + b"\0" + b"\xff" * 7
    assert touches_payload(before, {"f": b"\5hellO\7welcome"}, masks)
    assert not touches_payload(before, {"f": b"\4hello\7welcome"}, masks)
    assert not touches_payload(before, {"f": b"\5hello\7wel"}, masks)


def test_a_wrong_record_is_found(tmp_path: Path) -> None:
    """A source that claims other records than it has shows that reading is compared with them."""
    source = source_named("cdb-tinycdb")
    assert source is not None
    fewer = {"": source.records[""].copy()}
    fewer[""].popitem()
    claims = Source(source.name, source.path, source.flavour, source.files, fewer, source.masks)
    kinds = {finding.kind for finding in Trials(str(tmp_path)).run(claims, [])}
    assert kinds == {"wrong-record", "invented-record"}


def test_damage_is_aimed_at_structure() -> None:
    """Half of the inputs change one field and leave keys and values alone, mostly."""
    import random

    untouched = 0
    for number in range(200):
        source, edits = chosen("cdb", random.Random(number))
        after = edited(source.files, edits, lambda name: source_named(name).files)  # type: ignore[union-attr]
        untouched += not touches_payload(source.files, after, source.masks)
    assert untouched > 100
