"""The line that bash hands over: its words, and what of the last one readline replaces.

Bash splits words at "=" and ":" as well, so that what it calls a word is of no use here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_ESCAPED_IN_DOUBLE_QUOTES = '"$`\\'
_BARE = frozenset("@%+=:,./-_")


class Line:
    """A command line up to the cursor.

    Attributes:
        words: Its words without their quotes; the last one is still being typed, and may be "".
        quote: The quote that is open at the cursor, or "".
        kept: So many characters of the last word stand before what a completion replaces.
    """

    def __init__(self, text: str, breaks: str) -> None:
        """Split a line.

        Args:
            text: The line up to the cursor.
            breaks: The characters at which readline begins a new word: COMP_WORDBREAKS.
        """
        self.words: list[str] = []
        self.quote = ""
        self.kept = 0
        self._breaks = breaks
        self._word = ""
        self._begun = False
        characters = iter(text)
        for character in characters:
            if character == "\\" and self.quote != "'":
                self._escape(next(characters, ""))
            elif self.quote:
                self._in_quotes(character)
            else:
                self._bare(character)
        self.words.append(self._word)

    def _escape(self, character: str) -> None:
        self._begun = True
        if self.quote and character not in _ESCAPED_IN_DOUBLE_QUOTES:
            self._word += "\\"
        self._word += character

    def _in_quotes(self, character: str) -> None:
        if character == self.quote:
            self.quote = ""
        else:
            self._word += character

    def _bare(self, character: str) -> None:
        if character.isspace():
            if self._begun:
                self.words.append(self._word)
            self._word, self._begun, self.kept = "", False, 0
            return
        self._begun = True
        if character in "'\"":
            self.quote = character
            self.kept = len(self._word)
            return
        self._word += character
        if character in self._breaks:
            self.kept = len(self._word)

    def reply(self, word: str) -> str:
        """Return what bash puts in the place of what it replaces, so that the whole is `word`."""
        rest = word[self.kept :]
        if self.quote == "'":
            return rest.replace("'", "'\\''")
        if self.quote:
            return _escaped(rest, lambda character: character not in _ESCAPED_IN_DOUBLE_QUOTES)
        return _escaped(rest, _is_bare)


def _is_bare(character: str) -> bool:
    return character.isalnum() or character in _BARE or not character.isascii()


def _escaped(text: str, is_plain: Callable[[str], bool]) -> str:
    return "".join(each if is_plain(each) else f"\\{each}" for each in text)
