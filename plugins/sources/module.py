"""A single `.py` module: the smallest plug-in there is, with its host said beside it or in it.

    # /// script
    # dependencies = ["httpx"]
    # [tool.plugreg]
    # group = "datasette"
    # name = "my-plugin"
    # attribute = "hooks"
    # version = "1.0"
    # hosts = {datasette = ">=0.60"}
    # ///

Without `attribute` the plug-in is the module itself. The options of the command line win over the
block. The file is parsed, never run.
"""

from __future__ import annotations

import os
import tokenize

from plugreg import EntryPoint, Source, SourceError, take_fingerprint
from plugreg.plugins.hookspecs import hookimpl
from plugreg.printable import safe

from .metadata.facts import Facts, make_project
from .metadata.literals import first_line_of_docstring, parse_module
from .metadata.requirements import checked_requirements, checked_specifiers, hosts_in
from .metadata.script_block import read_script_block
from .metadata.text import MAX_BYTES, require_short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg import Project
    from plugreg.plugins.request import ReadRequest

    from .metadata.table import Table


@hookimpl
def plugreg_read_project(request: ReadRequest) -> Project | None:
    """Read a bare module as a project; None where the source is not one."""
    path = request.path
    if not (path.endswith(".py") and os.path.isfile(path)):
        return None
    fingerprint = take_fingerprint(path)
    text = module_text(path)
    block = read_script_block(text, path)
    name = import_name(path)
    facts = Facts(
        path,
        name=name,
        version=block.table("tool.plugreg").text("version") or "0",
        summary=first_line_of_docstring(text, MAX_BYTES),
        entry_points=(entry_point(request, block, name),),
        requires_python=_requires_python(block),
        dependencies=_dependencies(block),
    )
    folder, file = os.path.split(path)
    return make_project(
        facts,
        Source("module", path),
        root=folder,
        modules={name: file},
        fingerprint=fingerprint,
        hosts=hosts_in(block),
    )


def module_text(path: str) -> str:
    """Return a module's text, in the encoding that it declares.

    Raises:
        SourceError: It cannot be read (code "source-unreadable"), or is no Python (code
            "source-invalid"), or longer than any.
    """
    try:
        with tokenize.open(path) as stream:
            text = stream.read()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}",
            hint="make it readable",
            code="source-unreadable",
            path=path,
        ) from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise _no_python(path) from error
    require_short(len(text), path)
    if parse_module(text, MAX_BYTES) is None:
        raise _no_python(path)
    return text


def import_name(path: str) -> str:
    """Return the name by which a module's file is imported.

    Raises:
        SourceError: It cannot be imported at all (code "name-invalid").
    """
    name = os.path.basename(path).removesuffix(".py")
    if name.isidentifier() and name.isascii():
        return name
    raise SourceError(
        f"{path} cannot be imported: `{safe(name)}` is no name of a module",
        hint="rename it, with letters, digits and '_' only",
        code="name-invalid",
        path=path,
    )


def entry_point(request: ReadRequest, block: Table, module: str) -> EntryPoint:
    """Return the module's one entry point, the host said by option or by its block.

    Raises:
        SourceError: Neither says the host (code "source-no-host").
    """
    table = block.table("tool.plugreg")
    group = request.group or table.text("group")
    if not group:
        raise SourceError(
            f"{request.path} does not say which host it is for",
            hint='pass --group GROUP, or add a script block with [tool.plugreg] group = "GROUP"',
            code="source-no-host",
            path=request.path,
        )
    attribute = table.text("attribute")
    value = f"{module}:{attribute}" if attribute else module
    return EntryPoint(group, request.name or table.text("name") or module, value)


def _requires_python(block: Table) -> str:
    text = block.text("requires-python") or ""
    return checked_specifiers(text, "requires-python", block.origin)


def _dependencies(block: Table) -> tuple[str, ...]:
    return checked_requirements(block.texts("dependencies") or (), "dependencies", block.origin)


def _no_python(path: str) -> SourceError:
    return SourceError(
        f"{path} is not a Python module: this Python cannot parse it",
        hint="correct its syntax",
        code="source-invalid",
        path=path,
    )
