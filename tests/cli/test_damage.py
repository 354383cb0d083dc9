"""A catalog whose file is damaged: every command that meets it names the one that helps."""

from __future__ import annotations

import os
import re
import shlex

import pytest

from plugreg import EntryPoint, Project, Registry, Source, backends

FLAVOURS = ("sqlite3", "gnu", "gnu-ndbm", "dumb", "berkeley-hash")
NAMES = [f"plugin-{number:03}" for number in range(200)]


@pytest.fixture(params=FLAVOURS)
def flavour(request):
    """A flavour that a catalog can have, and whose files are written here."""
    return request.param


@pytest.fixture
def damaged(flavour, tmp_path):
    """The path of a catalog whose file lost a part, with a blank and a quote in its name."""
    path = str(tmp_path / "it's mine")
    with Registry.open(path, flavour=flavour) as registry, registry.batch():
        for name in NAMES:
            entry = EntryPoint("greeter", name, name.replace("-", "_"))
            source = Source("directory", f"/src/{name}")
            registry.add(Project(name=name, version="1", source=source, entry_points=[entry]))
    files = backends.require_flavour(flavour).files(backends.identify(path).path)
    largest = max(filter(os.path.exists, files), key=os.path.getsize)
    _damage(largest, whole_head=not flavour.startswith("gnu"))
    return path


def test_doctor_tells_damage_once(plugreg, damaged):
    """Whoever else comes by it; and the command for another flavour can be copied, too."""
    problems = plugreg("doctor", "--json", PLUGREG_CATALOG=damaged).object["data"]["problems"]
    told = [(each["code"], each["message"]) for each in problems]
    assert len(told) == len(set(told))
    for each in problems:
        if each["code"] == "flavour-not-pinned":
            assert each["hint"].startswith(f"`plugreg migrate {shlex.quote(damaged)}` makes")


def _damage(file, *, whole_head):
    """Cut a file; GDBM's, which tells at its end where records are, loses what its header says."""
    if whole_head:
        os.truncate(file, os.path.getsize(file) * 2 // 3)
    else:
        with open(file, "r+b") as opened:
            opened.seek(16)
            opened.write(b"\xee" * 48)


@pytest.mark.parametrize(
    "command", ["list", "where", "doctor", "history", "show plugin-199", "run"]
)
def test_the_command_that_helps_is_named(plugreg, damaged, command):
    """With its path, as a shell takes it; and it does help."""
    words = ["run", "--", "true"] if command == "run" else command.split()
    met = plugreg(*words, PLUGREG_CATALOG=damaged)
    told = re.search("`plugreg (migrate .* --salvage)` takes what is whole", met.out + met.err)
    assert told, (met.out, met.err)
    assert plugreg(*shlex.split(told[1])).status == 0
    after = plugreg("list", "--columns", "name", PLUGREG_CATALOG=damaged)
    assert after.status == 0, after.err
    assert after.lines
    assert set(after.lines) <= set(NAMES)
