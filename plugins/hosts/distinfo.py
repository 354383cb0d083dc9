"""What a host sees of a loaded plug-in's distribution, without paying for it until it asks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import Distribution
    from typing import Any

    from plugreg import Project


class ProjectDistribution:
    """The distribution of a project: name and version at once, the rest from importlib.metadata.

    importlib.metadata costs a start more than all else that plugreg does; most hosts ask only for
    name and version, and only when they list their plug-ins.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._found: Distribution | None = None

    @property
    def name(self) -> str:
        """The name as the project spells it."""
        return self._project.display_name

    @property
    def version(self) -> str:
        """The version."""
        return self._project.version

    @property
    def metadata(self) -> Any:
        """The core metadata, as importlib.metadata gives it."""
        return self._distribution().metadata

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._distribution(), name)

    def _distribution(self) -> Distribution:
        if self._found is None:
            import importlib.metadata

            self._found = importlib.metadata.distribution(self._project.display_name)
        return self._found
