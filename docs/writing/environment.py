"""The environment variables: said here, and held against the code by a test."""

from __future__ import annotations

import ast

from .tree import nodes, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SAID = {
    "PLUGREG_CATALOG": "The path of the catalog, for commands and hosts that are given none.",
    "PLUGREG_DISABLE": (
        "Names of projects or plug-ins, with commas between, that are off in this start; `all` is"
        " every one. The catalog is not changed. Hosts of plugreg and `plugreg run` heed it."
    ),
    "PLUGREG_START": (
        "Set by plugreg: tells child processes to which start of a host they belong. Leave it"
        " alone."
    ),
    "_PLUGREG_COMPLETE": (
        "Set by a shell's completion: which shell asks what can stand at the cursor."
    ),
    "NO_COLOR": "Not empty: no colours. It wins over `FORCE_COLOR`.",
    "FORCE_COLOR": "Not empty: colours, also where the output is no terminal.",
    "TERM": "`dumb`: no colours.",
    "COLUMNS": "How wide a table may be on a terminal, in characters.",
    "XDG_DATA_HOME": "Where the user's catalog and unpacked code lie; on Linux `~/.local/share`.",
    "XDG_DATA_DIRS": (
        "Where catalogs of the site lie, folders with colons between; on Linux"
        " `/usr/local/share:/usr/share`."
    ),
    "XDG_CACHE_HOME": (
        "Where verdicts about plug-ins, and what a start leaves behind, are kept when nothing can"
        " be written beside the catalog; on Linux `~/.cache`."
    ),
    "HOME": "Your home folder, where those two are not set.",
    "PYTHONPATH": (
        "Kept for the host by `plugreg run`, which puts a folder before it; what is found out of an"
        " environment is found out anew where it differs."
    ),
    "GITHUB_WORKSPACE": (
        "The root of the repository, set by GitHub: annotations of `plugreg check --format github`"
        " name files as seen from there."
    ),
    "PYTHONCASEOK": "Where it is set, modules are found as Python finds them, without a shortcut.",
    "PATH": "Where `plugreg run` and `plugreg bisect` look for the command.",
    "ANDROID_DATA": "Says that this is Android, whose folders `platformdirs` knows.",
}


def write() -> str:
    """Return a line for each variable."""
    return "".join(f"`{name}`\n: {text}\n\n" for name, text in SAID.items())


def read_by_the_code() -> set[str]:
    """Return the variables that the package's code looks at."""
    return {name for node in nodes() for name in _looked_at(node) if name}


def _looked_at(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and _is_environment(getattr(node.func, "value", None)):
        yield from (text_of(argument) for argument in node.args[:1])
    elif isinstance(node, ast.Subscript) and _is_environment(node.value):
        yield text_of(node.slice)
    elif isinstance(node, ast.Compare) and _is_environment(node.comparators[0]):
        yield text_of(node.left)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value if _is_variable(node.value) else ""


def _is_environment(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def _is_variable(text: str) -> bool:
    return text.startswith(("PLUGREG_", "XDG_", "PYTHON")) and text.replace("_", "").isalpha()
