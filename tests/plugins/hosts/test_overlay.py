"""The overlay: projects that are not installed behave as installed ones do, and shadow nothing."""

from __future__ import annotations

import errno
import importlib
import importlib.metadata
import importlib.resources
import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import time
from pathlib import Path

import pluggy
import pytest

from plugreg import EntryPoint, PlugregError, Project, Registry, Source, plugins
from plugreg.plugins.hosts.links.builder import fix_of
from plugreg.plugins.hosts.links.metadata import add_dist_info
from plugreg.plugins.hosts.run.preparation import prepare_run
from tests.conditions import skip_or_fail

from .conftest import GREETER, GROUP, install


def write(root: Path, files: dict[str, str]) -> Path:
    """Write a tree of files; returns its root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return root


def record(catalog: str, name: str, root: Path, modules: dict[str, str], value: str) -> None:
    """Record a project with one entry point."""
    with Registry.open(catalog) as registry:
        registry.add(
            Project(
                name=name,
                version="1.0",
                source=Source("directory", str(root)),
                root=str(root),
                modules=modules,
                entry_points=[EntryPoint(GROUP, name, value)],
            )
        )


def overlays(catalog: str) -> list[os.DirEntry[str]]:
    """Return the folders of links beside a catalog."""
    found = os.scandir(f"{catalog}.overlay")
    return [entry for entry in found if entry.is_dir() and not entry.name.endswith("gates")]


def discovered(catalog: str) -> dict[str, object]:
    """Return the loaded plug-ins by name."""
    return {entry.name: entry.load() for entry in plugins.discover(GROUP, catalog)}


def test_neighbours_and_tests_of_a_project_shadow_nothing(tmp_path, catalog):
    """Only what the project makes importable is; its directory is not on the path."""
    root = write(
        tmp_path / "p",
        {
            "own_module.py": "",
            "json.py": "raise SystemExit",
            "tests/__init__.py": "",
            "setup.py": "",
        },
    )
    record(catalog, "p", root, {"own_module": "own_module.py"}, "own_module")
    discovered(catalog)
    assert "json" in sys.modules
    for neighbour in ("setup", "tests.nothing"):
        with pytest.raises(ImportError):
            importlib.import_module(neighbour)
    assert str(root) not in sys.path


def test_projects_share_a_namespace_package(tmp_path, catalog):
    """Each of three projects has its part of `acme`, one of them nested deeper."""
    for name, part in (("a", "acme/a"), ("b", "acme/b"), ("c", "acme/deep/c")):
        root = write(tmp_path / name, {f"src/{part}/__init__.py": f"part = {name!r}"})
        record(catalog, name, root, {"acme": "src/acme"}, part.replace("/", "."))
    found = discovered(catalog)
    assert [found[name].part for name in "abc"] == ["a", "b", "c"]


FORMS = {"a package": ("same/__init__.py", "same"), "a file": ("same.py", "same.py")}


@pytest.mark.parametrize("second", FORMS)
@pytest.mark.parametrize("first", FORMS)
def test_a_module_of_two_projects_is_a_conflict_with_a_name(tmp_path, catalog, pm, first, second):
    """The first in load order has it; the other is reported, not mixed in, nor imported instead."""
    for name, form in (("first", first), ("second", second)):
        file, place = FORMS[form]
        root = write(tmp_path / name, {file: GREETER})
        record(catalog, name, root, {"same": place}, "same")
    for _ in range(2):  # built, then found again
        with pytest.warns(RuntimeWarning, match="second: another project has the same module"):
            assert list(discovered(catalog)) == ["first"]
    report = plugins.load(pm, catalog=catalog)
    assert [o.project for o in report.loaded] == ["first"]
    assert "same module `same`" in report.failed[0].reason
    assert "first" in os.path.realpath(sys.modules["same"].__file__)


def test_package_dirs_that_rename_and_nest_are_followed(tmp_path, catalog):
    """As in a project whose folders are sub-packages of another name."""
    root = write(
        tmp_path / "p", {"core/__init__.py": "x = 1", "extra/__init__.py": "y = 2", "core/z.py": ""}
    )
    record(catalog, "p", root, {"pkg_r": "core", "pkg_r.more": "extra"}, "pkg_r.more:y")
    assert discovered(catalog) == {"p": 2}
    assert importlib.import_module("pkg_r").x == 1
    assert importlib.import_module("pkg_r.z")


def test_resources_are_files_on_disk(tmp_path, catalog):
    """`importlib.resources` and `__file__` both lead to the project's own files."""
    root = write(tmp_path / "p", {"src/withdata/__init__.py": "", "src/withdata/data.txt": "here"})
    record(catalog, "p", root, {"withdata": "src/withdata"}, "withdata")
    module = discovered(catalog)["p"]
    assert importlib.resources.files(module).joinpath("data.txt").read_text() == "here"
    assert Path(module.__file__).with_name("data.txt").resolve() == root / "src/withdata/data.txt"


