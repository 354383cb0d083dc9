"""The words before the cursor, read as typer would read them."""

from __future__ import annotations

from .grammar import COMMANDS, kind_of_argument, options_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class WordsBefore:
    """What the words before the cursor say.

    Attributes:
        command: The command, or "" before it.
        options: The options that are given, with their values.
        arguments: The arguments.
        open_option: The option whose value comes next, or "".
        only_arguments: Whether `--` was there.
        command_line: Where another program's command line begins, or 0.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.command = ""
        self.options: dict[str, str] = {}
        self.arguments: list[str] = []
        self.open_option = ""
        self.only_arguments = False
        self.command_line = 0
        for place, word in enumerate(words):
            self._read(place, word)

    def _read(self, place: int, word: str) -> None:
        if self.open_option:
            self.options[self.open_option] = word
            self.open_option = ""
        elif word == "--" and not self.only_arguments:
            self.only_arguments = True
        elif word.startswith("-") and word != "-" and not self.only_arguments:
            self._read_option(word)
        elif not self.command:
            self.command = word
        else:
            self.arguments.append(word)
            if not self.command_line and self.next_kind(len(self.arguments) - 1) == "command":
                self.command_line = place

    def _read_option(self, word: str) -> None:
        option, equals, value = word.partition("=")
        self.options[option] = value
        if self.command in COMMANDS and not equals and options_of(self.command).get(option):
            self.open_option = option

    def next_kind(self, place: int) -> str:
        """Return the kind of the argument of that place; "" where there is none."""
        return kind_of_argument(self.command, place) if self.command in COMMANDS else ""
