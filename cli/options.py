"""The options and arguments that several commands share."""

from __future__ import annotations

import typer

from plugreg.backends import DEFAULT_TIMEOUT_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


CATALOG: Any = typer.Option(
    None,
    "--catalog",
    metavar="PATH",
    help="The catalog to use, else PLUGREG_CATALOG names it, else it is the user's.",
)
TIMEOUT: Any = typer.Option(
    DEFAULT_TIMEOUT_S,
    "--timeout",
    metavar="SECONDS",
    min=0.0,
    help="How long to wait while another process has the catalog locked.",
)
NAME: Any = typer.Argument(
    metavar="NAME",
    help="A project, or an entry point or module of it.",
)
NAMES: Any = typer.Argument(
    metavar="NAME...",
    help="Projects, each by its name or that of an entry point or module of it.",
)