def test_an_edit_is_seen_without_adding_again(tmp_path, catalog):
    """The overlay holds links, so code is as it is on disk at each start."""
    root = write(tmp_path / "p", {"edited.py": "value = 1"})
    record(catalog, "p", root, {"edited": "edited.py"}, "edited:value")
    run = [sys.executable, "-c", _PRINT_VALUE.format(catalog=catalog)]
    assert subprocess.run(run, capture_output=True, text=True).stdout == "1\n"
    write(root, {"edited.py": "value = 'changed'"})
    assert subprocess.run(run, capture_output=True, text=True).stdout == "changed\n"


_PRINT_VALUE = """
from plugreg import plugins
print(plugins.discover("testhost", {catalog!r})[0].load())
"""


def test_c_extensions_load(tmp_path, catalog):
    """A top-level extension module keeps its whole suffix in the overlay."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    headers = Path(sysconfig.get_paths()["include"]) / "Python.h"
    if compiler is None or not headers.exists():
        skip_or_fail("there is no C compiler, or no headers of this Python")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    root = write(tmp_path / "p", {"speedy.c": _EXTENSION})
    command = [compiler, "-shared", "-fPIC", f"-I{headers.parent}", "speedy.c", "-o"]
    subprocess.run([*command, f"speedy{suffix}"], cwd=root, check=True)
    record(catalog, "p", root, {"speedy": f"speedy{suffix}"}, "speedy:answer")
    assert discovered(catalog)["p"] == 42


_EXTENSION = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "speedy", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_speedy(void) {
    PyObject *m = PyModule_Create(&module);
    if (m != NULL) PyModule_AddIntConstant(m, "answer", 42);
    return m;
}
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_children_of_multiprocessing_import_and_unpickle(tmp_path, catalog, method):
    """A child gets the parent's path, and with it the overlay."""
    root = write(
        tmp_path / "p",
        {"worker_mod.py": "class Thing: value = 7\n\ndef work(thing): return thing.value"},
    )
    record(catalog, "p", root, {"worker_mod": "worker_mod.py"}, "worker_mod")
    module = discovered(catalog)["p"]
    assert pickle.loads(pickle.dumps(module.Thing())).value == 7
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(module.work, (module.Thing(),)) == 7


def test_metadata_is_that_of_an_installed_distribution(tmp_path, catalog, add_project):
    """importlib.metadata sees name, version, requirements and entry points."""
    add_project(
        "Some.Name", requires_python=">=3.8", dependencies=["pluggy>=1"], summary="What it does"
    )
    plugins.discover(GROUP, catalog)
    found = importlib.metadata.distribution("some-name")
    assert found.metadata["Name"] == "Some.Name"
    assert found.metadata["Requires-Python"] == ">=3.8"
    assert found.requires == ["pluggy>=1"]
    assert [(e.group, e.name) for e in found.entry_points] == [(GROUP, "Some.Name")]


def test_the_catalogs_project_wins_over_an_installed_one(tmp_path, catalog):
    """Also where the installed one would be found first on the path."""
    site = write(
        tmp_path / "env" / "site-packages",
        {
            "winner.py": "origin = 'installed'",
            "winner-0.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: winner\nVersion: 0.5\n",
            "bystander.py": "origin = 'installed'",
        },
    )
    root = write(tmp_path / "p", {"winner.py": "origin = 'catalog'", "bystander.py": "1 / 0"})
    record(catalog, "winner", root, {"winner": "winner.py"}, "winner:origin")
    sys.path.append(str(site))
    assert discovered(catalog) == {"winner": "catalog"}
    assert importlib.metadata.version("winner") == "1.0"
    assert importlib.import_module("bystander").origin == "installed"


