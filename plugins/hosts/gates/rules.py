"""What is known of a project before its code is imported: whether it can work here at all.

Imports packaging and importlib.metadata: `examination` comes here only when something changed.
"""

from __future__ import annotations

import shlex

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier
from packaging.version import InvalidVersion

from plugreg.names import normalize_name
from plugreg.plugins.environments import Environment
from plugreg.plugins.standards import applies, requirement_of, specifiers_of, version_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from packaging.requirements import Requirement

    from plugreg import Project


class Gates:
    """What projects have to pass in this environment, for one host."""

    def __init__(
        self,
        hosts: Collection[str],
        linked: Collection[str],
        environment: Environment | None = None,
        refused: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """Look at nothing yet.

        Args:
            hosts: Normalised names that the host's distribution may have.
            linked: Normalised names of the catalog's projects that are importable besides.
            environment: Where they are to work; None is the environment of this process.
            refused: Normalised name to reason and fix of the catalog's projects that cannot work.
        """
        self._hosts = hosts
        self._linked = linked
        self._environment = environment or Environment()
        self._refused = refused or {}
        self._versions: dict[str, str | None] = {}

    def obstacle(self, project: Project) -> tuple[str, str] | None:
        """Return why a project cannot work here, and the fix, or None.

        A requirement that is none by the standards hinders nothing.
        """
        return next(self.obstacles(project), None)

    def obstacles(self, project: Project) -> Iterator[tuple[str, str]]:
        """Yield all that keeps a project from working here, each with its fix."""
        requirements = list(requirements_of(project, self._environment))
        for look in (self._python, self._host, self._missing):
            found = look(project, requirements)
            if found is not None:
                yield found

    def _python(self, project: Project, _: list[Requirement]) -> tuple[str, str] | None:
        wanted, here = project.requires_python or "", self._environment.python_version
        if _fits(wanted, here):
            return None
        fix = f"run the host with such a Python, or plugreg disable {project.name}"
        return f"it needs Python {wanted}, and this is {here}", fix

    def unfit_host(
        self, project: Project, requirements: Iterable[Requirement] = ()
    ) -> tuple[str, str, str] | None:
        """Return a host whose version does not fit, which would, and which is here; or None.

        What a project's `hosts` says of the host counts, else what a requirement says.
        """
        said = {host: versions for host, versions in project.hosts.items() if host in self._hosts}
        if not said:
            named = ((normalize_name(one.name), one) for one in requirements)
            said = {name: str(one.specifier) for name, one in named if name in self._hosts}
        for host, wanted in said.items():
            here = self._version(host)
            if here is not None and not _fits(wanted, here):
                return host, wanted, here
        return None

    def _host(self, project: Project, requirements: list[Requirement]) -> tuple[str, str] | None:
        unfit = self.unfit_host(project, requirements)
        if unfit is None:
            return None
        host, wanted, here = unfit
        fix = f"install such a version of {host}, or plugreg disable {project.name}"
        return f"it needs {host} {wanted}, and this is {here}", fix

    def _missing(self, project: Project, requirements: list[Requirement]) -> tuple[str, str] | None:
        missing = [one for one in requirements if not self._is_there(normalize_name(one.name))]
        for name in (normalize_name(one.name) for one in missing):
            if name in self._refused:
                fix = f"see to {name} first, or plugreg disable {project.name}"
                return f"it needs {name}, which cannot work here: {self._refused[name][0]}", fix
        if not missing:
            return None
        named = " and ".join(_shown(one) for one in missing)
        fix = " ".join(_argument(one) for one in missing)
        absent = "is" if len(missing) == 1 else "are"
        return (
            f"it needs {named}, which {absent} not installed here",
            f"pip install {fix} or plugreg add it, or plugreg disable {project.name}",
        )

    def _is_there(self, name: str) -> bool:
        """Tell whether a distribution, a linked project, or at least a module is called so.

        The host itself is, whatever it was installed as: it is running.
        """
        if name in self._hosts or name in self._linked or self._version(name) is not None:
            return True
        return self._environment.has_module(module_named_as(name))

    def _version(self, name: str) -> str | None:
        if name not in self._versions:
            self._versions[name] = self._environment.version(name)
        return self._versions[name]


def installed_elsewhere(project: Project) -> tuple[str, str]:
    """Return why a distribution that is installed in another environment only is none here."""
    reason = f"it is installed in another environment: {project.source.location}"
    return reason, f"pip install {project.name} here, or plugreg disable {project.name}"


def module_named_as(distribution: str) -> str:
    """Return the module that a requirement is taken to be fulfilled by, if it is there."""
    return normalize_name(distribution).replace("-", "_")


def requirement_names(project: Project) -> Iterator[str]:
    """Yield the names of all distributions that a project requires anywhere."""
    for text in project.dependencies:
        try:
            yield requirement_of(text).name
        except InvalidRequirement:
            continue


def required_by(projects: Iterable[Project], known: Mapping[str, Project]) -> list[Project]:
    """Return those of the known projects that some projects require, and that those require.

    Args:
        projects: Those that require.
        known: Normalised name to project.
    """
    found: dict[str, Project] = {}
    waiting = list(projects)
    while waiting:
        names = {normalize_name(name) for name in requirement_names(waiting.pop())}
        new = [known[name] for name in sorted(names & known.keys() - found.keys())]
        found.update({one.name: one for one in new})
        waiting += new
    return list(found.values())


def requirements_of(project: Project, environment: Environment) -> Iterator[Requirement]:
    """Yield the requirements that count there; the others are of another system or Python."""
    for text in project.dependencies:
        try:
            requirement = requirement_of(text)
        except InvalidRequirement:
            continue
        if applies(requirement, environment.markers):
            yield requirement


def _fits(wanted: str, here: str) -> bool:
    """Tell whether a version fits; where one of the two is none by PEP 440, it does."""
    try:
        return specifiers_of(wanted).contains(version_of(here), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True


def _shown(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"


def _argument(requirement: Requirement) -> str:
    """Return what pip takes, quoted for a shell where it has to be."""
    return shlex.quote(_shown(requirement))
