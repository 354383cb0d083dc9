"""What one check found."""

from __future__ import annotations

from plugreg.value import Value

OK, WARNING, ERROR = "ok", "warning", "error"


class Finding(Value):
    """What one check found.

    Attributes:
        check: What was looked at: "metadata", "python", "dependencies", "names", "import", "hooks".
        status: "ok", "warning" or "error".
        message: What was found, one line.
        hint: What to do about it, one line, or "".
        file: The absolute path of the file that it is about, or "".
        line: The line in it, from 1 on, or None.
    """

    __slots__ = ("check", "file", "hint", "line", "message", "status")
    check: str
    file: str
    hint: str
    line: int | None
    message: str
    status: str

    def __init__(
        self,
        check: str,
        status: str,
        message: str,
        hint: str = "",
        *,
        file: str = "",
        line: int | None = None,
    ) -> None:
        self._set(check, file, hint, line, message, status)

    def __reduce__(self) -> tuple[object, ...]:
        return (_finding, ({slot: getattr(self, slot) for slot in self.__slots__},))


def _finding(parts: dict[str, str]) -> Finding:
    return Finding(**parts)  # type: ignore[arg-type]
