"""Hosts that name no catalog: the layers of the environment, the user and the site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pluggy
import pytest

from plugreg import EntryPoint, Project, Registry, Source, plugins
from plugreg.plugins.hosts.run.preparation import prepare_run
from tests.conditions import require_module
from tests.other_user import NOBODY, in_child, open_to_others
from tests.virtual_environment import catalog_of, make_environment, site_of

from .conftest import GREETER, GROUP, Spec

FILE = "plugreg/catalog.sqlite3"
EXAMPLES = Path(__file__).parents[3] / "examples"
# What a host's start says of its plug-ins, as JSON.
HOST = """
import json, sys, warnings
import pluggy
from plugreg import plugins

pm = pluggy.PluginManager("testhost")
report = plugins.load(pm)
entries = []
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    entries = plugins.discover("testhost")
print(json.dumps({
    "loaded": [[one.project, one.version] for one in report.loaded],
    "versions": [getattr(plugin, "VERSION", "") for plugin in pm.get_plugins()],
    "not loaded": {one.project: [one.reason, one.fix] for one in report.skipped + report.failed},
    "error": report.catalog_error and report.catalog_error.message,
    "warnings": report.warnings,
    "discovered": [one.project for one in entries],
    "warned": [str(one.message) for one in caught],
}))
"""


@pytest.fixture
def layers(tmp_path, monkeypatch):
    """The paths of the user's and the site's catalog, which no variable hides."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path / 'site'}:{tmp_path / 'packages'}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PLUGREG_CATALOG", raising=False)
    paths = {name: str(tmp_path / name / FILE) for name in ("data", "site", "packages")}
    return {"user": paths["data"], "site": paths["site"], "packages": paths["packages"]}


@pytest.fixture
def record(tmp_path):
    """Write a project of one module and record it in the catalog at a path."""

    def add(path, name, version="1.0", *, group=GROUP, **fields):
        module = name.replace("-", "_")
        folder = tmp_path / "projects" / f"{name}-{version}-{Path(path).parent.parent.name}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{module}.py").write_text(f"{GREETER}\nVERSION = {version!r}\n")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        project = Project(
            name=name,
            version=version,
            source=Source("directory", str(folder)),
            root=str(folder),
            modules={module: f"{module}.py"},
            entry_points=[EntryPoint(group, module, module)],
            **fields,
        )
        with Registry.open(path) as registry:
            return registry.add(project)

    return add


def outcomes(report):
    """Return project and version of what was loaded."""
    return [(one.project, one.version) for one in report.loaded]


def test_every_layer_is_loaded_and_the_nearer_one_wins(pm, layers, record):
    """Also of the site's several folders, of which the first is the nearest."""
    for path, name in ((layers["user"], "mine"), (layers["site"], "far")):
        record(path, name)
    for version, path in enumerate((layers["packages"], layers["site"], layers["user"])):
        record(path, "twice", f"{version}.0")
    record(layers["packages"], "farthest")
    record(layers["packages"], "both", "1.0")
    record(layers["site"], "both", "2.0")
    report = plugins.load(pm)
    assert outcomes(report) == [
        ("both", "2.0"),
        ("far", "1.0"),
        ("farthest", "1.0"),
        ("mine", "1.0"),
        ("twice", "2.0"),
    ]
    assert (report.failed, report.warnings, report.catalog_error) == ([], [], None)
    assert [entry.project for entry in plugins.discover(GROUP)] == [
        "both", "far", "farthest", "mine", "twice",
    ]  # fmt: skip


def test_what_is_off_nearer_is_off(pm, layers, record):
    """A record of the user's switches the site's project off, whatever that says."""
    record(layers["site"], "far")
    record(layers["user"], "far", enabled=False)
    report = plugins.load(pm)
    assert report.loaded == []
    [skipped] = report.skipped
    assert (skipped.project, skipped.reason) == ("far", "disabled")


def test_what_is_no_plugin_of_this_host_nearer_is_none_at_all(pm, layers, record):
    """The nearer record counts, also where it is for another host now."""
    record(layers["site"], "far")
    record(layers["user"], "far", "2.0", group="another")
    record(layers["site"], "other")
    assert outcomes(plugins.load(pm)) == [("other", "1.0")]


