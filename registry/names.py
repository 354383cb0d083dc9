"""Names of projects: which are allowed, which are the same, which was meant."""

from __future__ import annotations

import re

from plugreg.backends import PlugregError

# What the keys of a catalog begin with that are no projects', and no name can begin with.
OWN_KEYS = "@"
_VALID = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_NORMALIZED = "abcdefghijklmnopqrstuvwxyz0123456789-"
# A folder is called so, with a version behind it; systems take 255 characters.
MAX_CHARS = 200


def normalize_name(name: str) -> str:
    """Return the one spelling of all spellings of a name (PEP 503).

    >>> normalize_name("Datasette_Cluster.Map")
    'datasette-cluster-map'
    """
    plain = name.lower().replace("_", "-").replace(".", "-")
    while "--" in plain:
        plain = plain.replace("--", "-")
    return plain


def is_normalized(name: str) -> bool:
    """Tell whether a text is a valid name in its one spelling; on the way of every read, so quick.

    >>> is_normalized("datasette-cluster-map"), is_normalized("../x")
    (True, False)
    """
    return len(name) <= MAX_CHARS and not name.strip(_NORMALIZED) and "--" not in f"-{name}-"


def require_name(name: str) -> str:
    """Return `name`, if PEP 508 allows it and it is no longer than 200 characters.

    Raises:
        PlugregError: It does not, or it is (code "name-invalid").
    """
    if len(name) > MAX_CHARS or re.fullmatch(_VALID, name) is None:
        from .printable import safe

        raise PlugregError(
            f"`{safe(name[:MAX_CHARS])}` is not a valid project name",
            hint="a name is letters, digits, '.', '-' and '_', starts and ends with one of the"
            f" first two, and is at most {MAX_CHARS} characters long",
            code="name-invalid",
            name=name,
        )
    return name


def is_module_place(module: str, path: str) -> bool:
    """Tell whether a module's name is dotted identifiers, and its path lies below a root.

    A name is no longer than that of a file can be, since links are called so.

    >>> is_module_place("acme.tools", "src/acme/tools"), is_module_place("x", "../x")
    (True, False)
    """
    identifiers = all(part.isidentifier() for part in module.split("."))
    short = len(module.encode(errors="replace")) <= MAX_CHARS
    return identifiers and short and not path.startswith("/") and ".." not in path.split("/")


def suggestion(name: str, known: list[str]) -> str:
    """Return "did you mean `x`?" for the known name most like `name`, or ""."""
    import difflib

    close = difflib.get_close_matches(normalize_name(name), known, n=1)
    return f"did you mean `{close[0]}`?" if close else ""
