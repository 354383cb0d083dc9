"""Tables of a TOML file whose values have the expected types, or the error says which has not."""

from __future__ import annotations

import re
import tomllib

from plugreg import SourceError

from .text import require_short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# `tomllib` takes time in the square of how many parts a dotted key has.
_MOST_PARTS = 100
_PART = r"""(?:"[^"\n]*+"|'[^'\n]*+'|[\w-]++)[ \t]*+\.[ \t]*+"""
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:{_PART}){{{_MOST_PARTS}}}")
_WORDS = {
    str: "text",
    list: "an array",
    dict: "a table",
    bool: "true or false",
    int: "a number",
    float: "a number",
}


def parse_toml(text: str, origin: str) -> Table:
    """Return the top table of a TOML document.

    Raises:
        SourceError: It is not TOML, or would take long to read (code "source-invalid"); the
            message names line and column.
    """
    require_short(len(text), origin)
    if _DEEP_KEY.search(text):
        raise SourceError(
            f"{origin} has a key of more than {_MOST_PARTS} parts",
            hint="correct it in the project",
            code="source-invalid",
            path=origin,
        )
    try:
        return Table(tomllib.loads(text), "", origin)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{origin} is not valid TOML: {error}",
            hint="correct the line",
            code="source-invalid",
            path=origin,
        ) from error


class Table:
    """One table: typed look-ups, whose errors name the file and the dotted key.

    Attributes:
        values: The table as `tomllib` gives it.
        key: Its dotted name, "" for the document.
        origin: The file, for messages.
    """

    __slots__ = ("key", "origin", "values")

    def __init__(self, values: dict[str, Any], key: str, origin: str) -> None:
        self.values = values
        self.key = key
        self.origin = origin

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def named(self, key: str) -> str:
        """Return the dotted name of a key of this table."""
        return f"{self.key}.{key}" if self.key else key

    def table(self, dotted: str) -> Table:
        """Return the table of that dotted name below this one, empty where there is none."""
        found = self
        for key in dotted.split("."):
            found = found.child(key)
        return found

    def child(self, key: str) -> Table:
        """Return the table under one key, dots in it included, empty where there is none."""
        value = self._typed(key, dict)
        return Table({} if value is None else value, self.named(key), self.origin)

    def text(self, key: str) -> str | None:
        """Return a text, or None where the key is not there."""
        value: str | None = self._typed(key, str)
        return value

    def texts(self, key: str) -> list[str] | None:
        """Return an array of texts, or None where the key is not there."""
        values: list[str] | None = self._typed(key, list)
        for value in values or ():
            if type(value) is not str:
                raise self.misfit(key, value, "an array of texts")
        return values

    def text_map(self, key: str) -> dict[str, str]:
        """Return the table under one key, from texts to texts, empty where there is none."""
        table = self.child(key)
        return {name: table.text(name) or "" for name in table.values}

    def misfit(self, key: str, value: object, wanted: str) -> SourceError:
        """Return the error for a value of the wrong type."""
        found = _WORDS.get(type(value), type(value).__name__)
        return SourceError(
            f"{self.origin}: `{self.named(key)}` has to be {wanted}, not {found}",
            hint="correct it in the project",
            code="source-invalid",
            path=self.origin,
            field=self.named(key),
        )

    def _typed(self, key: str, kind: type) -> Any:
        value = self.values.get(key)
        if value is not None and type(value) is not kind:
            raise self.misfit(key, value, _WORDS[kind])
        return value