def test_a_named_catalog_is_that_one_alone(pm, layers, record, tmp_path, monkeypatch):
    """By argument or by variable, nothing of a layer is seen."""
    record(layers["site"], "far")
    named = str(tmp_path / "named" / "catalog")
    record(named, "alone")
    assert outcomes(plugins.load(pm, catalog=named)) == [("alone", "1.0")]
    monkeypatch.setenv("PLUGREG_CATALOG", named)
    assert [entry.project for entry in plugins.discover(GROUP)] == ["alone"]


def test_a_damaged_layer_is_reported_by_name_and_the_others_load(pm, layers, record):
    """In the report, as a warning of `discover`, and under `strict` as the error it is."""
    record(layers["user"], "mine")
    record(layers["site"], "far")
    record(layers["packages"], "farthest")
    Path(layers["site"]).write_bytes(b"no catalog at all" * 300)
    report = plugins.load(pm)
    assert outcomes(report) == [("farthest", "1.0"), ("mine", "1.0")]
    assert report.catalog_error.details["layer"] == "site"
    assert report.catalog_error.message.startswith("the site layer is left out: ")
    assert layers["site"] in str(report)
    with pytest.warns(RuntimeWarning, match="the site layer is left out"):
        assert [entry.project for entry in plugins.discover(GROUP)] == ["farthest", "mine"]
    with pytest.raises(type(report.catalog_error)):
        plugins.load(pluggy.PluginManager(GROUP), strict=True)


def test_damage_that_shows_while_it_is_read_ends_one_layer_only(pm, layers, record):
    """A page in the middle of the site's file is rubbish."""
    record(layers["user"], "mine")
    for number in range(60):
        record(layers["site"], f"far-{number}")
    size = os.path.getsize(layers["site"])
    with open(layers["site"], "r+b") as file:
        for page in range(4096 * 2, size, 4096):
            file.seek(page)
            file.write(b"\xff" * 4096)
    report = plugins.load(pm)
    assert ("mine", "1.0") in outcomes(report)
    assert report.catalog_error.details["layer"] == "site"


def test_a_damaged_site_folder_hides_no_other_of_the_site(pm, layers, record):
    """Both are the layer `site`; one that can be read is enough."""
    record(layers["packages"], "farthest")
    os.makedirs(os.path.dirname(layers["site"]))
    Path(layers["site"]).write_bytes(b"no catalog at all" * 300)
    with pytest.warns(RuntimeWarning, match="the site layer is left out"):
        assert [entry.project for entry in plugins.discover(GROUP)] == ["farthest"]
    assert outcomes(plugins.load(pm)) == [("farthest", "1.0")]
    run = prepare_run()
    assert any(layers["site"] in warning for warning in run.warnings)
    assert "PYTHONPATH" in run.environment


def test_where_no_layer_can_be_read_discover_raises(layers, record):
    """As it does where a named catalog cannot be."""
    record(layers["site"], "far")
    os.makedirs(os.path.dirname(layers["user"]))
    for path in (layers["user"], layers["site"]):
        Path(path).write_bytes(b"no catalog at all" * 300)
    with pytest.raises(plugins_error(), match="layer is left out"):
        plugins.discover(GROUP)


def plugins_error():
    """Return the root of plugreg's errors."""
    from plugreg import PlugregError

    return PlugregError


def test_a_layer_that_others_can_change_is_pointed_out(pm, layers, record):
    """As any catalog is; a file of root's or one's own is fine."""
    record(layers["site"], "far")
    assert plugins.load(pm).warnings == []
    os.chmod(layers["site"], 0o666)
    [warning] = plugins.load(pluggy.PluginManager(GROUP)).warnings
    assert warning.startswith(f"{layers['site']} can be changed by others: every user")


