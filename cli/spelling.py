"""What was probably meant by a word that is not known."""

from __future__ import annotations

from .result import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def meant(word: str, known: Iterable[str]) -> str:
    """Return "did you mean `x`?" for the known word most like it, or "".

    >>> meant("verison", ["name", "version"]), meant("verison", ["name"])
    ('did you mean `version`?', '')
    """
    from difflib import get_close_matches

    spelt = {each.casefold(): each for each in known}
    close = get_close_matches(word.casefold(), spelt, n=1)
    return f"did you mean `{spelt[close[0]]}`?" if close else ""


def require_known(what: str, word: str, known: Iterable[str]) -> None:
    """Refuse a word that is none of those known.

    Args:
        what: What the word is to be, such as "column".
        word: The word.
        known: All that there are.

    Raises:
        UsageError: It is none; the hint has the one that was probably meant, or all.
    """
    words = list(known)
    if word not in words:
        hint = meant(word, words) or f"choose one of {', '.join(words)}"
        raise UsageError(f"no {what} `{word}`", hint=hint)
