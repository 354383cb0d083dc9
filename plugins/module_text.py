"""The text of a module of ours that is run elsewhere, wherever it lies: in a zip file, too."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import InspectLoader
    from types import ModuleType


def text_of(module: ModuleType) -> str:
    """Return a module's source."""
    loader: InspectLoader = module.__loader__  # type: ignore[assignment]
    text = loader.get_source(module.__name__)
    assert text is not None, module
    return text
