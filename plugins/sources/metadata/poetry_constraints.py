"""Poetry's version constraints as PEP 440 specifiers, as closely as those can say it."""

from __future__ import annotations

import re

from plugreg.plugins.standards import MAX_DIGITS

_PART = re.compile(r"\s*(\^|~=|~|===|==|!=|>=|<=|>|<|=)?\s*([^\s,^~=!<>]+)\s*,?")
_NUMBER = re.compile(r"\d+")


def to_specifiers(constraint: str) -> str:
    """Return a constraint such as "^1.2" as specifiers such as ">=1.2,<2"; "" for any version.

    Alternatives ("~2.7 || ^3.5") have no spelling in PEP 440: the lowest bound of the first and the
    highest of the last remain.

    >>> to_specifiers("^1.2"), to_specifiers("~0.3.1"), to_specifiers("2.*"), to_specifiers("*")
    ('>=1.2,<2', '>=0.3.1,<0.4', '==2.*', '')
    """
    alternatives = [_clauses(part) for part in constraint.split("||")]
    if len(alternatives) == 1:
        return ",".join(alternatives[0])
    if not all(alternatives):
        return ""
    lower = [clause for clause in alternatives[0] if clause.startswith(">")]
    upper = [clause for clause in alternatives[-1] if clause.startswith("<")]
    return ",".join(lower + upper)


def to_python_marker(constraint: str) -> str:
    """Return a constraint on Python as an environment marker, or ""."""
    return " and ".join(map(_python_clause, filter(None, to_specifiers(constraint).split(","))))


def _clauses(text: str) -> list[str]:
    clauses: list[str] = []
    for operator, version in _PART.findall(text):
        clauses += _translated(operator, version)
    return clauses


def _translated(operator: str, version: str) -> list[str]:
    if version == "*":
        return []
    if operator == "^":
        return [f">={version}", f"<{_next(version, _caret_place(version))}"]
    if operator == "~":
        numbers = _numbers(version)
        return [f">={version}", f"<{_next(version, min(1, len(numbers) - 1))}"]
    return [f"{'==' if operator in ('', '=') else operator}{version}"]


def _numbers(version: str) -> list[int]:
    """Return the release of a version: its leading numbers."""
    release = re.match(r"v?(\d+(?:\.\d+)*)", version)
    numbers = _NUMBER.findall(release.group(1) if release else "0")
    return [int(number[:MAX_DIGITS]) for number in numbers]  # a longer one is no version's


def _caret_place(version: str) -> int:
    """Return which number a caret lets no change: the first that is not zero, else the last."""
    numbers = _numbers(version)
    return next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)


def _next(version: str, place: int) -> str:
    numbers = _numbers(version)
    return ".".join(map(str, [*numbers[:place], numbers[place] + 1]))


def _python_clause(clause: str) -> str:
    operator = clause.rstrip("0123456789.*abrcpostdev")
    version = clause[len(operator) :]
    variable = (
        "python_full_version" if version.count(".") > 1 and "*" not in version else "python_version"
    )
    return f'{variable} {operator} "{version}"'
