"""The options and arguments that several commands share, and how a NAME is completed."""

from __future__ import annotations

import typer

from plugreg import PlugregError, Registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def complete_name(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the names of the catalog's projects that start so; none where it cannot be read."""
    try:
        with Registry.open(ctx.params.get("catalog"), read_only=True) as registry:
            return [project.name for project in registry if project.name.startswith(incomplete)]
    except (PlugregError, OSError):
        return []


CATALOG: Any = typer.Option(
    None,
    "--catalog",
    metavar="PATH",
    help="The catalog to use, else PLUGREG_CATALOG names it, else it is the user's.",
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
