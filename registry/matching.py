"""Making a catalog hold what a list says, and nothing else."""

from __future__ import annotations

from plugreg.backends import PlugregError, SchemaTooNew

from .change import Difference
from .fingerprint import looks_as_recorded
from .project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .catalog_view import CatalogView


def differences_to(view: CatalogView, projects: Iterable[Project]) -> list[Difference]:
    """Return what would have to be done so that a catalog holds these projects, sorted by name.

    Raises:
        SchemaTooNew: It holds a record of a later plugreg, which would be lost.
        PlugregError: Two of the projects have the same name (code "name-taken").
    """
    wanted: dict[str, Project] = {}
    for project in projects:
        if project.name in wanted:
            raise PlugregError(
                f"two projects are called {project.name}",
                hint="name one of them",
                code="name-taken",
            )
        wanted[project.name] = project
    catalog = view._catalog
    held = {key.decode(errors="surrogateescape"): key for key in catalog.project_keys()}
    found = (
        Difference(name, catalog.held(held[name]) if name in held else None, wanted.get(name))
        for name in sorted({*wanted, *held})
    )
    different = [each for each in found if not _is_the_same(each)]
    _require_known(view, different)
    return different


def _is_the_same(each: Difference) -> bool:
    """Tell whether nothing has to be done: how a source looked where it was read is of there.

    A fingerprint holds the times of files, which each machine has its own of; where a start has
    taken those of this one, the record is of this machine, and no other.
    """
    before, after = each.before, each.after
    if before == after:
        return True
    if not (isinstance(before, Project) and isinstance(after, Project)):
        return False
    if before.fingerprint == after.fingerprint or not looks_as_recorded(before):
        return False
    return after._with(fingerprint=before.fingerprint, updated_at=before.updated_at) == before


def _require_known(view: CatalogView, different: list[Difference]) -> None:
    newer = []
    for each in different:
        if isinstance(each.before, bytes):
            try:
                view._catalog[each.name]
            except SchemaTooNew:
                newer.append(each.name)
            except (PlugregError, KeyError):
                continue
    if newer:
        raise SchemaTooNew(
            f"a later plugreg wrote {', '.join(newer)}, which would be lost",
            hint="upgrade plugreg, or remove them first; nothing was changed",
            names=newer,
        )
