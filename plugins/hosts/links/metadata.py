"""The `dist-info` of a project that is not installed: its own, or one written from its record."""

from __future__ import annotations

import os
import re

from plugreg.names import normalize_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project

# So that it fits into the name of a folder; the whole version is inside.
_MOST_OF_A_VERSION = 40


# What `importlib.metadata` reads as UTF-8, and ends the host where it is not.
_READ_AS_TEXT = ("METADATA", "entry_points.txt", "RECORD", "top_level.txt")


def add_dist_info(project: Project, site: str) -> None:
    """Link the project's own dist-info into the folder `site`, as wheels have it, or write one.

    One that hosts could not read is written from the record.
    """
    stem = _stem(project)
    folder = os.path.join(site, f"{stem}.dist-info")
    own = _own_dist_info(project)
    if own:
        os.symlink(own, folder)
        return
    os.mkdir(folder)
    _write(os.path.join(folder, "METADATA"), _metadata(project))
    _write(os.path.join(folder, "INSTALLER"), "plugreg\n")
    _write(os.path.join(folder, "entry_points.txt"), _entry_points_txt(project))
    _write(os.path.join(folder, "RECORD"), _record(project, f"{stem}.dist-info"))


def _stem(project: Project) -> str:
    """Return what the folder's name begins with: one part of a path, whatever a record says."""
    name, version = project.name, project.version[:_MOST_OF_A_VERSION]
    return "-".join(re.sub(r"[^\w.+!]", "_", part, flags=re.ASCII) for part in (name, version))


def _own_dist_info(project: Project) -> str:
    if project.source.kind != "wheel":  # elsewhere it can be older than the record
        return ""
    try:
        names = os.listdir(project.root)
    except OSError:  # lost; the report says so
        return ""
    for name in names:
        own = normalize_name(name.partition("-")[0]) == project.name
        if own and name.endswith(".dist-info"):
            folder = os.path.join(project.root, name)
            return folder if all(_is_utf8(folder, each) for each in _READ_AS_TEXT) else ""
    return ""


def _is_utf8(folder: str, name: str) -> bool:
    """Tell whether a file is text as hosts read it; one that is not there is."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            for _ in file:
                pass
    except UnicodeDecodeError:
        return False
    except OSError:
        return True
    return True


def _metadata(project: Project) -> str:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project.display_name}",
        f"Version: {project.version}",
        f"Summary: {project.summary}",
    ]
    if project.requires_python:
        lines.append(f"Requires-Python: {project.requires_python}")
    lines += [f"Requires-Dist: {dependency}" for dependency in project.dependencies]
    return "\n".join(lines) + "\n"


def _entry_points_txt(project: Project) -> str:
    lines = []
    for group in project.groups:
        lines.append(f"[{group}]")
        lines += [
            f"{entry.name} = {entry.value}"
            for entry in project.entry_points
            if entry.group == group
        ]
        lines.append("")
    return "\n".join(lines)


def _record(project: Project, dist_info: str) -> str:
    """Return what names the project's modules; pytest rewrites the assertions of those it finds.

    A package is named by its `__init__.py` alone: the rest comes and goes without us.
    """
    files = [
        f"{dist_info}/{name}" for name in ("METADATA", "INSTALLER", "entry_points.txt", "RECORD")
    ]
    for module, path in project.modules.items():
        *parents, last = module.split(".")
        if os.path.isfile(os.path.join(project.root, path, "__init__.py")):
            files.append("/".join([*parents, last, "__init__.py"]))
        elif os.path.isfile(os.path.join(project.root, path)):
            files.append("/".join([*parents, os.path.basename(path)]))
    return "".join(f"{file},,\n" for file in files)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
