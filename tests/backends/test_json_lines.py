"""Records as JSON Lines, there and back."""

from __future__ import annotations

import io
import json
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import backends
from plugreg.backends.json_lines import dumped, loaded


@given(st.lists(st.tuples(st.binary(), st.binary())))
def test_there_and_back(records: list[tuple[bytes, bytes]]) -> None:
    """Every byte and the order are kept, as text and as bytes."""
    lines = list(dumped(records))
    assert list(loaded(lines)) == records
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
