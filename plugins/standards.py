"""Versions, conditions on them, and requirements: text of strangers, as packaging reads it.

packaging's own errors tell of text in a wrong form. Digits without end are more than Python makes a
number of, and parentheses without end more than its stack holds, each with an error of its own; so
text is measured before it is parsed, and what no project writes is as wrong as any other.
"""

from __future__ import annotations

import re

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CHARS = 8 * 1024
MAX_DIGITS = 100  # of one number: Python can be told to take no more than 640
MAX_PARENTHESES = 100
_LONG_NUMBER = re.compile(rf"\d{{{MAX_DIGITS + 1}}}")


def version_of(text: str) -> Version:
    """Return the version that a text is by PEP 440.

    Raises:
        InvalidVersion: It is none.
    """
    return Version(_measured(text, InvalidVersion))


def specifiers_of(text: str) -> SpecifierSet:
    """Return the conditions on a version that a text is by PEP 440.

    Raises:
        InvalidSpecifier: It is none.
    """
    return SpecifierSet(_measured(text, InvalidSpecifier))


def requirement_of(text: str) -> Requirement:
    """Return the requirement that a text is by PEP 508.

    Raises:
        InvalidRequirement: It is none.
    """
    return Requirement(_measured(text, InvalidRequirement))


def allows(specifiers: SpecifierSet, version: str) -> bool:
    """Tell whether conditions hold for a version, of a pre-release as well; for no other text."""
    try:
        return specifiers.contains(version_of(version), prereleases=True)
    except InvalidVersion:
        return False


def applies(requirement: Requirement, markers: Mapping[str, str] | None = None) -> bool:
    """Tell whether a requirement counts in an environment, without any extra.

    One whose marker compares what cannot be compared does not.

    Args:
        requirement: The requirement.
        markers: What markers stand for there; None is the environment of this process.
    """
    if requirement.marker is None:
        return True
    try:
        return requirement.marker.evaluate({**(markers or {}), "extra": ""})
    except (ValueError, UndefinedEnvironmentName):
        return False


def _measured(text: str, error: type[ValueError]) -> str:
    """Return a text that packaging can take; of any other, raise its error for a wrong one."""
    fault = _fault_in(text)
    if fault:
        raise error(fault)
    return text


def _fault_in(text: str) -> str:
    if len(text) > MAX_CHARS:
        return f"it has {len(text)} characters, and no more than {MAX_CHARS} are read"
    if _LONG_NUMBER.search(text):
        return f"it holds a number of more than {MAX_DIGITS} digits"
    if text.count("(") > MAX_PARENTHESES:
        return f"it holds more than {MAX_PARENTHESES} parentheses"
    return ""
