"""`plugreg doctor`: what is wrong with a catalog and its projects, and what to do about it."""

from __future__ import annotations

import typer

from plugreg import PlugregError
from plugreg.printable import safe

from .catalogs import chosen
from .command_words import command_words
from .options import CATALOG, LAYER, PYTHON, TIMEOUT
from .progress import Progress
from .result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugreg.plugins.doctoring.problem import Problem

    from .result import Item
    from .screen import Screen

_INDENT = "  "
_FIX: Any = typer.Option(
    False, "--fix", help="Mend what needs no decision: read changed sources again, tidy up."
)


def find_problems(
    *,
    fix: bool = _FIX,
    python: str = PYTHON,
    catalog: str | None = CATALOG,
    layer: str = LAYER,
    timeout: float = TIMEOUT,
) -> Result:
    """Tell everything that is wrong with the catalog and its projects, and the fix of each.

    The whole file, every record and all code are read; no code is imported. Requirements are held
    against the environment that --python names. Exit status 1 says that something is wrong, or
    still is after --fix, which `plugreg undo` takes back.

    Example: plugreg doctor --fix
    """
    from plugreg.plugins.doctoring.examining import examine

    catalogs = chosen(catalog, layer, timeout, python)

    def look() -> list[Problem]:
        with Progress("projects") as progress:
            return examine(
                catalog, layer=layer, python=python, timeout_s=timeout, progress=progress
            )

    found = look()
    left, errors = found, list[PlugregError]()
    if fix and any(problem.fixable for problem in found):
        from plugreg.plugins.doctoring.mending import mend

        errors = mend(
            found,
            catalog,
            layer=layer,
            prefix=catalogs.prefix,
            command=command_words(),
            timeout_s=timeout,
        )
        left = look()
    open_ones = {problem.subject for problem in left}
    fixed = [one for one in found if one.fixable and one.subject not in open_ones]
    items = [_object(problem, fixed=True) for problem in fixed]
    items += [_object(problem, fixed=False) for problem in left]
    return Result("doctor", "problems", items, _lines, [*errors, *_failure(left, tried=fix)])


def _failure(left: list[Problem], *, tried: bool) -> list[PlugregError]:
    if not left:
        return []
    count = f"{len(left)} problem{'s' if len(left) != 1 else ''}"
    fixable = sum(problem.fixable for problem in left)
    hint = f"`plugreg doctor --fix` mends {fixable} of them" if fixable and not tried else ""
    return [PlugregError(f"{count} found", hint=hint, code="problems-found")]


def _object(problem: Problem, *, fixed: bool) -> dict[str, object]:
    return {
        "code": problem.code,
        "project": problem.project or None,
        "file": problem.file or None,
        "message": problem.message,
        "hint": problem.hint,
        "fixable": problem.fixable,
        "fixed": fixed,
    }


def _lines(problems: Iterable[Item], screen: Screen) -> Iterator[str]:
    """Yield some lines a problem on a terminal, or one, cells between tabs, in a pipe."""
    none = True
    for problem in problems:
        none = False
        yield from _block(problem, screen) if screen.terminal else [_row(problem)]
    if none and screen.terminal:
        yield screen.paint("no problems found", "good")


def _row(problem: Item) -> str:
    state = "fixed" if problem["fixed"] else "fixable" if problem["fixable"] else "open"
    cells = (state, problem["code"], problem["project"], problem["file"])
    return "\t".join(safe(cell or "-") for cell in (*cells, problem["message"], problem["hint"]))


def _block(problem: Item, screen: Screen) -> Iterator[str]:
    word, style = ("fixed", "good") if problem["fixed"] else ("problem", "bad")
    subject = " ".join(filter(None, (problem["project"], f"({problem['code']})")))
    yield f"{screen.paint(word, style)} {safe(subject)}"
    parts = [problem["file"] and f"at {problem['file']}", problem["message"]]
    if not problem["fixed"]:
        parts.append(problem["hint"] and f"fix: {problem['hint']}")
    yield from (f"{_INDENT}{safe(part)}" for part in parts if part)
