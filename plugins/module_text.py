"""The text of a module of ours that is run elsewhere, wherever it lies: in a zip file, too."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import ResourceLoader
    from types import ModuleType


def text_of(module: ModuleType) -> str:
    """Return a module's source.

    Asked of the loader by the file's name: files, zip files and pytest's rewriting of assertions,
    under which the modules of an installed plugreg are loaded, all have that.
    """
    loader: ResourceLoader = module.__loader__  # type: ignore[assignment]
    assert module.__file__ is not None, module
    return loader.get_data(module.__file__).decode()
