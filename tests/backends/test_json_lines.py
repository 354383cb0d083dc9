"""Records as JSON Lines, there and back."""

from __future__ import annotations

import io
import json
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import CatalogError, backends
from plugreg.backends import loading
from plugreg.backends.json_lines import dumped, loaded


@given(st.lists(st.tuples(st.binary(), st.binary())))
def test_there_and_back(records: list[tuple[bytes, bytes]]) -> None:
    """Every byte and the order are kept, as text and as bytes."""
    lines = list(dumped(records))
    warnings: list[str] = []
    assert list(loaded(lines, warnings)) == records
    assert warnings == []
    assert list(loaded(io.BytesIO("".join(lines).encode()))) == records
    for line, (key, value) in zip(lines, records, strict=True):
        found = json.loads(line)
        assert (b64decode(found["key"]), b64decode(found["value"])) == (key, value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "no JSON"),
        ("[1]", 'not an object of "key" and "value" alone'),
        ('{"key": ""}', 'not an object of "key" and "value" alone'),
        ('{"key": "", "value": "", "db": ""}', 'not an object of "key" and "value" alone'),
        ('{"key": 1, "value": ""}', "its key is no text"),
        ('{"key": "", "value": "a"}', "its value is no base64"),
        ('{"key": "", "value": "é"}', "its value is no base64"),
        ('{"key": "", "value": "YQ==YQ=="}', "its value is no base64"),
        ('{"key": "", "value": "", "records": "2"}', "its number of records is no number"),
        ('{"key": "", "value": "", "records": true}', "its number of records is no number"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
    ],
)
def test_a_bad_line_is_named(line: str | bytes, says: str) -> None:
    """Records before it have been given; the error has the line's number."""
    good = '{"key": "YQ==", "value": ""}'
    found = loaded([good, "\n", line])
    assert next(found) == (b"a", b"")
    with pytest.raises(backends.CatalogError, match="line 3 is no record") as raised:
        next(found)
    assert says in raised.value.message
    assert raised.value.details == {"line": 3}


RECORDS = [(b"%d" % number, b"x" * number) for number in range(4)]


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_dump_that_was_cut_between_lines(kept: int) -> None:
    """What is there is read, with a warning that nobody knows whether it is all."""
    warnings: list[str] = []
    lines = list(dumped(RECORDS))[:kept]
    assert list(loaded(lines, warnings)) == RECORDS[:kept]
    [warning] = warnings
    assert f"{kept} were read" in warning


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_dump_that_lacks_a_line(gone: int) -> None:
    """The last line knows how many there were."""
    lines = list(dumped(RECORDS))
    del lines[gone]
    with pytest.raises(backends.CatalogError, match="the last of 4 records") as raised:
        list(loaded(lines))
    assert raised.value.code == "dump-cut"


def test_dumps_behind_each_other() -> None:
    """Each has its own count; the last one is cut."""
    lines = [*dumped(RECORDS), "\n", *dumped(RECORDS[:2])]
    warnings: list[str] = []
    assert list(loaded(lines, warnings)) == [*RECORDS, *RECORDS[:2]]
    assert warnings == []
    assert list(loaded(lines[:-1], warnings)) == [*RECORDS, *RECORDS[:1]]
    assert len(warnings) == 1


def test_records_that_end_with_an_error() -> None:
    """Those before it are dumped, and nothing says that they are all."""

    def failing():
        yield from RECORDS[:2]
        raise OSError("gone")

    found = dumped(failing())
    assert [next(found), next(found)] == [
        line.replace(', "records": 2', "") for line in dumped(RECORDS[:2])
    ]
    with pytest.raises(OSError, match="gone"):
        next(found)


def test_a_line_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more of it is read than a bound, and its number is named; up to that all lines count."""
    monkeypatch.setattr(loading, "MOST_LINE_BYTES", 60)
    lines = [line.encode() for line in dumped([(b"a", b"1"), (b"b", b"2"), (b"c", b"x" * 60)])]
    read = io.BytesIO(b"".join(lines) + bytes(10_000))
    with pytest.raises(CatalogError, match="line 3 of the dump is longer than 60 bytes") as caught:
        list(backends.records_of(read))
    assert (caught.value.code, read.tell()) == ("dump-line-too-long", sum(map(len, lines[:2])) + 61)
