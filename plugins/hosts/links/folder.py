"""A folder of links to projects' own packages and modules, as site-packages would hold them."""

from __future__ import annotations

import os

from plugreg.names import is_module_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project

# How much of a name that is none a reason shows.
_SHOWN = 200


class Notes:
    """What is to be remembered of an overlay under way.

    Attributes:
        conflicts: Project name to the reason why its code is not linked.
        watched: Folders to their mtimes, such as those that were opened up, whose new files need
            new links: a change of one makes all of it an old one.
        memo: What else is to be kept, one line of text.
    """

    def __init__(self) -> None:
        self.conflicts: dict[str, str] = {}
        self.watched: dict[str, str] = {}
        self.memo = ""


class LinkFolder:
    """One folder of links under way; it is made with the first of them."""

    def __init__(self, folder: str, notes: Notes) -> None:
        self._folder = folder
        self._notes = notes

    def add(self, project: Project) -> None:
        """Link all modules of a project; one that is another's already is a conflict."""
        os.makedirs(self._folder, exist_ok=True)
        for module, path in sorted(project.modules.items()):
            self._add(project, module, path)

    def _add(self, project: Project, module: str, path: str) -> None:
        target = os.path.join(project.root, *path.split("/"))
        if not is_module_place(module, path):
            said = f"{module[:_SHOWN]!r} at {path[:_SHOWN]!r}"
            self._notes.conflicts[project.name] = f"{said} is no module of it"
        elif os.path.exists(target):  # else importing it says what is missing
            link = os.path.join(self._folder, *_link_parts(module, target))
            try:
                self._refuse_another_form(module.rpartition(".")[2], link)
                self._link(target, link)
            except FileExistsError:
                reason = f"another project has the same module `{module}`"
                self._notes.conflicts[project.name] = reason

    @staticmethod
    def _refuse_another_form(module: str, link: str) -> None:
        """Raise where a file has the name of a package, or the other way round: one hides both."""
        folder, own = os.path.split(link)
        others = os.listdir(folder) if os.path.isdir(folder) else ()
        for name in others:
            if name != own and name.partition(".")[0] == module:
                raise FileExistsError(os.path.join(folder, name))

    def _link(self, target: str, link: str) -> None:
        """Link `target`, sharing folders that are no package of one project alone.

        Two projects may have parts of one namespace package: the folders become real ones with
        links inside. A dotted name below a package that is linked already opens that link up in the
        same way.
        """
        self._make_real(os.path.dirname(link))
        if not os.path.lexists(link):
            os.symlink(target, link)
            return
        if os.path.realpath(link) == os.path.realpath(target):
            return
        if not (_is_namespace(link) and _is_namespace(target)):
            raise FileExistsError(link)
        if os.path.islink(link):
            self._open_up(link)
        self._watch(target)
        for name in sorted(os.listdir(target)):
            if name != "__pycache__":
                self._link(os.path.join(target, name), os.path.join(link, name))

    def _make_real(self, folder: str) -> None:
        """Make everything from this folder down to `folder` a folder, and not a link to one."""
        if folder == self._folder:
            return
        self._make_real(os.path.dirname(folder))
        if os.path.islink(folder):
            self._open_up(folder)
        elif not os.path.isdir(folder):
            os.mkdir(folder)

    def _open_up(self, link: str) -> None:
        """Turn a link to a folder into a folder of links."""
        target = os.readlink(link)
        self._watch(target)
        os.unlink(link)
        os.mkdir(link)
        for name in os.listdir(target):
            if name != "__pycache__":
                os.symlink(os.path.join(target, name), os.path.join(link, name))

    def _watch(self, folder: str) -> None:
        self._notes.watched[folder] = str(os.stat(folder).st_mtime_ns)


def _link_parts(module: str, target: str) -> list[str]:
    """Return where the link to a module lies: a file keeps its suffix, all of it."""
    *parents, last = module.split(".")
    if os.path.isdir(target):
        return [*parents, last]
    return [*parents, os.path.basename(target)]


def _is_namespace(folder: str) -> bool:
    return os.path.isdir(folder) and not os.path.exists(os.path.join(folder, "__init__.py"))
