"""What a catalog's other projects provide for one that is checked: as `plugreg run` would show it.

Only what it requires is shown, directly or by way of another: a plug-in that leans on what it does
not require is found out.
"""

from __future__ import annotations

from shlex import quote

from plugreg.names import normalize_name
from plugreg.plugins.hosts.gates.rules import required_by
from plugreg.plugins.hosts.gates.there import refused_there
from plugreg.plugins.standards import allows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.requirements import Requirement

    from plugreg import Project


class Others:
    """The other projects of a catalog, as far as a project requires them.

    Attributes:
        seen: Those that are on and can work in the environment, whose code comes from the catalog.
    """

    def __init__(
        self, project: Project, known: Iterable[Project], python: str, catalog: str
    ) -> None:
        """Look which there are.

        Args:
            project: The project that is checked.
            known: All projects of the catalog.
            python: The path of the environment's interpreter.
            catalog: The path of the catalog beside which verdicts may be kept.
        """
        others = {one.name: one for one in known if one.root and one.name != project.name}
        self._off = {name: one for name, one in others.items() if not one.enabled}
        on = {name: one for name, one in others.items() if one.enabled}
        required = required_by([project], on)
        refused = refused_there([project, *required], python, catalog) if required else {}
        self._refused = {name: reason for name, (reason, _) in refused.items()}
        self.seen = [one for one in required if one.name not in refused]
        self._seen = {one.name for one in self.seen}

    def remedy(self, need: Requirement) -> str:
        """Return what fulfils a requirement that is not fulfilled."""
        name = normalize_name(need.name)
        if name in self._seen:
            return f"plugreg add such a {name}: the catalog's hides any that is installed"
        if name in self._refused:
            return f"the catalog's cannot work here: {self._refused[name]}"
        off = self._off.get(name)
        if off is not None and allows(need.specifier, off.version):
            return f"plugreg enable {name}"
        return f"pip install {quote(str(need))}"
