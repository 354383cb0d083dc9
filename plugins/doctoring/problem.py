"""One thing that is wrong with a catalog or with a project in it."""

from __future__ import annotations

from plugreg.value import Value


class Problem(Value):
    """One thing that is wrong.

    Attributes:
        code: A stable word for programs, such as "source-missing".
        project: The normalised name of the project that it is about, or "" for the catalog.
        file: The absolute path of the file or folder that it is about, or "".
        message: What is wrong and why that matters, one line.
        hint: What to do about it, one line.
        fixable: Whether `mend` may see to it.
    """

    __slots__ = ("code", "file", "fixable", "hint", "message", "project")
    code: str
    file: str
    fixable: bool
    hint: str
    message: str
    project: str

    def __init__(
        self,
        code: str,
        message: str,
        hint: str,
        *,
        project: str = "",
        file: str = "",
        fixable: bool = False,
    ) -> None:
        self._set(code, file, fixable, hint, message, project)

    def __reduce__(self) -> tuple[object, ...]:
        return (_problem, ({slot: getattr(self, slot) for slot in self.__slots__},))

    @property
    def subject(self) -> tuple[str, str, str]:
        """What stays the same of it from one look to the next: code, project and file."""
        return self.code, self.project, self.file


def _problem(parts: dict[str, object]) -> Problem:
    return Problem(**parts)  # type: ignore[arg-type]
