"""`plugreg completion`: what makes a shell complete commands, options and names."""

from __future__ import annotations

from importlib import resources

import typer

from plugreg.cli.result import Result
from plugreg.cli.spelling import require_known

from .asking import SHELLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugreg.cli.result import Item
    from plugreg.cli.screen import Screen

_SHELL: Any = typer.Argument(metavar="|".join(SHELLS), help="The shell that you type in.")


def print_completion(shell: str = _SHELL) -> Result:
    """Print what makes a shell complete commands, options and names.

    In ~/.bashrc or ~/.zshrc: eval "$(plugreg completion bash)", or zsh. For fish, write it to
    ~/.config/fish/completions/plugreg.fish.

    Example: plugreg completion bash
    """
    require_known("completion for", shell, SHELLS)
    script = resources.files(__package__).joinpath(f"plugreg.{shell}").read_text("utf-8")
    item = {"shell": shell, "script": script}
    return Result("completion", "completion", item, _text, verbatim=True)


def _text(completion: Item, _screen: Screen) -> Iterator[str]:
    yield from completion["script"].splitlines()
