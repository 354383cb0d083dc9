"""Bad days: a clear message, exit 1, nothing lost, no traceback."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess

import pluggy
import pytest

from plugreg import EntryPoint, PlugregError, Registry, Source
from plugreg.cli.running import run as run_here
from plugreg.plain import dumps
from plugreg.plugins import load
from tests.other_user import in_child, open_to_others

from .conftest import COMMAND, damage, make_project

# What may reach a terminal: text, newlines, and the tabs between the cells of a line.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
EVIL = "\x1b]0;owned\x07\x1b[31m\u202e\x9bred\nfake line\r"
READING = [["list"], ["list", "--json"], ["show", "evil"], ["show", "evil", "--json"], ["groups"]]
CHANGING = [["set", "evil", "--priority", "3"], ["disable", "evil"], ["remove", "evil", "--json"]]


def clear(outcome):
    """Check that a command failed with one line that is no traceback, and return that."""
    assert outcome.status == 1, outcome.err
    assert "Traceback" not in outcome.err
    (line,) = outcome.err.splitlines()
    assert line.startswith("plugreg: error: ")
    return line


def evil_project(name="evil"):
    """Return a project that has escapes wherever a project can have any."""
    return make_project(
        name,
        display_name=EVIL,
        version=EVIL,
        summary=EVIL,
        source=Source("directory", f"/{EVIL}"),
        entry_points=[EntryPoint(EVIL.replace(":", ""), EVIL, EVIL)],
        requires_python=EVIL,
        dependencies=[EVIL],
        root=f"/{EVIL}",
        tags=[EVIL],
        added_at=EVIL,
        updated_at=EVIL,
    )


@pytest.mark.parametrize("arguments", [*READING, *CHANGING])
def test_no_escape_reaches_a_terminal(plugreg, terminal, catalog, arguments):
    """Whatever a record holds: neither a pipe nor a terminal gets what could steer one."""
    for run in (plugreg, terminal):
        with Registry.open(catalog) as registry:
            registry.add(evil_project())
        damage(catalog, f"bad{EVIL}")
        outcome = run(*arguments, NO_COLOR="1")
        assert CONTROL.findall(outcome.out + outcome.err) == []
        assert outcome.status in (0, 1)


def test_no_escape_in_errors(plugreg, catalog, tmp_path):
    """Names that were typed, paths, and what a file says come back harmless."""
    odd = tmp_path / f"odd{EVIL.replace('/', '')}"
    odd.mkdir()
    for arguments in (
        ["show", EVIL],
        ["add", f"./{EVIL}"],
        ["add", str(odd)],
        ["list", "--catalog", f"{tmp_path}/{EVIL}/catalog"],
        ["identify", str(odd)],
        [EVIL],
        ["list", f"--{EVIL}"],
    ):
        outcome = plugreg(*arguments)
        assert CONTROL.findall(outcome.out + outcome.err) == [], arguments


def test_no_escape_in_the_report(catalog):
    """What a host prints of its start is harmless, too."""
    group = EVIL.replace(":", "")
    with Registry.open(catalog) as registry:
        registry.add(evil_project())
    report = load(pluggy.PluginManager("host"), group=group, catalog=catalog)
    assert len(report.failed) == 1
    assert CONTROL.findall(str(report)) == []
    assert [CONTROL.findall(str(outcome)) for outcome in report.failed] == [[]]


def limited(size_bytes):
    """Return what makes a child's files stop growing at a size, as a full disk does."""
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_full_disk(environment, filled, tmp_path, form):
    """The change is refused with what to do; the catalog is as it was."""
    size_bytes = os.stat(filled).st_size
    project = tmp_path / "project"
    project.mkdir()
    description = "d" * 20_000
    (project / "pyproject.toml").write_text(
        f"[project]\nname='new'\nversion='1'\ndescription='{description}'\n"
    )
    done = subprocess.run(
        [*COMMAND, "add", str(project), *form],
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=limited(size_bytes),
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "make room on the disk" in done.stderr
    with Registry.open(filled, verify=True) as registry:
        assert (len(registry), "new" in registry) == (3, False)


def test_a_folder_that_may_not_be_written(filled, tmp_path, monkeypatch):
    """Another user reads; his changes are refused, with the path and one line."""
    open_to_others(tmp_path)
    os.chmod(filled, 0o644)
    monkeypatch.setenv("NO_COLOR", "1")

    def attempt(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run_here([*arguments, "--catalog", filled])
        return status, out.getvalue(), err.getvalue()

    attempt("list")
    attempt("enable", "datasette-map")
    status, out, err = in_child(lambda: attempt("list"), drop_rights=True)
    assert (status, len(out.splitlines()), err) == (0, 3, "")
    status, out, err = in_child(lambda: attempt("disable", "datasette-map"), drop_rights=True)
    assert (status, out) == (1, "")
    assert filled in err
    with Registry.open(filled) as registry:
        assert registry["datasette-map"].enabled


@pytest.mark.parametrize("home", ["/dev/null/home", ""])
def test_no_home(plugreg, tmp_path, home):
    """Without a usable home nothing is listed, and what would be kept there is refused."""
    (tmp_path / "mine.py").write_text("")
    nowhere = {"HOME": home, "XDG_DATA_HOME": f"{home}/data" if home else "/dev/null/data"}
    nowhere["PLUGREG_CATALOG"] = ""
    assert plugreg("list", **nowhere).status == 0
    line = clear(plugreg("add", "mine.py", "--group", "g", "--name", "n", **nowhere))
    assert "PLUGREG_CATALOG" in line


def test_a_vanished_working_directory(environment, filled, tmp_path):
    """What needs no working directory works; what does says that it is gone."""
    gone = tmp_path / "gone"

    def run(*arguments, **extra):
        gone.mkdir()
        line = f'cd {gone} && rmdir {gone} && exec "$@"'
        return subprocess.run(
            ["/bin/sh", "-c", line, "sh", *COMMAND, *arguments],
            env={**environment, **extra},
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("list")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    for arguments in (["add", "."], ["list", "--catalog", "here"], ["identify", "here"]):
        done = run(*arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert done.stderr.startswith("plugreg: error: ")


@pytest.mark.parametrize("name", [b"with space", b"new\nline", b"caf\xe9", "snow ☃".encode()])
def test_odd_paths(plugreg, tmp_path, name):
    """A catalog and a project in a folder of any name: every command works, and prints safely."""
    folder = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(folder)
    with open(os.path.join(folder, b"pyproject.toml"), "w") as file:
        file.write("[project]\nname='odd'\nversion='1'\n[project.entry-points.g]\nx='m'\n")
    with open(os.path.join(folder, b"m.py"), "w"):
        pass
    place = os.fsdecode(folder)
    catalog = ["--catalog", os.path.join(place, "catalog")]
    assert plugreg("add", place, *catalog).status == 0
    for command in (["list"], ["show", "odd"], ["where"], ["disable", "odd"]):
        for form in ([], ["--json"]):
            outcome = plugreg(*command, *catalog, *form)
            assert outcome.status == 0, outcome.err
            assert CONTROL.findall(outcome.out) == []
    assert plugreg("list", *catalog).lines[0].split("\t")[0] == "odd"
    assert plugreg("list", "--json", *catalog).object["data"]["projects"][0]["state"] == "ok"


def test_ten_thousand_projects(plugreg, catalog):
    """They are listed, one is found, and one is switched."""
    with Registry.open(catalog) as registry, registry.batch():
        for number in range(10_000):
            registry.add(make_project(f"project-{number:05}"))
    assert len(plugreg("list").lines) == 10_000
    assert plugreg("show", "project-09999").status == 0
    assert plugreg("disable", "project-05000").status == 0
    assert len(plugreg("list", "--disabled").lines) == 1


def test_a_record_of_ten_megabytes(plugreg, catalog, tmp_path):
    """No project is that large: it is refused before it is recorded, whoever asks."""
    with Registry.open(catalog) as registry:
        registry.add(make_project("short"))
        with pytest.raises(PlugregError, match="long cannot be recorded: summary holds"):
            registry.add(make_project("long", summary="s" * 10 * 1024**2))
    folder = tmp_path / "long"
    folder.mkdir()
    summary = "s" * 100_000
    text = f"[project]\nname = 'long'\nversion = '1'\ndescription = '{summary}'\n"
    (folder / "pyproject.toml").write_text(text)
    outcome = plugreg("add", str(folder))
    assert outcome.status == 1
    assert "long cannot be recorded: summary holds 100000 bytes of text" in outcome.err
    assert len(outcome.err) < 1000
    assert len(plugreg("list").lines) == 1


TOO_MUCH = {
    "too large": dumps({"summary": "x" * 10 * 1024**2}),
    "of another shape": dumps({"schema": 1, "name": 5}),
    "a set": dumps({"schema": {1}}),
    "a bomb": b"(" * 100_000 + b")" + b"t" * 100_000 + b".",
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_a_bad_record_is_listed_and_removable(plugreg, filled, kind):
    """By its name; the others are listed and loaded as ever."""
    import sqlite3

    connection = sqlite3.connect(filled)
    with connection:
        connection.execute("REPLACE INTO Dict VALUES (?, ?)", (b"bad", TOO_MUCH[kind]))
    connection.close()
    outcome = plugreg("list", "--json")
    assert outcome.status == 0
    states = {one["name"]: one["state"] for one in outcome.object["data"]["projects"]}
    assert (states["bad"], len(states)) == ("unreadable", 4)
    assert plugreg("remove", "bad").status == 0
    assert (len(plugreg("list").lines), plugreg("list").err) == (3, "")


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_catalog_that_others_may_write_is_warned_of(plugreg, filled):
    """On stderr, by every command that uses it; the data and the exit status are as ever."""
    quiet = plugreg("list")
    assert quiet.err == ""
    os.chmod(filled, 0o666)
    for command in (["list"], ["show", "datasette-map"], ["disable", "datasette-map"], ["where"]):
        outcome = plugreg(*command)
        assert outcome.status == 0
        assert outcome.err.startswith(f"plugreg: warning: {filled} can be changed by others: ")
    assert plugreg("list", "--json").object["status"] == "success"


@pytest.mark.parametrize("words", [["list"], ["where"], ["run", "--", "true"]])
def test_a_catalog_that_may_not_be_looked_at_is_not_an_empty_one(plugreg, tmp_path, words):
    """A name that leads back to itself stops root, too: the system's reason is told."""
    path = tmp_path / "circle"
    path.symlink_to(path)
    outcome = plugreg(*words, PLUGREG_CATALOG=str(path))
    assert f"{path} cannot be looked at: " in clear(outcome)
    assert "the first `plugreg add` makes it" not in outcome.out


def test_a_host_is_told_of_a_catalog_that_may_not_be_looked_at(tmp_path):
    """It starts without plug-ins, and its report says why."""
    path = tmp_path / "circle"
    path.symlink_to(path)
    report = load(pluggy.PluginManager("datasette"), catalog=path)
    assert "cannot be looked at: " in str(report.catalog_error)


URL = "https://example.org/catalog.db"


@pytest.mark.parametrize(
    "line",
    [
        ["list", "--catalog", URL],
        ["where", "--catalog", URL],
        ["add", "one.py", "--catalog", URL],
        ["migrate", URL, "here.db"],
        ["migrate", "catalog.sqlite3", URL],
        ["load", URL, "dump.jsonl"],
        ["load", "here.db", URL],
        ["import", URL],
        ["dump", URL],
        ["identify", URL],
        ["add", URL],
        ["check", URL],
    ],
)
def test_a_url_is_told_apart_from_a_path(plugreg, filled, tmp_path, line):
    """Nothing is looked for under its name, and no folder of it is made."""
    (tmp_path / "dump.jsonl").write_text(plugreg("dump", filled).out)
    before = sorted(os.listdir(tmp_path))
    assert f"`{URL}` is a URL, and plugreg " in clear(plugreg(*line))
    assert sorted(os.listdir(tmp_path)) == before


def test_a_url_of_a_file_names_its_path(plugreg, filled):
    """Whose scheme may be left out; PLUGREG_CATALOG is no different."""
    for host in ("", "localhost"):
        url = f"file://{host}{filled}"
        assert clear(plugreg("list", PLUGREG_CATALOG=url)).endswith(f"name its path, {filled}")


def test_a_folder_with_a_colon_is_no_url(plugreg, tmp_path):
    """A path that is there is taken for one."""
    (tmp_path / "odd:").mkdir()
    (tmp_path / "one.py").write_text("")
    assert plugreg("add", "one.py", "--group", "g", "--catalog", "odd://catalog").status == 0
    assert (tmp_path / "odd:" / "catalog").exists()
