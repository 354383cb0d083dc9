"""Many writers at once, of one database: what each must find of its own in the end."""

from __future__ import annotations

import os
import random
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from plugreg import Project, Registry, Source, backends, open_shelf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# As long as a crowd may take: this is not about who is served first.
TIMEOUT_S = 600.0
Expected = dict[str, object]


def in_processes(work: Callable[[int], object], writers: int) -> int:
    """Let so many forked processes work at once; how many failed."""
    children = [_forked(work, number) for number in range(writers)]
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


def in_threads(work: Callable[[int], object], writers: int) -> int:
    """Let so many threads work at once; how many failed."""
    failed: list[int] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException:  # counted, and shown
            traceback.print_exc()
            failed.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(failed)


def _forked(work: Callable[[int], object], number: int) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work(number)
        status = 0
    except BaseException:  # the status says it
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(status)


def change_store(path: Path, flavour: str, number: int, changes: int) -> Expected:
    """Set, change and remove a writer's own keys, opening the store for each change."""
    expected: Expected = {}
    for key, value in _changes(number, changes):
        with backends.open(path, flavour, "c", timeout_s=TIMEOUT_S) as store:
            assert store.get(key.encode()) == expected.get(key), "another's value is here"
            if value is None:
                del store[key.encode()]
                del expected[key]
            else:
                store[key.encode()] = expected[key] = b"%d " % value * (value % 300)
    return expected


def change_registry(path: Path, flavour: str, number: int, changes: int) -> Expected:
    """Add, switch and remove a writer's own projects."""
    expected: Expected = {}
    for name, value in _changes(number, changes):
        with Registry.open(path, flavour=flavour, timeout_s=TIMEOUT_S) as registry:
            found = registry.get(name)
            shown = found and (found.version, found.enabled)
            assert shown == expected.get(name), "another's project is here"
            if value is None:
                registry.remove(name)
                del expected[name]
            elif found is None or value % 2:
                source = Source("directory", f"/src/{name}")
                added = registry.add(Project(name=name, version=str(value), source=source))
                expected[name] = (str(value), added.enabled)
            else:
                switched = (registry.disable if found.enabled else registry.enable)(name)
                expected[name] = (found.version, switched.enabled)
    return expected


def change_shelf(path: Path, number: int, changes: int, shelf: object = None) -> Expected:
    """Set, change and remove a writer's own keys of one shelf that all threads share."""
    del path
    expected: Expected = {}
    for key, value in _changes(number, changes):
        if value is None:
            del shelf[key]  # type: ignore[attr-defined]
            del expected[key]
        else:
            shelf[key] = expected[key] = {"value": value}  # type: ignore[index]
    return expected


def found_in_store(path: Path) -> Expected:
    """Return what a store holds in the end."""
    with backends.open(path) as store:
        store.verify()
        return {key.decode(): value for key, value in store.items()}


def found_in_registry(path: Path) -> Expected:
    """Return what a registry holds in the end."""
    with Registry.open(path, read_only=True, verify=True) as registry:
        return {project.name: (project.version, project.enabled) for project in registry}


def found_in_shelf(path: Path) -> Expected:
    """Return what a shelf holds in the end."""
    with open_shelf(path, "r") as shelf:
        return dict(shelf)


def _changes(number: int, changes: int) -> list[tuple[str, int | None]]:
    """Return a writer's changes, the same each time: key, and a number or None to remove it."""
    chance = random.Random(number)
    there: set[str] = set()
    made: list[tuple[str, int | None]] = []
    for _ in range(changes):
        key = f"writer{number}-{chance.randrange(10)}"
        gone = key in there and chance.random() < 0.25
        made.append((key, None if gone else chance.randrange(10_000)))
        (there.discard if gone else there.add)(key)
    return made
