"""What a child of `plugreg run` sees: any Python, any environment, and nothing too much."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugreg import CatalogError, EntryPoint, Project, Registry, Source
from plugreg.plugins.hosts.run.preparation import prepare_run
from tests.interpreters import all_pythons
from tests.plugins.hosts.conftest import GROUP

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"
# Every project of the tests' group: name, version, values.
SEEN = """
import json, importlib.metadata as metadata
seen = {{}}
for found in metadata.distributions():
    values = sorted(e.value for e in found.entry_points if e.group == "testhost")
    if values or found.metadata["Name"] in {watched!r}:
        seen.setdefault(found.metadata["Name"], []).append([found.version, values])
print(json.dumps(seen))
"""


def child(catalog: str, *words: object, python: str = sys.executable, **extra: str):
    """Run a Python as `plugreg run` would."""
    environment = {**prepare_run(catalog).environment, **extra}
    command = [python, *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def printed(catalog: str, code: str, **extra: str) -> str:
    """Return what a program prints in a child, and nothing on stderr."""
    done = child(catalog, "-c", code, **extra)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def seen(catalog: str, *watched: str, **extra: str):
    """Return the distributions of the tests' group, and others by name, as a child sees them."""
    return json.loads(printed(catalog, SEEN.format(watched=watched), **extra))


def install(site: Path, name: str, version: str, code: str) -> Path:
    """Write an installed distribution of one module, with an entry point."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(METADATA.format(name, version))
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {name}:installed\n")
    (site / f"{name}.py").write_text(code)
    return site


@pytest.fixture
def site(tmp_path) -> Path:
    """A folder of installed distributions; PYTHONPATH has it."""
    return tmp_path / "env" / "site-packages"


def switch(catalog: str, name: str, *, on: bool) -> None:
    """Switch a project."""
    with Registry.open(catalog) as registry:
        (registry.enable if on else registry.disable)(name)


def test_what_is_on_is_seen_and_what_is_off_is_not(catalog, add_project):
    """As often as it is switched; its modules come and go with it."""
    add_project("one", "value = 1")
    add_project("two")
    for _ in range(2):
        assert seen(catalog) == {"one": [["1.0", ["one"]]], "two": [["1.0", ["two"]]]}
        switch(catalog, "one", on=False)
        assert seen(catalog) == {"two": [["1.0", ["two"]]]}
        assert "No module named 'one'" in child(catalog, "-c", "import one").stderr
        switch(catalog, "one", on=True)
    assert printed(catalog, "import one; print(one.value)") == "1"


def test_an_installed_project_that_is_off_keeps_version_and_modules(catalog, add_project, site):
    """Only its entry points are gone; other people's code may need the rest."""
    add_project("one", enabled=False)
    path = str(install(site, "one", "0.5", "installed = 7"))
    add_project("two", "value = 2")
    code = "import one, importlib.metadata as m; print(one.installed, m.version('one'))"
    whole = prepare_run(catalog).environment["PYTHONPATH"] + os.pathsep + path
    found = seen(catalog, "one", PYTHONPATH=whole)
    assert found == {"one": [["0.5", []]], "two": [["1.0", ["two"]]]}
    assert printed(catalog, code, PYTHONPATH=whole) == "7 0.5"


def test_the_catalogs_project_wins_over_an_installed_one(catalog, add_project, site):
    """There is one distribution of that name, and its module is imported."""
    add_project("one", "value = 'catalog'")
    path = str(install(site, "one", "0.5", "value = 'installed'"))
    whole = prepare_run(catalog).environment["PYTHONPATH"] + os.pathsep + path
    assert seen(catalog, PYTHONPATH=whole) == {"one": [["1.0", ["one"]]]}
    code = "import one, importlib.metadata as m; print(one.value, m.version('One'))"
    assert printed(catalog, code, PYTHONPATH=whole) == "catalog 1.0"


def test_only_the_default_path_is_answered(catalog, add_project):
    """Who names folders, as `pip freeze` does, sees what lies in them and nothing else."""
    add_project("one")
    code = """
import importlib.metadata as m, sys
names = lambda path: [d.metadata["Name"] for d in m.distributions(path=path)]
print([("one" in names([entry])) for entry in sys.path].count(True), "one" in names(sys.path))
"""
    assert printed(catalog, code) == "0 True"


