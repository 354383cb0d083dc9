"""What the reference says, written from the code when the site is built.

A page of the reference has its introduction in Markdown, and a comment that names what comes below:
`<!-- from the code: commands -->`.
"""

from __future__ import annotations

import re
from importlib import import_module

_PLACE = re.compile(r"^<!-- from the code: ([a-z-]+) -->$", re.MULTILINE)
# What a page can ask for -> the module here whose `write` returns it as Markdown.
PARTS = {
    "backends": "api:plugreg.backends",
    "commands": "commands",
    "envelope": "schemas:envelope",
    "environment": "environment",
    "errors": "errors",
    "export": "schemas:export",
    "figures": "figures",
    "fixtures": "fixtures",
    "flavours": "flavours",
    "hooks": "hooks",
    "library": "api:plugreg",
    "plugins": "api:plugreg.plugins",
}


def filled(text: str) -> str:
    """Return a page's text with all that it asks for.

    Raises:
        KeyError: There is nothing of that name.
    """
    return _PLACE.sub(lambda found: written(found[1]), text)


def asked_for(text: str) -> list[str]:
    """Return the names of what a page asks for."""
    return _PLACE.findall(text)


def written(part: str) -> str:
    """Return one of `PARTS` as Markdown."""
    module, _, argument = PARTS[part].partition(":")
    write = import_module(f".{module}", __name__).write
    result: str = write(argument) if argument else write()
    return result
