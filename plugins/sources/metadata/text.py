"""Text that a project wrote about itself: what may reach a terminal, and what is refused."""

from __future__ import annotations

import re

from plugreg import SourceError

# Control characters of ASCII and Latin-1, line separators, marks that turn the direction of writing
# round, and halves of surrogate pairs: none of them belongs in a name, all can deceive a reader.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_SHOWN = 120
# Parsers take a hundred times as much memory as the text has, and some of them minutes for a few
# megabytes; no honest project comes near. A list of all files may be longer, and so may a README.
MAX_BYTES = 1024**2
MAX_LONG_BYTES = 16 * 1024**2


def require_short(size: int, origin: str, most: int = MAX_BYTES) -> None:
    """Check the size of a text, in bytes, before anything parses it.

    Raises:
        SourceError: It is larger than any project's (code "source-invalid").
    """
    if size > most:
        raise SourceError(
            f"{origin} has {size} bytes, and no more than {most} are read",
            hint="do not trust where it came from; or correct the project",
            code="source-invalid",
            path=origin,
        )


def cleaned(text: str) -> str:
    """Return `text` on one line: control characters are spaces, and runs of spaces are one."""
    return " ".join(_UNSAFE.sub(" ", text).split())


def shown(text: str) -> str:
    """Return `text` quoted for an error message, control characters escaped, cut when long."""
    quoted = ascii(text) if _UNSAFE.search(text) else repr(text)
    return quoted if len(quoted) <= _SHOWN else f"{quoted[: _SHOWN - 3]}..."


def require_clean(text: str, field: str, origin: str) -> str:
    """Return `text` without the space around it.

    Args:
        text: The value.
        field: What it is, for the message.
        origin: The file that says it, for the message.

    Raises:
        SourceError: It is empty or holds a control character (code "source-invalid").
    """
    text = text.strip()
    if text and _UNSAFE.search(text) is None:
        return text
    fault = "holds control characters" if text else "is empty"
    raise SourceError(
        f"{origin}: {field} {shown(text)} {fault}",
        hint="correct it in the project",
        code="source-invalid",
        path=origin,
        field=field,
    )
