"""Each hostile pickle as a record of a catalog: no command runs it, hangs, or takes much memory."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from plugreg import EntryPoint, Project, Registry, Source
from tests.conditions import once
from tests.hostile.pickles import PICKLES

if TYPE_CHECKING:
    from pathlib import Path

    from .commands import Commands, Done

pytestmark = once("the oldest and the newest Python are attacked", and_with_modules=True)

MOST_BYTES = 200 << 20
GOOD = Project(
    name="good",
    version="1.0",
    source=Source("directory", "/nowhere/good"),
    entry_points=[EntryPoint("host", "good", "good")],
)


def require_harmless(done: Done) -> None:
    """Fail where a command did more than it may, ended otherwise than by itself, or grew large."""
    assert "Traceback" not in done.err
    assert done.forbidden == []
    assert done.status in (0, 1)
    assert done.peak_bytes < MOST_BYTES


@pytest.mark.parametrize("name", PICKLES)
def test_a_record_is_unreadable_and_removable(
    commands: Commands, tmp_path: Path, name: str
) -> None:
    """It is listed as unreadable beside the good one, and `remove` takes it out."""
    with Registry.open(tmp_path / "catalog") as registry:
        registry.add(GOOD)
    connection = sqlite3.connect(tmp_path / "catalog")
    with connection:
        connection.execute("INSERT INTO Dict VALUES (?, ?)", (b"bad", PICKLES[name]))
    connection.close()
    before = sorted(tmp_path.iterdir())
    at = ("--catalog", "catalog")

    listed = commands.run(tmp_path, "list", "--json", *at)
    states = {one["name"]: one["state"] for one in json.loads(listed.out)["data"]["projects"]}
    assert states == {"bad": "unreadable", "good": "missing"}
    shown = commands.run(tmp_path, "show", "bad", *at)
    assert (shown.status, shown.err.startswith("plugreg: error: ")) == (1, True)
    told = commands.run(tmp_path, "doctor", *at)
    assert "bad" in told.out
    removed = commands.run(tmp_path, "remove", "bad", *at)
    assert removed.status == 0
    for done in (listed, shown, told, removed):
        require_harmless(done)
    assert commands.run(tmp_path, "list", *at).out.split("\t")[0] == "good"
    assert sorted(tmp_path.iterdir()) == before


def test_there_are_enough() -> None:
    """At least sixty, and each another one."""
    assert len(set(PICKLES.values())) == len(PICKLES) >= 60
