"""The options and arguments that several commands share, and how a NAME is completed."""

from __future__ import annotations

import typer

from plugreg import PlugregError, Registry
from plugreg.backends import DEFAULT_TIMEOUT_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def complete_name(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the names of the catalog's projects that start so; none where it cannot be read."""
    try:
        catalog = ctx.params.get("catalog")
        with Registry.open(catalog, read_only=True, timeout_s=0) as registry:
            return [project.name for project in registry if project.name.startswith(incomplete)]
    except (PlugregError, OSError):
        return []


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
FILE_TIMEOUT: Any = typer.Option(
    DEFAULT_TIMEOUT_S,
    "--timeout",
    metavar="SECONDS",
    min=0.0,
    help="How long to wait while another process has the database locked.",
)
NAME: Any = typer.Argument(
    metavar="NAME",
    help="A project, or an entry point or module of it.",
    autocompletion=complete_name,
)
NAMES: Any = typer.Argument(
    metavar="NAME...",
    help="Projects, each by its name or that of an entry point or module of it.",
    autocompletion=complete_name,
)