def test_installing_later_is_noticed(tmp_path, catalog):
    """An overlay is for an environment: after an installation it is made anew."""
    site = tmp_path / "env" / "site-packages"
    site.mkdir(parents=True)
    sys.path.append(str(site))
    root = write(tmp_path / "p", {"later.py": "origin = 'catalog'"})
    record(catalog, "later", root, {"later": "later.py"}, "later:origin")
    discovered(catalog)
    before = set(os.listdir(f"{catalog}.overlay"))
    write(
        site,
        {
            "later.py": "origin = 'installed'",
            "later-9.dist-info/METADATA": "Metadata-Version: 2.1\nName: later\nVersion: 9\n",
        },
    )
    sys.modules.pop("later")
    assert discovered(catalog) == {"later": "catalog"}
    assert set(os.listdir(f"{catalog}.overlay")) > before


def test_an_overlay_is_made_once(catalog, add_project):
    """A second start finds it and writes nothing."""
    add_project("one")
    plugins.discover(GROUP, catalog)
    [folder] = overlays(catalog)
    before = os.stat(folder.path).st_mtime_ns, os.stat(f"{catalog}.overlay").st_mtime_ns
    plugins.discover(GROUP, catalog)
    assert (os.stat(folder.path).st_mtime_ns, os.stat(f"{catalog}.overlay").st_mtime_ns) == before
    assert sum("overlay" in entry for entry in sys.path) == 1


def test_overlays_that_nobody_uses_are_cleared_away(catalog, add_project):
    """A month without a start; what is in use is touched once a day."""
    add_project("one")
    plugins.discover(GROUP, catalog)
    [folder] = [entry.path for entry in overlays(catalog)]
    manifest = Path(folder) / "manifest"
    two_days = time.time() - 2 * 24 * 3600
    os.utime(manifest, (two_days, two_days))
    plugins.discover(GROUP, catalog)
    assert manifest.stat().st_mtime > two_days + 3600
    old = time.time() - 40 * 24 * 3600
    os.utime(manifest, (old, old))
    add_project("two")
    plugins.discover(GROUP, catalog)
    assert not Path(folder).exists()


def test_a_catalog_in_a_folder_that_cannot_be_written_uses_the_cache(
    tmp_path, catalog, add_project, monkeypatch
):
    """A file stands where the overlay's folder would: that stops root, too."""
    add_project("one", "value = 1")
    Path(f"{catalog}.overlay").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert plugins.discover(GROUP, catalog)[0].load().value == 1
    assert list((tmp_path / "cache" / "plugreg" / "overlay").iterdir())


def test_where_no_folder_can_be_made_the_report_says_so(
    tmp_path, catalog, add_project, monkeypatch, pm
):
    """No place can be written: every project that needs links is reported, none raises."""
    add_project("one")
    Path(f"{catalog}.overlay").write_text("in the way")
    blocked = tmp_path / "blocked"
    blocked.write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr(tempfile, "tempdir", str(blocked))
    report = plugins.load(pm, catalog=catalog)
    (failed,) = report.failed
    assert failed.reason.startswith("no folder for its links could be made: ")
    assert "Errno" not in failed.reason
    place = blocked / "plugreg"
    assert failed.fix == f"make {place} writable, or set XDG_CACHE_HOME to a folder that is"
    with pytest.warns(RuntimeWarning, match="writable, or set XDG_CACHE_HOME"):
        found = plugins.discover(GROUP, catalog)
    assert found.report.failed[0].fix == failed.fix
    with pytest.raises(PlugregError, match="could be made: .*; make .* writable, or set XDG_"):
        prepare_run(catalog)


