"""The pluggy manager of plugreg's own plug-ins: built-in sources, and those of other packages."""

from __future__ import annotations

import warnings
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

import pluggy

from . import hookspecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from importlib.metadata import EntryPoint

# The last one is asked first: a distribution's name is told apart from a path by itself.
BUILT_IN = ("directory", "sdist", "wheel", "module", "distribution")


@cache
def manager() -> pluggy.PluginManager:
    """Return the manager with all sources registered, made once a process.

    Outsiders register in the entry-point group "plugreg", and are asked before the built-in ones.
    One that cannot be imported or registered is left out with a RuntimeWarning.
    """
    made = pluggy.PluginManager(hookspecs.GROUP)
    made.add_hookspecs(hookspecs)
    for name in BUILT_IN:
        made.register(import_module(f".sources.{name}", __package__), f"plugreg.{name}")
    for entry in entry_points(group=hookspecs.GROUP):
        register_outsider(made, entry)
    return made


def register_outsider(made: pluggy.PluginManager, entry: EntryPoint) -> bool:
    """Load and register one outsider's source; False, and a RuntimeWarning, if it fails."""
    try:
        made.register(entry.load(), entry.name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is a stranger's module
        owner = _owner(entry)
        warnings.warn(
            f"plugreg's plug-in {entry.name!r} of {owner} is left out:"
            f" {type(error).__name__}: {error}; update or uninstall {owner}",
            RuntimeWarning,
            stacklevel=2,
        )
        if made.has_plugin(entry.name):  # pluggy keeps one whose hooks do not fit
            made.unregister(name=entry.name)
        return False
    return True


def owners_of(names: Collection[str]) -> list[str]:
    """Return the distributions that these plug-ins of plugreg are of; a built-in one is of none."""
    entries = list(entry_points(group=hookspecs.GROUP))  # 3.12's own has names for indices
    found = {entry.name: _owner(entry) for entry in reversed(entries)}
    return sorted({found[name] for name in names if name in found})


def _owner(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.value
