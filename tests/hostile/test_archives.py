"""Each hostile archive given to `add`: nothing runs, lands outside, or is left over."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.conditions import once
from tests.hostile.archives import ARCHIVES

from .test_pickles import require_harmless

if TYPE_CHECKING:
    from pathlib import Path

    from .commands import Commands

pytestmark = once("the oldest and the newest Python are attacked", and_with_modules=True)

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("name", ARCHIVES)
def test_add_answers_and_does_no_more(commands: Commands, tmp_path: Path, name: str) -> None:
    """The code of the error, or a project; in bounded memory, and only where it belongs."""
    case = ARCHIVES[name]
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    (folder / case.file).write_bytes(case.make())

    done = commands.run(folder, "add", case.file, "--json", "--catalog", "catalog")
    require_harmless(done)
    told = json.loads(done.out)
    code = "".join(one["code"] for one in told["errors"])
    assert code in case.code.split("|")
    assert CONTROL.findall(done.out + done.err) == []

    listed = commands.run(folder, "list", "--json", "--catalog", "catalog")
    require_harmless(listed)
    projects = [one["name"] for one in json.loads(listed.out)["data"]["projects"]]
    assert projects == ([] if code else ["demo"])
    assert {path.name for path in folder.iterdir()} <= {case.file, "catalog", "data"}
    assert [path for path in tmp_path.rglob("*") if path.parent in folder.parents] == [
        tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c",
    ]  # fmt: skip
    assert not list(tmp_path.parent.glob("*evil*"))
    unpacked = (folder / "data" / "plugreg" / "unpacked").glob("*")
    assert sum(path.is_dir() for path in unpacked) == (not code)  # else a lock's file at most


def test_there_are_enough() -> None:
    """At least sixty."""
    assert len(ARCHIVES) >= 60
