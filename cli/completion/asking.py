"""A shell asks: what is in its question, and the answer in its own form.

The environment variable says which shell, and the arguments what is typed: for bash, the line up to
the cursor and its COMP_WORDBREAKS; for zsh and fish, the words up to the cursor, the program's name
first. The answer is lines: how to take it, then a word each, for zsh and fish with a tab and what
it is.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .answering import Answer

VARIABLE = "_PLUGREG_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
_LONGEST = 60


def answer_shell(arguments: Sequence[str]) -> None:
    """Print the answer to the shell that the environment names.

    Whatever goes wrong, nothing is printed: somebody is typing. Nothing is waited for.
    """
    try:
        lines = list(_lines(os.environ.get(VARIABLE, ""), arguments))
        sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
        print("\n".join(lines))  # noqa: T201 - the one thing that is printed without a result
        sys.stdout.flush()
    except Exception:  # noqa: BLE001 - a message would land in the line that is being typed
        _say_no_more()


def _say_no_more() -> None:
    """End without what the interpreter says of a stream that is closed."""
    os._exit(0)


def _lines(shell: str, arguments: Sequence[str]) -> Iterator[str]:
    from .answering import answer_to

    if shell == "bash":
        from .bash_line import Line

        line = Line(*arguments)
        answer = answer_to(line.words[1:-1], line.words[-1])
        return _answer_lines(answer, [line.reply(word) for word, _ in answer.words])
    answer = answer_to(arguments[1:-1], arguments[-1])
    return _answer_lines(answer, [f"{word}\t{_told(what)}" for word, what in answer.words])


def _answer_lines(answer: Answer, words: list[str]) -> Iterator[str]:
    yield f"{answer.how} {answer.place}"
    yield from words


def _told(what: str) -> str:
    """Return what a word is in one line that fits beside it in a menu."""
    plain = "".join(each if each.isprintable() else " " for each in what)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3]}..."
