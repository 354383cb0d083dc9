"""Two processes that add and remove the same wheels at once share their unpacked code in peace."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from plugreg import ProjectNotFound, Registry, SourceError
from plugreg.plugins import read_project
from plugreg.unpacked import unpacked_folder

from .conftest import WHEEL_FILES, WHEEL_NAME, make_zip

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 40


def add_and_remove(wheel: str, catalog: str, number: int) -> tuple[int, int]:
    """Add and remove the wheel in a catalog, every third time in vain; (added, code missing)."""
    added = missing = 0
    for round_ in range(ROUNDS):
        try:
            with Registry.open(catalog, timeout_s=60) as registry, registry.batch():
                project = registry.add(read_project(wheel))
                missing += not os.path.isdir(os.path.join(project.root, "demo"))
                added += 1
                if (round_ + number) % 3 == 0:
                    raise ZeroDivisionError
        except SourceError as error:  # the code went between reading and recording
            assert error.code == "source-gone"
        except ZeroDivisionError:
            pass
        with Registry.open(catalog, timeout_s=60) as registry:
            with registry.batch():
                known = registry.get("demo")
                missing += known is not None and not os.path.isdir(known.root)
            try:
                registry.remove("demo")
            except ProjectNotFound:  # another did, or it was not added
                continue
    return added, missing


@pytest.mark.parametrize("catalogs", [("one", "two"), ("one", "one")], ids=["two", "one"])
def test_what_is_recorded_has_its_code(tmp_path: Path, catalogs: tuple[str, str]) -> None:
    """A recorded wheel's code is there, whoever lets go of it meanwhile; in the end all is gone."""
    wheel = str(make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES))
    paths = [str(tmp_path / name) for name in catalogs]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(add_and_remove, [wheel] * 2, paths, range(2)))
    assert [missing for _, missing in done] == [0, 0]
    assert all(added for added, _ in done)
    assert [name for name in os.listdir(unpacked_folder()) if not name.endswith(".lock")] == []
