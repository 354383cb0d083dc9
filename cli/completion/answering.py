"""The answer to a shell that asks what can stand at the cursor."""

from __future__ import annotations

from typing import NamedTuple

from .candidates import candidates
from .catalog_words import CatalogWords
from .grammar import COMMANDS, REPEATABLE, options_of
from .words_before import WordsBefore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .catalog_words import Candidate

# Where no candidate fits, these are the shell's own to complete.
_OF_THE_SHELL = {"file": "files", "folder": "folders", "project-or-file": "files"}
# After these, more can follow without a blank.
_OPEN_ENDS = ("@", "=")


class Answer(NamedTuple):
    """What can stand at the cursor.

    Attributes:
        how: "words"; "open" for words that no blank may follow; "files" or "folders", which the
            shell knows; "command" where another program's command line begins.
        words: The whole words, each with what it is.
        place: For "files" and "folders": so many characters of the word stand before the path. For
            "command": the number of words before it.
    """

    how: str
    words: list[Candidate]
    place: int = 0


def answer_to(words: Sequence[str], current: str) -> Answer:
    """Return what can stand at the cursor.

    Args:
        words: The words after the program's name and before the one at the cursor.
        current: What of the word at the cursor stands before it.

    Raises:
        PlugregError: The catalog cannot be read now.
        OSError: Likewise.
    """
    read = WordsBefore(words)
    if read.command_line:
        return Answer("command", [], read.command_line)
    if not read.command or read.command in COMMANDS:
        return _answer(read, current, len(words))
    return Answer("words", [])


def _answer(read: WordsBefore, current: str, place: int) -> Answer:
    options = options_of(read.command)
    if read.open_option:
        return _values(read, options[read.open_option], current, 0)
    if current.startswith("-") and not read.only_arguments:
        return _option(read, options, current)
    if not read.command:
        return Answer("words", [(name, COMMANDS[name][0]) for name in _starting(COMMANDS, current)])
    kind = read.next_kind(len(read.arguments))
    if kind == "command":
        return Answer("command", [], place)
    if kind or read.only_arguments:
        return _values(read, kind, current, 0)
    return _option(read, options, current)


def _option(read: WordsBefore, options: dict[str, str], current: str) -> Answer:
    option, equals, _ = current.partition("=")
    if equals:
        return _values(read, options.get(option, ""), current, len(option) + 1)
    used = read.options.keys() - REPEATABLE
    return Answer("words", [(name, "") for name in _starting(options, current) if name not in used])


def _values(read: WordsBefore, kind: str, current: str, place: int) -> Answer:
    given = read.options
    catalog = CatalogWords(
        given.get("--catalog"), given.get("--layer", ""), given.get("--python", "")
    )
    found = candidates(kind, current[place:], catalog)
    words = [(current[:place] + word, what) for word, what in found if _fits_a_line(word)]
    words = [(word, what) for word, what in words if word not in read.arguments]
    if not words and kind in _OF_THE_SHELL:
        return Answer(_OF_THE_SHELL[kind], [], place)
    how = "open" if any(word.endswith(_OPEN_ENDS) for word, _ in words) else "words"
    return Answer(how, words)


def _starting(words: dict[str, tuple[str, str, str]] | dict[str, str], start: str) -> list[str]:
    return [word for word in words if word.startswith(start)]


def _fits_a_line(word: str) -> bool:
    """Tell whether a word can be typed and shown: other programs can put anything there."""
    return bool(word) and word.isprintable()
