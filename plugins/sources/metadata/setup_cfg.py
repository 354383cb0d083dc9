"""The `setup.cfg` of setuptools, declarative metadata older than `pyproject.toml`'s."""

from __future__ import annotations

import configparser

from plugreg import SourceError

from .entry_points_txt import parse_entries
from .facts import Facts
from .literals import literal_of, version_text
from .requirements import own_requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import EntryPoint
    from plugreg.plugins.sources.folder import ProjectFolder

SETUP_CFG = "setup.cfg"


def parse_setup_cfg(folder: ProjectFolder) -> configparser.RawConfigParser:
    """Return the sections of `setup.cfg`, none where the file is not there.

    Raises:
        SourceError: It is no such file (code "source-invalid"); the message names the line.
    """
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign] # groups keep their case
    try:
        parser.read_string(folder.text(SETUP_CFG) or "", source=folder.place(SETUP_CFG))
    except configparser.Error as error:
        raise SourceError(
            f"{folder.place(SETUP_CFG)} cannot be read: {' '.join(str(error).split())}",
            hint="correct the line",
            code="source-invalid",
            path=folder.place(SETUP_CFG),
        ) from error
    return parser


def read_setup_cfg(folder: ProjectFolder) -> Facts:
    """Return what `setup.cfg` says; what it does not may be in `setup.py`, and is left open."""
    parser = parse_setup_cfg(folder)
    requires = setting(parser, "options", "install_requires")
    return Facts(
        folder.place(SETUP_CFG),
        name=setting(parser, "metadata", "name"),
        version=_version(folder, parser),
        summary=setting(parser, "metadata", "description")
        or setting(parser, "metadata", "summary"),
        entry_points=_entry_points(folder, parser),
        requires_python=setting(parser, "options", "python_requires"),
        dependencies=None if requires is None else own_requirements(items(requires)),
    )


def require_version(folder: ProjectFolder, facts: Facts) -> None:
    """Check that a version which `setup.cfg` only points to was found.

    Raises:
        SourceError: It was not (code "source-dynamic"): it is no literal, or in no file.
    """
    pointer = setting(parse_setup_cfg(folder), "metadata", "version")
    if facts.version is None and pointer is not None:
        raise SourceError(
            f"{folder.place(SETUP_CFG)}: `version = {pointer}` cannot be read without running code",
            hint="pass --build to ask setuptools",
            code="source-dynamic",
            path=folder.place(SETUP_CFG),
            field="version",
        )


def setting(parser: configparser.RawConfigParser, section: str, key: str) -> str | None:
    """Return a setting, with "-" or "_" in its key, or None where it is not there."""
    for spelling in (key, key.replace("_", "-")):
        value = parser.get(section, spelling, fallback=None)
        if value is not None:
            return value.strip()
    return None


def items(text: str) -> list[str]:
    """Return the items of a list, one a line, or in one line between commas where it is short."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def file_text(folder: ProjectFolder, files: str) -> str | None:
    """Return the texts of the files named, a comma or line between, joined; None if one lacks."""
    texts = [
        folder.own_text(name.strip())
        for name in files.replace("\n", ",").split(",")
        if name.strip()
    ]
    known = [text for text in texts if text is not None]
    return "\n".join(known) if known and len(known) == len(texts) else None


def _version(folder: ProjectFolder, parser: configparser.RawConfigParser) -> str | None:
    value = setting(parser, "metadata", "version")
    if value is None:
        return None
    directive, _, argument = value.partition(":")
    if directive.strip() == "attr":
        return version_text(literal_of(folder, argument))
    if directive.strip() == "file":
        text = file_text(folder, argument)
        return None if text is None else text.strip()
    return value


def _entry_points(
    folder: ProjectFolder, parser: configparser.RawConfigParser
) -> tuple[EntryPoint, ...] | None:
    origin = folder.place(SETUP_CFG)
    for section in ("options.entry_points", "options.entry-points"):
        if parser.has_section(section):
            found: tuple[EntryPoint, ...] = ()
            for group, text in parser.items(section):
                found += parse_entries(text, group, origin)
            return found
    return None
