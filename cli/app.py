"""The commands, each imported when it is called."""

from __future__ import annotations

import sys
from functools import wraps
from importlib import import_module

import typer
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from plugreg.trust import doubts_about

from .catalogs import chosen
from .completion.grammar import COMMANDS as GRAMMAR
from .screen import screen_of
from .spelling import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .result import Result

# Command -> module and function, in the order in which the help shows them.
COMMANDS = {
    "add": "add:add_projects",
    "list": "listing:list_projects",
    "show": "show:show_project",
    "remove": "switching:remove_projects",
    "enable": "switching:enable_projects",
    "disable": "switching:disable_projects",
    "set": "setting:set_project",
    "refresh": "refreshing:refresh_projects",
    "sync": "syncing:sync_group",
    "history": "history:list_history",
    "undo": "undoing:undo_change",
    "restore": "undoing:restore_project",
    "export": "exporting:export_catalog",
    "import": "importing:import_catalog",
    "check": "checking:check_project",
    "doctor": "doctoring:find_problems",
    "run": "hosting:run_host",
    "bisect": "bisecting:bisect_projects",
    "groups": "groups:list_groups",
    "tags": "groups:list_tags",
    "where": "where:show_catalog",
    "flavours": "flavours:list_flavours",
    "identify": "identify:identify_files",
    "migrate": "migrating:migrate_database",
    "dump": "dumping:dump_database",
    "load": "dumping:load_database",
    "completion": "completion.command:print_completion",
}
# Those whose arguments are another program's command line: its options are not plugreg's.
WITH_A_COMMAND_LINE = {"run", "bisect"}
# How wide typer's help is at least, and how much narrower than the terminal it is, in columns.
_NARROWEST_OF_TYPER, _MARGIN = 50, 2


# Where this class lives differs from version to version of typer.
_TyperFormatter: Any = typer.Context.formatter_class


class _Formatter(_TyperFormatter):  # type: ignore[misc]
    """Help whose options leave room for what they do, also on a narrow terminal."""

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, **how: Any) -> None:
        """Write terms and what they are; a long term has a line of its own."""
        super().write_dl(rows, min(col_max, max(self.width * 2 // 5, 10)), **how)


class _Context(typer.Context):
    formatter_class = _Formatter


class LazyGroup(TyperGroup):
    """The group of all commands; only those that are asked for are imported."""

    context_class = _Context

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        """Return the commands' names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - typer's signature
        """Return a command, imported now, or None where there is none of that name."""
        return make_command(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """Write every command with its whole summary, where typer's own would cut it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, GRAMMAR[name][0]) for name in COMMANDS])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is called; where there is none, say which was probably meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            hint = meant(args[0], COMMANDS)
            ctx.fail(f"no command `{args[0]}`" + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)


def make_app() -> Any:
    """Return the command line as typer's command object."""
    app = typer.Typer(
        name="plugreg",
        cls=LazyGroup,
        add_completion=False,  # `plugreg completion` answers without typer, which takes longer
        rich_markup_mode=None,  # help then needs no rich, and looks the same without it
        context_settings={
            "help_option_names": ["-h", "--help"],
            "terminal_width": _width_of_help(),
        },
    )
    app.callback()(_plugreg)
    return get_command(app)


def _width_of_help() -> int | None:
    """Return how wide help is on a narrow terminal, where typer would have it wider than that."""
    screen = screen_of(sys.stdout)
    narrow = screen.terminal and screen.width < _NARROWEST_OF_TYPER + _MARGIN
    return max(screen.width - _MARGIN, 1) if narrow else None


def make_command(name: str) -> Any:
    """Return one command of `COMMANDS` as typer's command object."""
    module, _, function = COMMANDS[name].partition(":")
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name)(_warning(getattr(import_module(f".{module}", __package__), function)))
    command: Any = get_command(single)
    command.context_class = _Context
    command.allow_interspersed_args = name not in WITH_A_COMMAND_LINE
    if all(param.name != "catalog" for param in command.params):
        command.params.append(_silent("--catalog", metavar="PATH", help="Taken, and not needed."))
    command.params.append(_silent("--json", is_flag=True, help="Print one JSON object instead."))
    return command


def _warning(function: Callable[..., Result | int]) -> Callable[..., Result | int]:
    """Return a command that also warns of a catalog, if it uses one, that others can change."""

    @wraps(function)
    def command(*arguments: Any, **options: Any) -> Result | int:
        result = function(*arguments, **options)
        if "catalog" not in options or isinstance(result, int):  # of a host that ran and ended
            return result
        if "command" in options:  # whose environment is the host's: it warns by itself
            return result
        doubted = chosen(
            options["catalog"], options.get("layer", ""), python=options.get("python", "")
        ).paths()
        doubts = [doubt for path in doubted for doubt in doubts_about(path)]
        if isinstance(result.warnings, list):  # it may still grow while the items are read
            result.warnings[:0] = doubts
            return result
        return result._replace(warnings=[*doubts, *result.warnings])

    return command


def _silent(flag: str, **how: Any) -> TyperOption:
    """Return an option that no command sees: the runner looks for it, or nobody needs it."""
    return TyperOption(param_decls=[flag], expose_value=False, **how)


def _show_version(value: bool) -> None:
    if value:
        import plugreg

        typer.echo(f"plugreg {plugreg.__version__}")
        raise typer.Exit


_VERSION: Any = typer.Option(
    False, "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
)


def _plugreg(*, version: bool = _VERSION) -> None:
    """Know the plug-ins of your Python applications, and switch them on and off."""
