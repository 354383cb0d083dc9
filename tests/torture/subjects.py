"""What is tortured: a raw store or a registry, and random changes with what they lead to.

A change of a raw store sets a key to a value; one of a registry sets a name to (version, enabled,
priority), where one of the three is another than before. None removes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugreg import Project, Registry, Source, backends
from tests.torture.steps import some_steps

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

    from tests.torture.steps import State, Step

    Together = Callable[[], AbstractContextManager[None]]

TIMEOUT_S = 60.0
CATALOG_FLAVOURS = ("sqlite3", "dumb", "gnu", "gnu-ndbm", "berkeley-hash", "ndbm")


class Opened:
    """An open database, changed step by step; a context manager."""

    def __init__(
        self,
        opened: backends.Store | Registry,
        together: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Use what is open; `together` makes several changes one."""
        self._opened = opened
        self._together = together

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._opened.close()

    def apply(self, step: Step) -> None:
        """Make the changes of one step; acknowledged when this returns."""
        if len(step) == 1:
            self._change(*step[0])
            return
        with self._together():
            for change in step:
                self._change(*change)

    def _change(self, key: Any, value: Any) -> None:
        raise NotImplementedError


class RawStore(Opened):
    """A store, changed by key and value."""

    name = "store"

    def __init__(self, path: Path, flavour: str | None = None) -> None:
        """Open it, and make it where it is missing."""
        self._store = backends.open(path, flavour, "c", timeout_s=TIMEOUT_S)
        super().__init__(self._store, self._store.transaction)

    def _change(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            del self._store[key]
        else:
            self._store[key] = value

    def state(self) -> State:
        """Return what it holds, every byte looked at."""
        self._store.verify()
        return dict(self._store)

    @staticmethod
    def look(path: Path) -> State | None:
        """Return what a reader sees now, or None where there is nothing yet."""
        try:
            with backends.open(path, timeout_s=TIMEOUT_S) as store:
                return dict(store.scan())
        except backends.CatalogNotFound:
            return None

    @staticmethod
    def steps(state: State, chance: random.Random) -> Iterator[tuple[Step, State]]:
        """Yield steps without an end, each with what it leads to."""

        def value() -> bytes:
            return chance.randbytes(chance.choice((0, 1, 40, 700, 2500)))

        yield from some_steps(state, chance, [b"key %d" % n for n in range(40)], lambda _: value())


class WholeRegistry(Opened):
    """A registry, changed by adding, switching, ordering and removing projects."""

    name = "registry"

    def __init__(self, path: Path, flavour: str | None = None) -> None:
        """Open it, and make it where it is missing."""
        self._registry = Registry.open(path, flavour=flavour, timeout_s=TIMEOUT_S)
        super().__init__(self._registry, self._registry.batch)

    def _change(self, name: str, wanted: tuple[int, bool, int] | None) -> None:
        registry = self._registry
        if wanted is None:
            registry.remove(name)
            return
        version, enabled, priority = wanted
        known = registry.get(name)
        if known is None or known.version != str(version):
            source = Source("directory", f"/src/{name}")
            registry.add(Project(name=name, version=str(version), source=source))
        elif known.enabled != enabled:
            (registry.enable if enabled else registry.disable)(name)
        else:
            registry.set(name, priority=priority)

    def state(self) -> State:
        """Return what it holds, every byte looked at."""
        self._registry._catalog.store.verify()
        return _of_projects(self._registry)

    @staticmethod
    def look(path: Path) -> State | None:
        """Return what a reader sees now; a registry that is not there yet is empty."""
        with Registry.open(path, read_only=True, timeout_s=TIMEOUT_S) as registry:
            return _of_projects(registry)

    @staticmethod
    def steps(state: State, chance: random.Random) -> Iterator[tuple[Step, State]]:
        """Yield steps without an end, each with what it leads to."""

        def value(old: tuple[int, bool, int] | None) -> tuple[int, bool, int]:
            if old is None:
                return chance.randrange(1_000_000), True, 0
            version, enabled, priority = old
            return chance.choice(
                [
                    (version + 1, enabled, priority),
                    (version, not enabled, priority),
                    (version, enabled, priority + 1),
                ]
            )

        yield from some_steps(state, chance, [f"project-{n}" for n in range(25)], value)


SUBJECTS = {subject.name: subject for subject in (RawStore, WholeRegistry)}
Subject = RawStore | WholeRegistry


def _of_projects(registry: Registry) -> State:
    found: State = {}
    for project in registry.scan():
        if not isinstance(project, Project):
            raise project
        found[project.name] = (int(project.version), project.enabled, project.priority)
    return found
