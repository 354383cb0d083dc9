"""Reading what a user names as a project: the built-in sources and outsiders' are asked."""

from __future__ import annotations

import os

from plugreg import PlugregError, Project, SourceError, take_digest
from plugreg.backends import absolute
from plugreg.printable import safe

from .hosts.importing import reason_of
from .manager import manager, owners_of
from .outsiders import plugins_behind
from .request import ReadRequest


def read_project(
    source: str | os.PathLike[str],
    *,
    build: bool = False,
    python: str = "",
    group: str = "",
    name: str = "",
    home: str = "",
) -> Project:
    """Return the project that a source is; nothing of it is imported or run, unless `build`.

    The digest of its code is taken, too: adding the project approves that code.

    Args:
        source: A directory, a wheel, an sdist archive, a `.py` module, or the name of an installed
            distribution.
        build: Allow the project's own build backend to make its metadata (PEP 517).
        python: The environment whose distributions are meant: its folder or its interpreter; "" is
            this one.
        group: The host's entry-point group, for a bare module; other kinds say it themselves.
        name: The entry point's name, for a bare module.
        home: The folder of the layer that it is for, below which the code of archives is unpacked;
            "" is the user's data folder.

    Raises:
        SourceError: Nothing is there under that name (code "source-not-found"), it cannot be read,
            or a source of another package fails at it (code "source-plugin-failed").
    """
    text = os.fspath(source)
    request = ReadRequest(
        text, _path(text), build=build, python=python, group=group, name=name, home=home
    )
    found = _asked(request)
    if found is None:
        raise _not_taken(request)
    return with_digest(found)


def with_digest(project: Project) -> Project:
    """Return the project with the digest of its code as it is now."""
    return project._with(digest=take_digest(project))


def _asked(request: ReadRequest) -> Project | None:
    """Return what the first source says that knows its kind; a fault of an outsider's names it."""
    hook = manager().hook.plugreg_read_project
    try:
        found: Project | None = hook(request=request)
    except (PlugregError, KeyboardInterrupt):
        raise
    except OSError as error:
        raise SourceError(
            f"{error.filename or request.source} cannot be read: {error.strerror or error}",
            hint="mend or remove it, then add the project again",
            code="source-unreadable",
            path=str(error.filename or request.source),
        ) from error
    except BaseException as error:  # an outsider can exit as well
        owners = owners_of(plugins_behind(hook, error))
        if not owners:
            raise
        raise _at_fault(owners, request, reason_of(error)) from error
    fault = _fault_of(found)
    if fault:
        owners = owners_of([one.plugin_name for one in hook.get_hookimpls()])
        raise _at_fault(owners, request, fault)
    return found


def _fault_of(found: object) -> str:
    """Return what is wrong with what a source returned, "" where nothing is."""
    if not isinstance(found, Project | None):
        return f"it returned no Project but {type(found).__name__}"
    if found is not None and not found.source.location:
        return f"it does not say where {safe(found.display_name)} lies (`Source.location` is empty)"
    return ""


def _at_fault(owners: list[str], request: ReadRequest, reason: str) -> SourceError:
    named = " or ".join(owners)
    return SourceError(
        f"the source that {named} adds to plugreg failed at `{safe(request.source)}`: {reason}",
        hint=f"update or uninstall {named}",
        code="source-plugin-failed",
        source=request.source,
    )


def _path(source: str) -> str:
    if not source or "\0" in source or not os.path.exists(source):
        return ""
    return absolute(source)


def _not_taken(request: ReadRequest) -> SourceError:
    if request.path:
        return SourceError(
            f"{request.path} is neither a project's directory nor a wheel, sdist or .py module",
            hint="give one of these, or the name of an installed distribution",
            code="source-unknown",
            path=request.path,
        )
    if "://" in request.source:
        return SourceError(
            f"`{request.source}` is a URL, and plugreg reads what is here",
            hint="download it, and give its path: `pip download --no-deps` gets a wheel",
            code="source-not-found",
            source=request.source,
        )
    path = absolute(request.source.replace(chr(0), "?"))
    if os.path.dirname(request.source):
        return SourceError(
            f"{path} does not exist",
            hint="check the path",
            code="source-not-found",
            source=request.source,
        )
    from .sources.distribution import similar_name

    where = request.python or "plugreg's own environment"
    return SourceError(
        f"nothing is called `{safe(request.source)}`: neither a path ({path}) nor a"
        f" distribution that is installed in {where}",
        hint=similar_name(request.source, request.python)
        or "give a path, or name its environment with --python ENV",
        code="source-not-found",
        source=request.source,
    )
