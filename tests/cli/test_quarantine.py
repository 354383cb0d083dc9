"""What the command line shows of a plug-in that ended the starts that imported it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pluggy
import pytest

from plugreg import plugins
from tests.other_user import NOBODY, in_child, open_to_others

from .conftest import attempt

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


@pytest.fixture
def as_reader(catalog, tmp_path, monkeypatch):
    """Run something as another user, who may read the catalog and has a cache of his own."""
    for name, code in (("evil", "import os; os._exit(1)"), ("other", ""), ("good", "")):
        (tmp_path / f"{name}.py").write_text(code)
    (tmp_path / "cache").mkdir()
    for name, value in {
        "PLUGREG_CATALOG": catalog,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "NO_COLOR": "1",
        "PLUGREG_START": "",
    }.items():
        monkeypatch.setenv(name, value)
    for name, group in (("evil", "group"), ("other", "group"), ("good", "warm")):
        attempt("add", str(tmp_path / f"{name}.py"), "--group", group)
    for line in (["disable", "other"], ["enable", "evil"], ["list"], ["enable", "nobody"]):
        attempt(*line)  # imports what the child may not read
    monkeypatch.setattr(sys, "path", [*sys.path])
    plugins.load(pluggy.PluginManager("warm"))
    del sys.modules["good"]  # other tests have plug-ins of that name
    for each in (f"{catalog}.overlay", f"{catalog}.starts"):
        shutil.rmtree(each, ignore_errors=True)
    open_to_others(tmp_path)
    os.chmod(catalog, 0o444)
    if os.geteuid() == 0:
        os.chown(tmp_path / "cache", NOBODY, NOBODY)
    os.chmod(tmp_path, 0o555)
    yield lambda task: in_child(task, drop_rights=True)
    os.chmod(tmp_path, 0o755)


def test_enable_releases_it_where_the_catalog_may_not_be_written(as_reader, catalog):
    """What was seen lies in the user's own cache; only a change of a switch is refused."""
    for _ in range(2):
        with pytest.raises(pytest.fail.Exception, match="died without an answer"):
            as_reader(lambda: plugins.load(pluggy.PluginManager("group")))
    assert as_reader(lambda: attempt("list"))[1].startswith("evil\t0\tquarantined\t")
    assert as_reader(lambda: attempt("enable", "evil")) == (0, "enabled evil 0 (group)\n", "")
    assert as_reader(lambda: attempt("list"))[1].startswith("evil\t0\ton\t")
    status, out, err = as_reader(lambda: attempt("enable", "evil", "other"))
    assert (status, out) == (1, "enabled evil 0 (group)\n")
    assert f"{catalog} cannot be written" in err
    status, out, err = as_reader(lambda: attempt("enable", "other"))
    assert (status, out) == (1, "")
    assert f"{catalog} cannot be written" in err


def test_what_is_off_is_off(plugreg, evil):
    """The switch is the user's own word; nothing is warned of then."""
    plugreg("disable", "evil")
    listed = plugreg("list")
    assert (listed.out.split("\t")[2], listed.err) == ("off", "")


def test_a_shell_completes_it_for_enable(plugreg, evil):
    """It is on, and yet `enable` is what releases it."""
    asked = plugreg("plugreg", "enable", "", _PLUGREG_COMPLETE="fish")
    assert asked.lines[1:] == ["evil\t"]
