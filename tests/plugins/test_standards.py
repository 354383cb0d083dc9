"""Versions, conditions and requirements: what the standards know, and what has no end."""

from __future__ import annotations

import sys

import pytest
from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier
from packaging.version import InvalidVersion

from plugreg.plugins.standards import (
    MAX_CHARS,
    MAX_DIGITS,
    MAX_PARENTHESES,
    allows,
    applies,
    requirement_of,
    specifiers_of,
    version_of,
)

ENDLESS = {
    "digits": "9" * (MAX_DIGITS + 1),
    "digits that Python refuses": "9" * 5000,
    "parts": "1" + ".1" * (MAX_CHARS // 2),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_what_has_no_end_is_as_wrong_as_any(kind: str) -> None:
    """Each reader has the error that it has for text of a wrong form."""
    version = ENDLESS[kind]
    with pytest.raises(InvalidVersion):
        version_of(version)
    with pytest.raises(InvalidSpecifier):
        specifiers_of(f">={version}")
    for text in (f"a>={version}", f"a; python_version>'{version}'"):
        with pytest.raises(InvalidRequirement):
            requirement_of(text)


@pytest.mark.parametrize("count", [MAX_PARENTHESES + 1, 3000])
def test_parentheses_without_end(count: int) -> None:
    """They would take the parser's stack."""
    with pytest.raises(InvalidRequirement, match="parentheses"):
        requirement_of(f"a; {'(' * count}os_name == 'x'{')' * count}")


def test_what_has_an_end_is_read_and_compared() -> None:
    """As long as it may be, where Python was told to take short numbers only, too."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        number = "9" * MAX_DIGITS
        assert allows(specifiers_of(f"<={number},!=1.{number}"), number)
        nested = f"{'(' * MAX_PARENTHESES}os_name != 'x'{')' * MAX_PARENTHESES}"
        assert applies(requirement_of(f"a[b] >= {number}; {nested}"))
        assert not applies(requirement_of(f"a; python_version > '{number}'"))
    finally:
        sys.set_int_max_str_digits(limit)


def test_no_version_is_allowed_where_there_is_none() -> None:
    """A distribution with broken metadata has any text for its version."""
    assert allows(specifiers_of(">=1"), "1.0a1.dev1") is False
    assert allows(specifiers_of(">=1"), "1.1a1") is True
    assert allows(specifiers_of(">=1"), "unknown") is False


@pytest.mark.parametrize("marker", ["os_name ~= 'x'", "'a' == 'b'", "extra == 'x'"])
def test_a_marker_that_cannot_hold(marker: str) -> None:
    """What cannot be compared, and what an extra asks for, does not apply."""
    assert not applies(requirement_of(f"a; {marker}"))
    assert applies(requirement_of("a; os_name == 'other'"), {"os_name": "other"})
