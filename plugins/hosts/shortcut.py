"""Finding an overlay's modules without asking every folder before it for each of them.

The overlay comes last on `sys.path`, so Python asks all other folders first, and again for each
module: of a hundred plug-ins that is a tenth of a start. A shortcut knows which of the modules none
of those folders has, and stands aside where the way to the overlay is not the one that it looked
at. What comes to a folder meanwhile it may miss until `importlib.invalidate_caches`, which is what
Python says of its own finders.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import FileFinder, ModuleSpec, PathFinder, SourceFileLoader

from .overlay import BACK, SITE_FOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .overlay import Overlay

# What Python keeps for a folder, and for what is not there. Others, such as that of a zip file, are
# asked for each module, as Python does.
_OF_FOLDERS = (FileFinder, type(None))


class Shortcut:
    """A finder for `sys.meta_path`, right before the one that searches `sys.path`.

    What other finders before that one find, they still do.
    """

    def __init__(self, overlay: Overlay) -> None:
        """Prepare a shortcut to an overlay that was entered."""
        self._folder = os.path.join(overlay.folder, BACK)
        self._only_here = overlay.memo.split()
        self._modules: set[str] = set()
        self._way: list[Any] = []
        self._others: list[Any] = []

    def enter(self) -> None:
        """Find the overlay's modules from now on, where nothing else has their names."""
        if PathFinder not in sys.meta_path or os.environ.get("PYTHONCASEOK"):
            return
        sys.meta_path.insert(sys.meta_path.index(PathFinder), self)
        try:
            self._ask_all_once()
            self._way = self._way_now()
            self._others = [each for each in self._way[2::2] if type(each) not in _OF_FOLDERS]
            taken = {
                name.partition(".")[0] for folder in self._folders() for name in os.listdir(folder)
            }
            if all(hasattr(each, "find_spec") for each in self._others):
                self._modules = set(self._only_here) - taken
        except Exception:  # noqa: BLE001 - a finder of somebody else's: each import meets it anyway
            return

    def leave(self) -> None:
        """Find nothing any more."""
        self.invalidate_caches()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def invalidate_caches(self) -> None:
        """Stand aside: `importlib.invalidate_caches` tells every finder."""
        self._modules = set()

    def find_spec(
        self, name: str, _path: object = None, _target: object = None
    ) -> ModuleSpec | None:
        """Return the spec of a module in the overlay; of any other None: the next one is asked."""
        if name not in self._modules or not self._is_same_way():
            return None
        if any(other.find_spec(name) is not None for other in self._others):
            return None
        found = self._in_one_file(name) or PathFinder.find_spec(name, [self._folder])
        return found if found is not None and found.loader is not None else None  # no namespaces

    def _in_one_file(self, name: str) -> ModuleSpec | None:
        """Return the spec of a module that is one file; an overlay has no other form of it."""
        path = os.path.join(self._folder, f"{name}.py")
        if not os.access(path, os.F_OK):
            return None
        spec = ModuleSpec(name, SourceFileLoader(name, path), origin=path)
        spec.has_location = True
        return spec

    def _ask_all_once(self) -> None:
        """Have Python make a finder for each entry of the path that has none yet."""
        before = sys.path[: sys.path.index(self._folder)]
        PathFinder.find_spec(self._only_here[0], before)

    def _is_same_way(self) -> bool:
        try:
            return self._way_now() == self._way
        except (LookupError, ValueError, OSError):
            return False

    def _way_now(self) -> list[Any]:
        """Return what Python asks before the overlay: the next finder, then each entry and its own.

        Raises:
            LookupError: No finder is next, or Python has none for a place yet.
            ValueError: The overlay is not on the path any more.
            OSError: The working folder is gone.
        """
        way: list[Any] = [sys.meta_path[sys.meta_path.index(self) + 1]]
        for entry in sys.path[: sys.path.index(self._folder)]:
            if isinstance(entry, str):  # Python itself skips what is no text
                way += (entry, sys.path_importer_cache[entry or os.getcwd()])
        return way

    def _folders(self) -> Iterator[str]:
        """Yield the folders on the way of which the overlay does not know what is in them.

        Raises:
            LookupError: The next finder is not that of `sys.path`.
        """
        next_finder, *rest = self._way
        if next_finder is not PathFinder:
            raise LookupError
        for entry, finder in zip(rest[::2], rest[1::2], strict=True):
            if type(finder) is FileFinder and not (
                entry == finder.path and os.path.basename(entry) in SITE_FOLDERS
            ):
                yield finder.path