def test_pip_freeze_lists_what_is_installed_only(catalog, add_project, tmp_path):
    """With and without `--path`."""
    add_project("one")
    freeze = ("-m", "pip", "--disable-pip-version-check", "freeze", "--all")
    plain = subprocess.run([sys.executable, *freeze], capture_output=True, text=True).stdout
    assert plain
    assert child(catalog, *freeze).stdout == plain
    assert child(catalog, *freeze, "--path", tmp_path).stdout == ""


def test_every_python_here_is_served_or_left_in_peace(catalog, add_project):
    """3.8 and later see the project; older ones see nothing and say nothing."""
    add_project("one", "value = 1")
    code = """
import sys
if sys.version_info >= (3, 8):
    import importlib.metadata, one
    names = [d.metadata["Name"] for d in importlib.metadata.distributions()]
    assert names.count("one") == 1, names
    assert importlib.metadata.version("one") == "1.0" and one.value == 1
    assert [str(f) for f in importlib.metadata.files("one")].count("one.py") == 1
    assert [f.locate().read_text() for f in importlib.metadata.files("one") if f.suffix == ".py"]
"""
    for python in all_pythons():
        done = child(catalog, "-c", code, python=python)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), python


def test_switches_work_on_every_python(catalog, add_project, site):
    """Also where importlib.metadata lists a distribution twice, as before 3.10."""
    add_project("one")
    add_project("two", enabled=False)
    for name in ("one", "two"):
        install(site, name, "0.5", "")
    whole = prepare_run(catalog).environment["PYTHONPATH"] + os.pathsep + str(site)
    code = "import sys\nif sys.version_info >= (3, 8):\n" + "\n".join(
        "    " + line for line in SEEN.format(watched=("two",)).splitlines()
    )
    expected = {"one": [["1.0", ["one"]]], "two": [["0.5", []]]}
    for python in all_pythons():
        done = child(catalog, "-c", code, python=python, PYTHONPATH=whole)
        assert done.stderr == "", python
        assert not done.stdout or json.loads(done.stdout) == expected, python


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_children_of_the_child_see_the_same(catalog, add_project, tmp_path, method):
    """Processes of multiprocessing, and programs that the host starts."""
    add_project("one", "def work(x): return x + 1")
    (tmp_path / "prog.py").write_text(f"""
import multiprocessing, subprocess, sys
if __name__ == "__main__":
    import one
    with multiprocessing.get_context({method!r}).Pool(1) as pool:
        print(pool.apply(one.work, (1,)))
    code = "import importlib.metadata as m; print(m.version('one'))"
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
""")
    assert child(catalog, tmp_path / "prog.py").stdout.split() == ["2", "1.0"]


def test_a_namespace_package_is_shared_with_an_installed_part(catalog, tmp_path, site):
    """Python's own PathFinder looks for modules, so all parts are found."""
    root = tmp_path / "p"
    for place, name in ((root, "mine"), (site, "theirs")):
        (place / "acme" / name).mkdir(parents=True)
        (place / "acme" / name / "__init__.py").touch()
    with Registry.open(catalog) as registry:
        fields = {"root": str(root), "modules": {"acme": "acme"}}
        source = Source("directory", str(root))
        registry.add(Project(name="acme-mine", version="1", source=source, **fields))
    whole = prepare_run(catalog).environment["PYTHONPATH"] + os.pathsep + str(site)
    code = "import acme.mine, acme.theirs; print('both')"
    assert printed(catalog, code, PYTHONPATH=whole) == "both"


def test_a_sitecustomize_that_is_there_already_runs(catalog, add_project, tmp_path):
    """On any Python; it is the `sitecustomize` that everybody imports."""
    add_project("one")
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys\nsys.theirs = True\nname = 'theirs'\n")
    whole = prepare_run(catalog).environment["PYTHONPATH"] + os.pathsep + str(folder)
    code = "import sys, sitecustomize; print(sys.theirs, sitecustomize.name)"
    for python in all_pythons():
        done = child(catalog, "-c", code, python=python, PYTHONPATH=whole)
        assert "True" in done.stdout, python
        assert "theirs" in done.stdout, python
        assert done.stderr == "", python


