"""Values that a module assigns as literals, read from its syntax tree: nothing is run."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plugreg.plugins.sources.folder import ProjectFolder

ROOTS = ("", "src", "lib")
# A tree takes up to a kilobyte for a letter; what is read for its version only is shorter.
_MOST_LETTERS = 128 * 1024


def parse_module(text: str, most: int = _MOST_LETTERS) -> ast.Module | None:
    """Return the syntax tree of a module's text, or None where it has none, or a giant one."""
    if len(text) > most:
        return None
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def literal_in(text: str, names: Iterable[str]) -> object:
    """Return the last literal that a module assigns to one of these names at its top, or None."""
    tree = parse_module(text)
    wanted = set(names)
    found = None
    for target, value in _assignments(tree) if tree is not None else ():
        if target in wanted:
            found = _literal(value)
    return found


def literal_of(folder: ProjectFolder, dotted: str, roots: Iterable[str] = ROOTS) -> object:
    """Return the literal that "package.module.NAME" has, or None where it cannot be read so."""
    module, _, name = dotted.strip().rpartition(".")
    for file in module_files(module, roots):
        text = folder.own_text(file)
        if text is not None:
            return literal_in(text, [name])
    return None


def module_files(module: str, roots: Iterable[str] = ROOTS) -> Iterator[str]:
    """Yield the files in which a dotted module can lie, the likeliest first; none for ""."""
    for root in roots if module else ():
        base = "/".join(filter(None, (root, *module.split("."))))
        yield f"{base}.py"
        yield f"{base}/__init__.py"


def first_line_of_docstring(text: str, most: int = _MOST_LETTERS) -> str | None:
    """Return the first line of a module's docstring, or None where it has none."""
    tree = parse_module(text, most)
    docstring = ast.get_docstring(tree) if tree is not None else None
    return docstring.strip().partition("\n")[0] if docstring and docstring.strip() else None


def version_text(value: object) -> str | None:
    """Return a version given as text, a number, or a tuple of parts, as text; else None."""
    if isinstance(value, tuple | list) and value:
        return ".".join(map(str, value))
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    return None


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value
        elif (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.value is not None
        ):
            yield statement.target.id, statement.value


def _literal(value: ast.expr) -> object:
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
