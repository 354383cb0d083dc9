"""A project's record is proved harmless before it is unpickled, in three ways that agree."""

from __future__ import annotations

import pickle
import pickletools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import EntryPoint, Project, record_pickle
from plugreg.backends import PlugregError, RecordUnreadable
from plugreg.plain import dumps
from plugreg.record import fits
from plugreg.record_pattern import compiled
from plugreg.record_pickle import _is_own, load_record, require_harmless
from tests.hostile.pickles import FOREIGN, TOO_LARGE

from .conftest import a_project
from .test_project import PROJECTS

if TYPE_CHECKING:
    import random

PATTERN = compiled()


def own(data: bytes) -> bool:
    """Tell whether the proof field by field succeeds."""
    try:
        return _is_own(data, [])
    except (IndexError, ValueError):
        return False


def shaped(**parts: Any) -> bytes:
    """Return the pickle of a record with a moment in it, as one that was added has."""
    moment = "2026-11-20T12:00:00Z"
    return dumps(a_project(added_at=moment, updated_at=moment, **parts).to_record())


PAIRS = [EntryPoint("g", "a", "b"), EntryPoint("g", "c", "d")]
USUAL: list[dict[str, Any]] = [
    {},
    {"enabled": False},
    {"priority": 7},
    {"priority": -70_000, "tags": ["a"]},
    {"tags": ["a", "b"], "before": ["x", "y"], "after": ["z"]},
    {"entry_points": PAIRS, "modules": {"a": "a", "b": "b"}},
    {"entry_points": [], "modules": {}, "dependencies": []},
    {"requires_python": None, "dependencies": ["one"]},
    {"hosts": {"datasette": ">=0.60"}, "digest": "0123456789abcdef" * 4},
    {"hosts": {"datasette": ">=0.60", "llm": ""}, "digest": ""},
    {"summary": "", "version": "", "fingerprint": "", "root": ""},
    {"summary": "caf\xe9 \N{SNOWMAN}", "version": ""},
]
LONG: list[dict[str, Any]] = [
    {"fingerprint": "f" * 3000},
    {"summary": "s" * 255},
    {"summary": "s" * 256},
    {"dependencies": ["d" * 300, "e"]},
    {"modules": {"m": "p" * 300}},
]


@pytest.mark.parametrize("parts", [*USUAL, *LONG])
def test_our_own_records_are_proved(parts: dict[str, Any]) -> None:
    """What plugreg writes needs no walk, and comes back with its shape proved."""
    data = shaped(**parts)
    assert own(data)
    assert load_record(data) == (pickle.loads(data), True)
    require_harmless(data)


@pytest.mark.parametrize("parts", USUAL)
def test_the_expression_knows_what_is_usual(parts: dict[str, Any]) -> None:
    """Texts of usual length are proved at the speed of C."""
    assert PATTERN.fullmatch(shaped(**parts))


@given(PROJECTS)
def test_proofs_agree(project: Project) -> None:
    """Whatever way a record goes, it comes back equal; what the expression takes, both take."""
    data = dumps(project.to_record())
    record, proven = load_record(data)
    assert record == project.to_record()
    require_harmless(data)
    if PATTERN.fullmatch(data):
        assert own(data)
    if proven:
        assert fits(record)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_records_of_other_writers_are_read(protocol: int) -> None:
    """Every protocol, the pickler in Python, and a pickle without a memo."""
    record = a_project().to_record()
    data = pickle.dumps(record, protocol)
    for written in (data, pickle._dumps(record, protocol), pickletools.optimize(data)):  # type: ignore[attr-defined]
        assert load_record(written)[0] == record


@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_what_is_proved_is_so(random_: random.Random, changes: int) -> None:
    """A changed record that a proof still takes unpickles to a project's shape, or not at all."""
    data = bytearray(shaped(**random_.choice(USUAL + LONG)))
    for _ in range(changes):
        at = random_.randrange(len(data))
        kind = random_.randrange(3)
        if kind == 0:
            data[at] = random_.choice(b"h\x00\x04\x8c\x94(ues.]}NK\x88\xff")
        elif kind == 1:
            del data[at : at + random_.randrange(4)]
        else:
            data[at:at] = data[: random_.randrange(12)]
    changed = bytes(data)
    if own(changed):
        require_proved(changed)
    if PATTERN.fullmatch(changed):
        assert own(changed)


def require_proved(data: bytes) -> None:
    """Fail where a proof holds for a pickle that the walk refuses, or of another shape."""
    try:
        record, proven = load_record(data)
    except RecordUnreadable as error:
        assert "damaged pickle" in error.message
        return
    if proven:
        assert fits(record)
        require_harmless(data)


@pytest.mark.parametrize("name", TOO_LARGE)
def test_too_large(name: str) -> None:
    """More than any project needs is refused before it is made."""
    with pytest.raises(RecordUnreadable, match="too large|lists and dicts|counts"):
        load_record(TOO_LARGE[name])


@pytest.mark.parametrize("name", FOREIGN)
def test_what_no_record_holds(name: str) -> None:
    """Refused before it is made: its keys could take for ever to hash."""
    with pytest.raises(RecordUnreadable, match="not a project: its record holds"):
        load_record(FOREIGN[name])


def test_a_list_in_two_places_is_refused() -> None:
    """A few bytes could hold a billion of them."""
    shared: list[object] = []
    for value in ({"a": shared, "b": shared}, shared):
        shared.append(shared)
        with pytest.raises(PlugregError, match="in two places"):
            load_record(dumps(value))


@pytest.mark.parametrize("quick", [PATTERN.fullmatch, None])
def test_a_list_that_stands_where_text_was_is_refused(
    monkeypatch: pytest.MonkeyPatch, quick: Any
) -> None:
    """However the record is proved: a text may be used again, and nothing else."""
    monkeypatch.setattr(record_pickle._quick, "matches", quick)
    data = shaped(modules={"a": "a"}, dependencies=[])
    text = b"\x8c\x07modules\x94}\x94\x8c\x01a\x94h"
    assert data.count(text) == 1
    at = data.index(text) + len(text)
    found = 0
    for index in range(40):  # of the memo; a few are lists and dicts
        changed = data[:at] + bytes([index]) + data[at + 1 :]
        try:
            record, proven = load_record(changed)
        except RecordUnreadable as error:
            found += "in two places" in error.message
        else:
            assert proven
            assert fits(record)
    assert found >= 3


def test_reading_many_is_as_right_as_reading_one() -> None:
    """Also behind the number of records after which the expression takes over."""
    data = shaped()
    for _ in range(1100):
        load_record(data)
    assert load_record(data) == (pickle.loads(data), True)
    with pytest.raises(RecordUnreadable):
        load_record(data[:-3])