def test_the_sitecustomize_of_an_environment_runs(catalog, add_project, tmp_path):
    """One that lies in site-packages, as tools that measure coverage put it there.

    Debian's Python has one among its own modules, which comes first with and without plugreg.
    """
    add_project("one")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    [theirs] = (tmp_path / "venv").glob("lib/*/site-packages")
    (theirs / "sitecustomize.py").write_text("import sys\nsys.theirs = True\n")
    debians = Path(os.__file__).with_name("sitecustomize.py").exists()
    code = "import sys, importlib.metadata as m; print(hasattr(sys, 'theirs'), m.version('one'))"
    done = child(catalog, "-c", code, python=python)
    assert (done.stdout, done.stderr) == (f"{not debians} 1.0\n", "")


def test_a_host_of_pkg_resources_sees_what_is_installed_only(catalog, add_project, hosts):
    """It looks into the folders on `sys.path` itself, as pip's own copy of it does."""
    add_project("one", "value = 1")
    code = """
import one, warnings
warnings.simplefilter("ignore")
from pip._vendor import pkg_resources
keys = {found.key for found in pkg_resources.working_set}
print(one.value, "one" in keys, "datasette" in keys)
"""
    done = child(catalog, "-c", code, python=str(hosts / "python"))
    assert (done.stdout, done.stderr) == ("1 False True\n", "")


def test_an_error_in_the_next_sitecustomize_is_shown_as_ever(catalog, add_project, tmp_path):
    """Python says so itself, and the catalog's projects are seen."""
    add_project("one")
    (tmp_path / "sitecustomize.py").write_text("import nowhere_to_be_found\n")
    whole = prepare_run(catalog).environment["PYTHONPATH"] + os.pathsep + str(tmp_path)
    code = "import importlib.metadata as m; print(m.version('one'))"
    done = child(catalog, "-c", code, PYTHONPATH=whole)
    assert done.stdout == "1.0\n"
    assert "Error in sitecustomize" in done.stderr
    assert "nowhere_to_be_found" in done.stderr


def test_an_inner_run_replaces_the_outer_one(tmp_path, catalog, add_project, monkeypatch):
    """One catalog is in use at a time; what the user has on PYTHONPATH stays."""
    add_project("one")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    outer = prepare_run(catalog).environment["PYTHONPATH"]
    monkeypatch.setenv("PYTHONPATH", outer)
    assert prepare_run(catalog).environment["PYTHONPATH"] == outer
    assert outer.split(os.pathsep)[1:] == [str(tmp_path)]
    empty = prepare_run(tmp_path / "other").environment
    assert empty["PYTHONPATH"] == str(tmp_path)


