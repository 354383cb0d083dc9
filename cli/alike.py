"""Many errors of one cause, told to a person as one."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plugreg import PlugregError

_FEW = 2  # that are told one by one
# What an error is about, as its details call it: rather as the user typed it.
_SUBJECTS = ("source", "name", "path", "file")


def told_together(errors: Iterable[PlugregError]) -> Iterator[str]:
    """Yield the text of each error; of many that differ only in what they are about, one for all.

    >>> from plugreg import PlugregError
    >>> errors = [PlugregError(f"no `{name}`", hint="add it", name=name) for name in "abcd"]
    >>> list(told_together(errors))
    ['no `a`; add it; so it is with 3 more: b, c, d']
    """
    alike: dict[object, list[PlugregError]] = {}
    for error in errors:
        alike.setdefault(_cause(error), []).append(error)
    for same in alike.values():
        first, *others = same
        if len(others) < _FEW:
            yield from map(str, same)
        else:
            named = ", ".join(_subjects(error)[0] for error in others)
            yield f"{first}; so it is with {len(others)} more: {named}"


def _cause(error: PlugregError) -> object:
    """Return what errors of one cause have in common: their text without what they are about."""
    text = str(error)
    subjects = _subjects(error)
    for subject in sorted(subjects, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(subject)}(?!\w)", "\0", text)
    return (error.code, text) if subjects else id(error)


def _subjects(error: PlugregError) -> list[str]:
    found = (error.details.get(key) for key in _SUBJECTS)
    return [each for each in found if isinstance(each, str) and each]