@pytest.fixture
def read_only_host(tmp_path, catalog, add_project):
    """Start a program where links fit into a folder for temporary files only; returns that, too."""
    add_project("one", "value = 1")
    add_project("two", "value = 2", group="otherhost")
    add_project("late", "value = 3", group="otherhost")
    Path(f"{catalog}.overlay").write_text("in the way")
    (tmp_path / "cache").write_text("in the way")
    folder = tmp_path / "temporary"
    folder.mkdir()
    places = {"TMPDIR": str(folder), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def start(program):
        return subprocess.Popen(
            [sys.executable, "-c", program, catalog],
            env={**os.environ, **places},
            stdout=subprocess.PIPE,
            text=True,
        )

    return start, folder


_TWICE = """
import os, stat, sys, tempfile
from plugreg import plugins
for _ in range(2):
    for group in "testhost", "otherhost":
        print(sum(entry.load().value for entry in plugins.discover(group, sys.argv[1])))
[place] = os.scandir(tempfile.gettempdir())
print(oct(stat.S_IMODE(place.stat().st_mode)), len([e for e in os.scandir(place) if e.is_dir()]))
"""


def test_where_nothing_is_kept_a_process_has_links_of_its_own(read_only_host):
    """One folder, which nobody else can enter, for all that it looks up; it goes with it."""
    start, folder = read_only_host
    assert start(_TWICE).communicate()[0].split() == ["1", "5", "1", "5", "0o700", "2"]
    assert list(folder.iterdir()) == []


_FORKED = """
import os, sys, tempfile
from plugreg import plugins
one, two = plugins.discover("otherhost", sys.argv[1])
if os.fork():
    print(one.load().value, flush=True)
    sys.exit()
parent = os.getppid()
while os.getppid() == parent:
    pass
print(two.load().value, flush=True)
"""


def test_a_daemon_keeps_its_links_when_its_parent_ends(read_only_host):
    """The last of the processes takes the folder away."""
    start, folder = read_only_host
    assert sorted(start(_FORKED).communicate()[0].split()) == ["2", "3"]
    assert list(folder.iterdir()) == []


def test_a_full_disk_needs_room_and_no_right():
    """The fix that is named fits what the system says."""
    assert fix_of(OSError(errno.ENOSPC, "full")).startswith("make room on the disk of ")
    assert " writable" in fix_of(PermissionError("it belongs to another user"))


def test_two_starts_at_once_build_one_overlay(catalog, add_project):
    """Whoever is second takes what the first has made; neither sees half of it."""
    for number in range(20):
        add_project(f"p{number}", "value = 1")
    run = [sys.executable, "-c", _LOAD_ALL.format(catalog=catalog)]
    children = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [child.communicate()[0] for child in children] == ["20\n"] * 4
    assert len(overlays(catalog)) == 1


_LOAD_ALL = """
from plugreg import plugins
print(sum(entry.load().value for entry in plugins.discover("testhost", {catalog!r})))
"""


def test_two_groups_of_one_catalog_do_not_evict_each_other(catalog, add_project):
    """A process may be two hosts; what the first has found stays importable."""
    add_project("one", "value = 1")
    add_project("two", "value = 2", group="otherhost")
    [first] = plugins.discover(GROUP, catalog)
    [second] = plugins.discover("otherhost", catalog)
    assert (first.load().value, second.load().value) == (1, 2)


def test_a_project_whose_code_is_lost_takes_no_other_down(tmp_path, catalog, add_project, pm):
    """Neither a lost wheel nor a lost part of a namespace package; discovery warns of them."""
    add_project("good")
    root = write(tmp_path / "n", {"acme/n/__init__.py": GREETER})
    record(catalog, "part", root, {"acme": "acme"}, "acme.n")
    lost = write(tmp_path / "lost", {"acme/x/__init__.py": ""})
    record(catalog, "lost", lost, {"acme": "acme"}, "acme.x")
    wheel = add_project("wheel", source=Source("wheel", "/wheel.whl"))
    shutil.rmtree(lost)
    shutil.rmtree(wheel.root)
    report = plugins.load(pm, catalog=catalog)
    assert [o.project for o in report.loaded] == ["good", "part"]
    assert [o.project for o in report.failed] == ["lost", "wheel"]
    assert all("its code is gone" in o.reason for o in report.failed)
    with pytest.warns(RuntimeWarning, match="code is gone"):
        assert len(plugins.discover(GROUP, catalog)) == 2


@pytest.mark.parametrize("name", ["METADATA", "entry_points.txt", "RECORD", "top_level.txt", ""])
def test_metadata_that_no_host_could_read(tmp_path, add_project, name):
    """A wheel's own are linked only where they are UTF-8; else the record says what they do."""
    wheel = add_project("wheel", source=Source("wheel", "/wheel.whl"))
    own = Path(wheel.root) / f"wheel-{wheel.version}.dist-info"
    own.mkdir()
    (own / "METADATA").write_text("Name: wheel\n")
    if name:
        (own / name).write_bytes(b"Name: wheel\nSummary: \xff\n")
    add_dist_info(wheel, str(tmp_path))
    (found,) = importlib.metadata.distributions(path=[str(tmp_path)])
    assert os.path.islink(tmp_path / own.name) is not bool(name)
    assert found.name == "wheel"
    assert [entry.name for entry in found.entry_points] == (["wheel"] if name else [])
    assert bool(found.files) is bool(name)


def test_a_module_that_is_hidden_by_another_is_a_failure(catalog, add_project, pm):
    """A plug-in called like a module of the standard library would never be itself."""
    add_project("queue")
    failed = plugins.load(pm, catalog=catalog).failed[0]
    assert "hidden by another of that name" in failed.reason
    assert "queue.py" in failed.reason
    with pytest.raises(ImportError, match=r"hidden by another of that name: .*queue\.py"):
        plugins.discover(GROUP, catalog)[0].load()


def test_lazy_entries_can_be_sent_to_another_process(catalog, add_project):
    """Pickled and back it is the same value, and loads there."""
    add_project("one", "value = 1")
    [entry] = plugins.discover(GROUP, catalog)
    again = pickle.loads(pickle.dumps(entry))
    assert again == entry
    assert again.load().value == 1


def test_entries_of_the_path_that_are_no_text_are_left_alone(catalog, add_project, pm):
    """Python ignores them, too."""
    add_project("one")
    sys.path.append(Path("/nowhere"))
    assert len(plugins.load(pm, catalog=catalog).loaded) == 1


def test_a_new_file_in_a_shared_namespace_is_seen(tmp_path, catalog):
    """The folder of links is real there, and made anew when the project's own changes."""
    for name in ("a", "b"):
        root = write(tmp_path / name, {f"shared_ns/{name}/__init__.py": ""})
        record(catalog, name, root, {"shared_ns": "shared_ns"}, f"shared_ns.{name}")
    run = [sys.executable, "-c", _IMPORT_LATE.format(catalog=catalog)]
    assert "ModuleNotFoundError" in subprocess.run(run, capture_output=True, text=True).stderr
    write(tmp_path / "a", {"shared_ns/late.py": "print('here')"})
    assert subprocess.run(run, capture_output=True, text=True).stdout == "here\n"


_IMPORT_LATE = """
from plugreg import plugins
plugins.discover("testhost", {catalog!r})
import shared_ns.late
"""


def test_an_overlay_that_others_could_have_written_is_not_used(
    tmp_path, catalog, add_project, monkeypatch
):
    """Code is taken only from a folder of this user, root, or the catalog's owner."""
    add_project("one", "value = 1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    plugins.discover(GROUP, catalog)
    os.chmod(f"{catalog}.overlay", 0o777)
    plugins.discover(GROUP, catalog)
    assert list((tmp_path / "cache" / "plugreg" / "overlay").iterdir())
    before = os.stat(tmp_path / "cache" / "plugreg" / "overlay").st_mtime_ns
    plugins.discover(GROUP, catalog)  # found there, and not built again
    assert os.stat(tmp_path / "cache" / "plugreg" / "overlay").st_mtime_ns == before


def test_links_come_behind_what_is_installed_also_beside_one_that_comes_before(
    tmp_path, catalog, add_project, site, pm
):
    """One project is installed as well and comes before: the others still shadow nothing."""
    install(site, "both")
    (site / "taken.py").write_text("")
    add_project("both")
    add_project("taken")
    for number in range(2):  # an earlier overlay's folders are on the path by then
        report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
        assert [each.project for each in report.failed] == ["taken"]
        assert sys.modules["taken"].__file__ == str(site / "taken.py")
        assert str(site) not in sys.modules["both"].__file__
        add_project(f"more-{number}")
        for name in ("taken", "both"):
            del sys.modules[name]
