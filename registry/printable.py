"""Text from strangers on its way to a terminal."""

from __future__ import annotations

# Surrogate escapes (PEP 383) stand for the bytes 0x80 to 0xFF of a name that is not UTF-8.
_ESCAPED_BYTES = range(0xDC80, 0xDD00)
_BYTE = 0xFF


def safe(text: str) -> str:
    r"""Return a text on one line, with all that could steer a terminal shown as an escape.

    >>> safe("red \x1b[31m")
    'red \\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _shown(char) for char in text)


def as_argument(name: str) -> str:
    """Return a name as a shell takes it in a command that is suggested, even where it is an option.

    >>> as_argument("my-plugin"), as_argument("a; b"), as_argument("-x")
    ('my-plugin', "'a; b'", '-- -x')
    """
    import shlex

    quoted = shlex.quote(name)
    return f"-- {quoted}" if name.startswith("-") else quoted


def _shown(char: str) -> str:
    if ord(char) in _ESCAPED_BYTES:
        return f"\\x{ord(char) & _BYTE:02x}"
    return char.encode("unicode_escape").decode("ascii")
