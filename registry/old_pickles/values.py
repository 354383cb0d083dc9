"""The values of the standard library that stay calls, and what their arguments may be."""

from __future__ import annotations

import re

from .arguments import MOST_DIGITS
from .nodes import Atom, Global, Node, OldText, damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The names of Python 2 that Python 3 changed, of those that are known here (Lib/_compat_pickle.py).
PYTHON_3_NAMES = {
    ("copy_reg", "_reconstructor"): ("copyreg", "_reconstructor"),
    ("__builtin__", "unicode"): ("builtins", "str"),
    ("__builtin__", "long"): ("builtins", "int"),
    ("__builtin__", "xrange"): ("builtins", "range"),
    **{
        ("__builtin__", name): ("builtins", name)
        for name in (
            "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list",
            "object", "range", "set", "str", "tuple",
        )
    },
}  # fmt: skip

_FRACTION = re.compile(r"-?[0-9]+(?:/0*[1-9][0-9]*)?", re.ASCII)


def checked_arguments(function: Global, arguments: list[Node]) -> list[Node]:
    """Return the arguments as Python 3 takes them; raise RecordUnreadable if it would not."""
    check = _CHECKS.get(str(function))
    if check is None:
        raise damaged(f"a call of {function}")
    values = [_value_of(argument) for argument in arguments]
    try:
        return [Atom(value) for value in check(function, values)]
    except (TypeError, ValueError, ArithmeticError) as error:
        raise damaged(f"a {function} of wrong arguments: {str(error)[:100]}") from None


def _value_of(node: Node) -> object:
    """Return the value of an atom; of a Python 2 `str`, its bytes."""
    if isinstance(node, OldText):
        return node.raw
    if isinstance(node, Atom):
        return node.value
    raise damaged("an argument that is more than a number or text")


def _moment(function: Global, values: list[object]) -> list[bytes]:
    """The state of a date, time or datetime: 4, 6 or 10 bytes, in both Pythons; no time zone."""
    import datetime as dt

    [state] = values
    if not isinstance(state, bytes):
        raise TypeError("the state is no bytes")
    sizes = {"date": 4, "time": 6, "datetime": 10}
    if len(state) != sizes[function.name]:
        raise ValueError(f"{len(state)} bytes of state")
    getattr(dt, function.name)(state)
    return [state]


def _timedelta(_: Global, values: list[object]) -> list[int]:
    import datetime as dt

    days, seconds, microseconds = (_integer(value) for value in values)
    dt.timedelta(days, seconds, microseconds)
    return [days, seconds, microseconds]


def _decimal(_: Global, values: list[object]) -> list[str]:
    import decimal

    [text] = (_ascii(value) for value in values)
    decimal.Decimal(text)
    return [text]


def _fraction(_: Global, values: list[object]) -> list[str]:
    [text] = (_ascii(value) for value in values)
    if _FRACTION.fullmatch(text) is None:
        raise ValueError("no fraction")
    return [text]


def _complex(_: Global, values: list[object]) -> list[float]:
    real, imaginary = values
    if type(real) is not float or type(imaginary) is not float:
        raise TypeError("its parts are no floats")
    return [real, imaginary]


def _range(_: Global, values: list[object]) -> list[int]:
    start, stop, step = (_integer(value) for value in values)
    range(start, stop, step)
    return [start, stop, step]


def _integer(value: object) -> int:
    if type(value) is not int:
        raise TypeError("not an integer")
    return value


def _ascii(value: object) -> str:
    """Return text of digits, not longer than Python itself takes."""
    if isinstance(value, bytes):
        value = value[: MOST_DIGITS + 1].decode("ascii")
    if not isinstance(value, str) or len(value) > MOST_DIGITS:
        raise ValueError("no text, or too long")
    return value


_CHECKS: dict[str, Callable[[Global, list[object]], Sequence[float | str | bytes]]] = {
    "builtins.complex": _complex,
    "builtins.range": _range,
    "datetime.date": _moment,
    "datetime.datetime": _moment,
    "datetime.time": _moment,
    "datetime.timedelta": _timedelta,
    "decimal.Decimal": _decimal,
    "fractions.Fraction": _fraction,
}
