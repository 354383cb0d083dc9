"""Poetry's constraints in the words of PEP 440."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet

from plugreg.plugins.sources.metadata.poetry_constraints import to_python_marker, to_specifiers


@pytest.mark.parametrize(
    ("constraint", "specifiers"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("^1.0b1", ">=1.0b1,<2"),
        ("~1", ">=1,<2"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("1.2.*", "==1.2.*"),
        ("*", ""),
        ("", ""),
        ("1.5", "==1.5"),
        ("=1.5", "==1.5"),
        (">= 1.0, <2.0", ">=1.0,<2.0"),
        (">=1.0 <2.0", ">=1.0,<2.0"),
        ("!=1.1", "!=1.1"),
        ("~=1.4", "~=1.4"),
        ("~2.7 || ^3.5", ">=2.7,<4"),
        ("^1 || *", ""),
    ],
)
def test_constraints(constraint: str, specifiers: str) -> None:
    """Each form has its translation, which PEP 440 accepts."""
    assert to_specifiers(constraint) == specifiers
    SpecifierSet(specifiers)


@pytest.mark.parametrize(
    ("constraint", "marker"),
    [
        ("<3.11", 'python_version < "3.11"'),
        ("^3.8", 'python_version >= "3.8" and python_version < "4"'),
        (">=3.8.1", 'python_full_version >= "3.8.1"'),
        ("*", ""),
    ],
)
def test_markers(constraint: str, marker: str) -> None:
    """A constraint on Python becomes an environment marker."""
    assert to_python_marker(constraint) == marker


def test_a_number_without_end() -> None:
    """It is no version's: what comes of it is refused as such where it is read."""
    assert to_specifiers(f"^{'9' * 5000}").startswith(">=999")