def test_without_projects_the_environment_stays(tmp_path, monkeypatch):
    """A catalog that does not exist yet changes nothing for the host."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("PLUGREG_CATALOG", str(tmp_path / "none"))
    assert prepare_run().environment == dict(os.environ)


def test_safe_mode_switches_off_for_one_run(catalog, add_project, monkeypatch):
    """PLUGREG_DISABLE names projects, or entry points, or all."""
    add_project("one")
    add_project("two")
    monkeypatch.setenv("PLUGREG_DISABLE", "two")
    assert list(seen(catalog)) == ["one"]
    monkeypatch.setenv("PLUGREG_DISABLE", "all")
    assert seen(catalog) == {}


def test_safe_mode_needs_no_catalog_that_opens(catalog, add_project, monkeypatch):
    """A host starts without any plug-in, also where the catalog is what is broken."""
    add_project("one")
    whole = Path(catalog).read_bytes()
    Path(catalog).write_bytes(whole[:5000])
    monkeypatch.setenv("PLUGREG_DISABLE", "one")
    with pytest.raises(CatalogError):
        prepare_run(catalog)
    monkeypatch.setenv("PLUGREG_DISABLE", "all")
    run = prepare_run(catalog)
    assert seen(catalog) == {}
    assert run.environment["PLUGREG_CATALOG"] == catalog
    (warning,) = run.warnings
    assert warning.startswith("without any plug-in of the catalog: ")


def test_code_that_is_gone_is_said_and_the_others_are_seen(catalog, add_project, tmp_path):
    """With the two commands that can mend it."""
    add_project("good")
    add_project("lost", root=str(tmp_path / "nowhere"))
    [warning] = prepare_run(catalog).warnings
    reason = f"its code is gone: {tmp_path / 'nowhere'} does not exist"
    assert warning.startswith(f"lost is not seen: {reason}; ")
    assert warning.endswith("or plugreg remove lost")
    assert list(seen(catalog)) == ["good"]


def test_two_projects_with_one_module_are_a_conflict_with_a_name(catalog, add_project):
    """The first in load order is seen, and the other is named with what to do."""
    for name in ("first", "second"):
        project = add_project(name, modules={"same": "same"})
        os.mkdir(os.path.join(project.root, "same"))
        Path(project.root, "same", "__init__.py").touch()
    [warning] = prepare_run(catalog).warnings
    assert warning == (
        "second is not seen: another project has the same module `same`; `plugreg disable second`"
    )
    assert list(seen(catalog)) == ["first"]


def test_a_source_that_changed_is_read_again(tmp_path, catalog):
    """No command has to be remembered; a source that broke stays as it was known, with a line."""
    from plugreg import plugins

    root = tmp_path / "p"
    root.mkdir()
    text = '[project]\nname = "p"\nversion = "{}"\n[project.entry-points.testhost]\np = "p"\n'
    (root / "pyproject.toml").write_text(text.format("1.0"))
    (root / "p.py").touch()
    with Registry.open(catalog) as registry:
        registry.add(plugins.read_project(str(root)))
    assert seen(catalog) == {"p": [["1.0", ["p"]]]}
    (root / "pyproject.toml").write_text(text.format("2.0.1"))
    assert seen(catalog) == {"p": [["2.0.1", ["p"]]]}
    with Registry.open(catalog) as registry:
        assert registry["p"].version == "2.0.1"
    (root / "pyproject.toml").write_text("[project")
    [warning] = prepare_run(catalog).warnings
    assert warning.startswith("p is taken as it was added, though its source changed: ")
    assert seen(catalog) == {"p": [["2.0.1", ["p"]]]}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", True),
        ("def broken(:", True),
        ("import nowhere_to_be_found", True),
        ("raise SystemExit('I give up')", True),
        ("raise KeyboardInterrupt", False),
    ],
)
def test_a_plug_in_that_breaks_the_host_is_named_once_and_last(catalog, add_project, code, said):
    """The host's own traceback comes first; then who it was and what to do."""
    add_project("good")
    add_project("bad", code)
    program = """
import importlib.metadata as m
for found in list(m.distributions()):
    [entry.load() for entry in found.entry_points if entry.group == "testhost"]
"""
    plain = child(catalog, "-c", program)
    assert plain.returncode
    assert plain.stderr.count("plugreg: error: ") == said
    last = plain.stderr.splitlines()[-1]
    assert ("`plugreg disable bad`" in last) == said


def test_an_error_inside_a_plug_in_later_names_it_too(catalog, add_project):
    """Its file is in the traceback, however it was called."""
    add_project("bad", "def work(): return 1 / 0")
    done = child(catalog, "-c", "import bad; bad.work()")
    assert done.stderr.count("`plugreg disable bad`") == 1


HOOKS = """
import pluggy
marker = pluggy.HookimplMarker("testhost")
class Plugin:
    @marker
    def greet(self, nobody): pass
a_class, an_object = Plugin, Plugin()
@marker
def greet(nobody): pass
"""
PLUGGY_HOST = """
import pluggy
class Specs:
    @pluggy.HookspecMarker("testhost")
    def greet(self, name): pass
pm = pluggy.PluginManager("testhost")
pm.add_hookspecs(Specs)
pm.load_setuptools_entrypoints("testhost")
pm.check_pending()
"""