def test_what_changed_is_recorded_in_its_own_layer(pm, layers, tmp_path):
    """Where that may be written; no other layer gets a record of it."""
    for name, path in (("mine", layers["user"]), ("far", layers["site"])):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.py").write_text(GREETER)
        text = f'[project]\nname = "{name}"\nversion = "VERSION"\n'
        text += f'[project.entry-points.{GROUP}]\n{name} = "{name}"\n'
        (folder / "pyproject.toml").write_text(text.replace("VERSION", "1.0"))
        os.makedirs(os.path.dirname(path))
        with Registry.open(path) as registry:
            registry.add(plugins.read_project(folder))
        (folder / "pyproject.toml").write_text(text.replace("VERSION", "2.0.0"))
    assert outcomes(plugins.load(pm)) == [("far", "2.0.0"), ("mine", "2.0.0")]
    for name, path in (("mine", layers["user"]), ("far", layers["site"])):
        with Registry.open(path) as registry:
            assert [(one.name, one.version) for one in registry] == [(name, "2.0.0")]


def test_a_start_without_other_layers_imports_nothing_for_them(layers, record):
    """It looks for their folders, and that is all."""
    record(layers["user"], "mine")
    program = HOST + (
        "\nimport sys; print(sorted(name for name in sys.modules if name in"
        " ('plugreg.layered', 'plugreg.writing_layer', 'heapq', 'platformdirs')))"
    )
    run(sys.executable, program)  # the first start of an environment looks around
    assert run(sys.executable, program).splitlines()[-1] == "[]"


