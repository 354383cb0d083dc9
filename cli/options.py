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
    help="The one catalog to use, else PLUGREG_CATALOG names it, else there are layers.",
)
LAYER: Any = typer.Option(
    "",
    "--layer",
    metavar="environment|user|site",
    help="Only the catalog of that layer.",
)
LAYER_TO_CHANGE: Any = typer.Option(
    "",
    "--layer",
    metavar="environment|user|site",
    help="The layer whose catalog is changed.",
)
PYTHON: Any = typer.Option(
    "",
    "--python",
    metavar="ENV",
    help="The environment that is meant, its folder or its interpreter; else plugreg's own.",
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
)
NAMES: Any = typer.Argument(
    metavar="NAME...",
    help="Projects, each by its name or that of an entry point or module of it.",
)
FROM: Any = typer.Option(
    None, "--from", metavar="FLAVOUR", help="What the file is, where its bytes do not say."
)
DATABASE: Any = typer.Option(
    None, "--database", metavar="NAME", help="Which one, of a Berkeley DB file of several."
)
ONE_VALUE: Any = typer.Option(
    None,
    "--duplicates",
    metavar="first|last",
    help="Which value to keep of a key that has several.",
)