@pytest.mark.parametrize("value", ["bad", "bad:a_class", "bad:an_object"])
@pytest.mark.parametrize("wrong", ["(self, nobody)", "_all(self)"])
def test_a_hook_that_does_not_fit_names_its_plug_in(catalog, add_project, value, wrong):
    """Pluggy says so after the import, where no line of the plug-in is in the traceback."""
    code = HOOKS.replace("(self, nobody)", wrong)
    code = code.replace("greet(nobody)", "greet" + wrong.replace("self, ", "").replace("self", ""))
    add_project("good")
    add_project("bad", code, entry_points=[EntryPoint(GROUP, "bad", value)])
    done = child(catalog, "-c", PLUGGY_HOST)
    assert done.returncode == 1
    assert "PluginValidationError" in done.stderr
    assert done.stderr.count("`plugreg disable bad`") == 1


def test_entry_points_come_in_load_order(catalog, add_project):
    """As `plugins.load` has it, `before` included: pluggy loads as it is told."""
    for name, priority in (("b", 0), ("a", 0), ("z", -5), ("c", 7)):
        add_project(name, priority=priority)
    add_project("early", before=["z"])
    code = """
import importlib.metadata as m, pluggy
print(*[found.metadata["Name"] for found in m.distributions()][:5])
print(*[entry.name for entry in m.entry_points(group="testhost")])
pm = pluggy.PluginManager("testhost")
pm.load_setuptools_entrypoints("testhost")
print(*[name for name, plugin in pm.list_name_plugin()])
"""
    assert printed(catalog, code).splitlines() == ["a b early z c"] * 3


def test_an_error_of_the_hosts_own_is_left_alone(catalog, add_project):
    """Nothing is added where no project of the catalog was involved."""
    add_project("one")
    assert "plugreg" not in child(catalog, "-c", "import one; 1 / 0").stderr


def test_an_excepthook_that_was_there_is_called(catalog, add_project, tmp_path):
    """The hook that a `sitecustomize` or a host sets does its own work."""
    add_project("bad", "1 / 0")
    code = "import sys; h = sys.excepthook; sys.excepthook = lambda *a: (print('mine'), h(*a))\n"
    done = child(catalog, "-c", code + "import bad")
    assert done.stdout == "mine\n"
    assert done.stderr.count("Traceback") == 1
    assert done.stderr.count("`plugreg disable bad`") == 1


def test_a_run_whose_folder_is_gone_says_so_and_the_host_runs(catalog, add_project):
    """The links were removed, the start-up module was not."""
    add_project("one")
    start = prepare_run(catalog).environment["PYTHONPATH"].split(os.pathsep)[0]
    os.unlink(os.path.join(os.path.dirname(start), "projects"))
    done = subprocess.run(
        [sys.executable, "-c", "print('host')"],
        env={**os.environ, "PYTHONPATH": start},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "host\n"
    assert done.stderr.startswith("plugreg: error: no plug-in of the catalog is seen: ")


def test_the_folder_of_a_run_is_kept_while_a_child_lives(catalog, add_project):
    """However long ago it was started: it may still import something."""
    add_project("one")
    code = "print('ready', flush=True); input(); import one; print('imported')"
    environment = prepare_run(catalog).environment
    folder = Path(environment["PYTHONPATH"].split(os.pathsep)[0]).parent
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        old = time.time() - 40 * 24 * 3600
        os.utime(folder / "manifest", (old, old))
        add_project("two")
        prepare_run(catalog)
        assert running.communicate("\n")[0] == "imported\n"
    os.utime(folder / "manifest", (old, old))
    add_project("three")
    prepare_run(catalog)
    assert not folder.exists()


def test_the_start_up_module_imports_little_and_nothing_of_plugreg(catalog, add_project):
    """It is paid for by every Python that the host starts."""
    add_project("one")
    code = "import sys; print(*sorted(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": ""}
    bare = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    more = set(printed(catalog, code).split()) - set(bare.stdout.decode().split())
    assert more <= {"_plugreg_startup", "sitecustomize", "fcntl"}