def run(python, program=HOST, **extra):
    """Return what a program prints."""
    done = subprocess.run(
        [python, "-c", program], env={**os.environ, **extra}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_environments_layer_is_that_of_the_hosts_python(layers, record, tmp_path):
    """Another environment of the same user does not see it."""
    ours, other = tmp_path / "ours", tmp_path / "other"
    record(catalog_of(ours), "near")
    record(layers["user"], "mine")
    for folder, expected in ((ours, ["mine", "near"]), (other, ["mine"])):
        said = json.loads(run(make_environment(folder)))
        assert ([name for name, _ in said["loaded"]], said["discovered"]) == (expected, expected)


def install(folder, name, version):
    """Install a distribution into an environment, as pip lays it out."""
    info = site_of(folder) / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {name}\n")
    (site_of(folder) / f"{name}.py").write_text(f"{GREETER}\nVERSION = {version!r}\n")


def test_two_environments_of_one_user_do_not_fight(layers, tmp_path):
    """Started at the same time, again and again, each has its own versions and its own verdicts."""
    folders = {"a": tmp_path / "a", "b": tmp_path / "b"}
    pythons = {name: make_environment(folder) for name, folder in folders.items()}
    install(folders["a"], "shared", "1.0")
    install(folders["b"], "shared", "2.0")
    install(folders["a"], "only_a", "1.0")
    os.makedirs(os.path.dirname(layers["user"]))
    with Registry.open(layers["user"]) as registry:
        for name in ("shared", "only_a"):
            registry.add(plugins.read_project(name, python=str(folders["a"])))
        before = [project.to_record() for project in registry]
    for _ in range(4):
        started = {name: [_start(python) for _ in range(3)] for name, python in pythons.items()}
        said = {name: [_end(one) for one in some] for name, some in started.items()}
        for one in said["a"]:
            assert one["loaded"] == [["only-a", "1.0"], ["shared", "1.0"]]
            assert one["versions"] == ["1.0", "1.0"]
        for one in said["b"]:
            assert (one["loaded"], one["versions"]) == ([["shared", "2.0"]], ["2.0"])
            reason, fix = one["not loaded"]["only-a"]
            assert reason.startswith("it is installed in another environment: ")
            assert fix == "pip install only-a here, or plugreg disable only-a"
    with Registry.open(layers["user"]) as registry:
        assert [project.to_record() for project in registry] == before


def _start(python):
    return subprocess.Popen([python, "-c", HOST], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _end(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    return json.loads(out)


def test_what_one_environment_lacks_another_may_have(layers, record, tmp_path):
    """A requirement is held against each environment by itself, in turns."""
    folders = {"a": tmp_path / "a", "b": tmp_path / "b"}
    pythons = {name: make_environment(folder) for name, folder in folders.items()}
    install(folders["a"], "needed", "1.0")
    record(layers["user"], "needy", dependencies=["needed"])
    for _ in range(2):
        assert ["needy", "1.0"] in json.loads(run(pythons["a"]))["loaded"]
        reason, fix = json.loads(run(pythons["b"]))["not loaded"]["needy"]
        assert reason == "it needs needed, which is not installed here"
        assert fix.startswith("pip install needed")


def test_a_quarantine_is_of_one_environment(layers, record, tmp_path):
    """What ended two starts in one is loaded in the other, by the same catalog."""
    pythons = [make_environment(tmp_path / name) for name in ("a", "b")]
    project = record(layers["user"], "killer")
    record(layers["site"], "far")
    code = f"import os, sys\nif sys.prefix == {str(tmp_path / 'a')!r}: os._exit(3)\n{GREETER}"
    Path(project.root, "killer.py").write_text(code)
    for _ in range(2):
        done = subprocess.run([pythons[0], "-c", HOST], capture_output=True)
        assert done.returncode == 3, done.stderr
    said = json.loads(run(pythons[0]))
    assert said["loaded"] == [["far", "1.0"]]
    assert said["not loaded"]["killer"][0].startswith("quarantined: 2 starts ended")
    assert ["killer", "1.0"] in json.loads(run(pythons[1]))["loaded"]
    record(catalog_of(tmp_path / "a"), "near")  # a layer that is nearer forgets nothing
    assert json.loads(run(pythons[0]))["not loaded"]["killer"][0].startswith("quarantined")


def test_enabling_releases_what_was_seen_beside_a_nearer_layer(layers, record, tmp_path):
    """The start that died is noted beside the environment's catalog, the project is the user's."""
    python = make_environment(tmp_path / "a")
    record(catalog_of(tmp_path / "a"), "near")
    project = record(layers["user"], "killer")
    Path(project.root, "killer.py").write_text("import os; os._exit(3)")
    for _ in range(2):
        assert subprocess.run([python, "-c", HOST], capture_output=True).returncode == 3
    assert "killer" in json.loads(run(python))["not loaded"]
    subprocess.run([python, "-m", "plugreg", "enable", "killer"], check=True, capture_output=True)
    assert subprocess.run([python, "-c", HOST], capture_output=True).returncode == 3


def test_enabling_releases_what_another_environments_hosts_have_seen(layers, record, tmp_path):
    """It is noted beside the catalog that has the project: by `run`, by `load`, by `discover`."""
    python = str(make_environment(tmp_path / "a"))
    record(catalog_of(tmp_path / "a"), "near")
    project = record(layers["user"], "killer")
    Path(project.root, "killer.py").write_text("import os; os._exit(3)")
    entries = f"import importlib.metadata as m; e = m.entry_points(group={GROUP!r})"
    discover = f"from plugreg import plugins; e = plugins.discover({GROUP!r})"
    load = "; [one.load() for one in e]"
    command = [sys.executable, "-m", "plugreg"]
    for line in (
        [*command, "run", "--", python, "-c", entries + load],
        [python, "-c", HOST],
        [python, "-c", discover + load],
    ):
        for _ in range(2):
            for status in (3, 3, 0):
                done = subprocess.run(line, capture_output=True, text=True)
                assert done.returncode == status, done.stderr
            subprocess.run([*command, "enable", "killer"], check=True, capture_output=True)


def test_newly_installed_ones_go_where_new_projects_go(layers, tmp_path):
    """Into the environment's catalog where there is one already, else into the user's."""
    program = HOST.replace("plugins.load(pm)", "plugins.load(pm, installed=True)")
    folders = [tmp_path / "with", tmp_path / "without"]
    for folder in folders:
        make_environment(folder)
        install(folder, "fresh", "1.0")
    os.makedirs(os.path.dirname(catalog_of(folders[0])))
    Registry.open(catalog_of(folders[0])).close()
    for folder, path in zip(folders, (catalog_of(folders[0]), layers["user"]), strict=True):
        said = json.loads(run(folder / "bin" / "python", program))
        assert ["fresh", "1.0"] in said["loaded"]
        with Registry.open(path) as registry:
            assert "fresh" in registry


def test_a_damaged_layer_keeps_nobody_from_taking_up_what_is_new(layers, record, tmp_path):
    """The report names it; what is newly installed loads at once."""
    record(layers["site"], "far")
    Path(layers["site"]).write_bytes(b"no catalog at all" * 300)
    python = make_environment(tmp_path / "venv")
    install(tmp_path / "venv", "fresh", "1.0")
    program = HOST.replace("plugins.load(pm)", "plugins.load(pm, installed=True)")
    program = program.replace('discover("testhost")', 'discover("testhost", installed=True)')
    said = json.loads(run(python, program))
    assert (said["loaded"], said["discovered"]) == ([["fresh", "1.0"]], ["fresh"])
    assert said["error"].startswith("the site layer is left out: ")
    assert any(line.startswith("the site layer is left out: ") for line in said["warned"])


def test_a_reader_of_the_sites_catalog_starts_hosts(layers, record, tmp_path):
    """Root owns it, somebody else loads from it, beside his own, and leaves it as it is."""
    open_to_others(tmp_path)
    record(layers["site"], "far")
    record(layers["user"], "mine")
    os.chmod(layers["site"], 0o444)
    os.chmod(os.path.dirname(layers["site"]), 0o555)
    home = tmp_path / "cache"
    home.mkdir()
    plugins.load(_manager())  # imports what the child may not read
    for folder, _, files in os.walk(tmp_path / "data"):
        for path in (folder, *(os.path.join(folder, file) for file in files)):
            _give(path)
    _give(home)
    before = Path(layers["site"]).read_bytes()
    beside = os.listdir(os.path.dirname(layers["site"]))

    def start():
        report = plugins.load(_manager())
        return outcomes(report), report.warnings, str(report)

    loaded, warnings, text = in_child(start, drop_rights=True)
    assert loaded == [("far", "1.0"), ("mine", "1.0")], text
    assert warnings == []
    assert Path(layers["site"]).read_bytes() == before
    os.chmod(os.path.dirname(layers["site"]), 0o755)
    assert os.listdir(os.path.dirname(layers["site"])) == beside


def _give(path):
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def _manager():
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Spec)
    return manager


def test_datasette_has_plugins_of_three_layers(layers, tmp_path):
    """The example's host in a real environment; one is switched off by the user."""
    require_module("datasette")
    python = make_environment(tmp_path / "venv")
    hello = (EXAMPLES / "datasette-hello" / "datasette_hello.py").read_text()
    for name, path in (
        ("near", catalog_of(tmp_path / "venv")),
        ("mine", layers["user"]),
        ("far", layers["site"]),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.py").write_text(hello)
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "1.0"\n'
            f'[project.entry-points.datasette]\n{name} = "{name}"\n'
        )
        os.makedirs(os.path.dirname(path))
        with Registry.open(path) as registry:
            registry.add(plugins.read_project(folder))

    def plugins_of_datasette():
        line = [python, "-m", "plugreg", "run", "--", python, "-m", "datasette", "plugins"]
        done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return sorted(one["name"] for one in json.loads(done.stdout))

    assert plugins_of_datasette() == ["far", "mine", "near"]
    line = [python, "-m", "plugreg", "disable", "far", "--layer", "user"]
    subprocess.run(line, check=True, capture_output=True)
    assert plugins_of_datasette() == ["mine", "near"]


def test_pytest_has_plugins_of_the_sites_layer(layers, tmp_path):
    """An unmodified pytest under `plugreg run`, and one that loads them itself."""
    os.makedirs(os.path.dirname(layers["site"]))
    with Registry.open(layers["site"]) as registry:
        registry.add(plugins.read_project(EXAMPLES / "pytest-stars"))
    pytest_itself = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--help"]
    for line, extra in (
        ([sys.executable, "-m", "plugreg", "run", "--", *pytest_itself], {}),
        (
            [*pytest_itself, "-p", "plugreg_plugins"],
            {"PYTHONPATH": str(EXAMPLES / "pytest_host")},
        ),
    ):
        done = subprocess.run(
            line, env={**os.environ, **extra}, capture_output=True, text=True, cwd=tmp_path
        )
        assert "--stars" in done.stdout, done.stderr
