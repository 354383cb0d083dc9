"""What the command line shows of a plug-in that ended the starts that imported it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HOST = "import pluggy, sys; from plugreg import plugins;"
HOST += "print(plugins.load(pluggy.PluginManager('group')))"


@pytest.fixture
def evil(plugreg, tmp_path, environment):
    """Record a plug-in that ends the process, and start its host twice."""
    (tmp_path / "evil.py").write_text("import os; os._exit(1)\n")
    assert plugreg("add", str(tmp_path / "evil.py"), "--group", "group").status == 0

    def start() -> str:
        environment["PLUGREG_START"] = ""
        command = [sys.executable, "-c", HOST]
        return subprocess.run(command, env=environment, capture_output=True, text=True).stdout

    for _ in range(2):
        assert start() == ""
    return start


def test_list_and_show_say_what_was_seen(plugreg, evil):
    """Before any host has started again; where, how often, when, and what to do."""
    listed = plugreg("list")
    assert listed.out.split("\t")[2] == "quarantined"
    [line] = listed.err.splitlines()
    where = f"{sys.prefix} (Python {sys.version.partition(' ')[0]})"
    seen = "2 starts ended while `evil` was imported, last at 20"
    assert line.startswith(f"plugreg: warning: evil is quarantined in {where}: {seen}")
    assert line.endswith("Z; mend it, or `plugreg enable evil`")
    [shown] = [line for line in plugreg("show", "evil").lines if line.startswith("quarantine")]
    assert shown.split(maxsplit=1)[1].startswith(seen)
    assert shown.endswith(f", in {where}")


def test_the_object_of_a_project_has_it(plugreg, evil):
    """For each environment: the plug-in, the number of starts, and when."""
    for command in (("list",), ("show", "evil")):
        [project] = plugreg(*command, "--json").object["data"]["projects"]
        [seen] = project["quarantine"]
        assert (seen["plugin"], seen["starts"]) == ("evil", 2)
        assert set(seen) == {"environment", "plugin", "starts", "last_at", "reason"}


def test_enable_releases_it(plugreg, evil):
    """Also what is switched on already: it is given two more starts."""
    assert "quarantined" in evil()
    assert plugreg("enable", "evil").out == "enabled evil 0 (group)\n"
    assert plugreg("list").out.split("\t")[2] == "on"
    assert evil() == ""


def test_what_is_off_is_off(plugreg, evil):
    """The switch is the user's own word; nothing is warned of then."""
    plugreg("disable", "evil")
    listed = plugreg("list")
    assert (listed.out.split("\t")[2], listed.err) == ("off", "")


def test_a_shell_completes_it_for_enable(plugreg, evil):
    """It is on, and yet `enable` is what releases it."""
    asked = plugreg("plugreg", "enable", "", _PLUGREG_COMPLETE="fish")
    assert asked.lines[1:] == ["evil\t"]
