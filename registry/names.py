"""Names of projects: which are allowed, which are the same, which was meant."""

from __future__ import annotations

import re

from plugreg.backends import PlugregError

_VALID = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"


def normalize_name(name: str) -> str:
    """Return the one spelling of all spellings of a name (PEP 503).

    >>> normalize_name("Datasette_Cluster.Map")
    'datasette-cluster-map'
    """
    plain = name.lower().replace("_", "-").replace(".", "-")
    while "--" in plain:
        plain = plain.replace("--", "-")
    return plain


def require_name(name: str) -> str:
    """Return `name`, if PEP 508 allows it.

    Raises:
        PlugregError: It does not (code "name-invalid").
    """
    if re.fullmatch(_VALID, name) is None:
        from .printable import safe

        raise PlugregError(
            f"`{safe(name)}` is not a valid project name",
            hint="a name is letters, digits, '.', '-' and '_', and starts and ends with one of the"
            " first two",
            code="name-invalid",
            name=name,
        )
    return name


def is_module_place(module: str, path: str) -> bool:
    """Tell whether a module's name is dotted identifiers, and its path lies below a root.

    >>> is_module_place("acme.tools", "src/acme/tools"), is_module_place("x", "../x")
    (True, False)
    """
    identifiers = all(part.isidentifier() for part in module.split("."))
    return identifiers and not path.startswith("/") and ".." not in path.split("/")


def suggestion(name: str, known: list[str]) -> str:
    """Return "did you mean `x`?" for the known name most like `name`, or ""."""
    import difflib

    close = difflib.get_close_matches(normalize_name(name), known, n=1)
    return f"did you mean `{close[0]}`?" if close else ""
