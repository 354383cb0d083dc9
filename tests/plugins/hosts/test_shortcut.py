"""The shortcut to an overlay's modules: it finds what Python finds, and gives way to all others.

Each case has so many plug-ins that a load takes the shortcut. The first of them changes what is
found, the last one is what another module of its name would hide.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import zipfile
from importlib.machinery import PathFinder
from pathlib import Path

import pluggy
import pytest

from plugreg import EntryPoint, PlugregError, Project, Registry, Source, plugins
from plugreg.plugins.hosts.loading import _SHORTCUT_PAYS_AFTER
from plugreg.plugins.hosts.overlay import overlay_for
from plugreg.plugins.hosts.selection import select
from plugreg.plugins.hosts.shortcut import Shortcut

from .conftest import GREETER, GROUP, install

FOUND_BY = "import sys\nfinders = [type(each).__name__ for each in sys.meta_path]\n"


@pytest.fixture(autouse=True)
def _crowd(tmp_path, catalog) -> None:
    """Record so many plug-ins that a shortcut pays; the last of them in the order is `zz_last`."""
    folder = tmp_path / "crowd"
    folder.mkdir()
    with Registry.open(catalog) as registry, registry.batch():
        for name in (*(f"crowd_{number:02}" for number in range(_SHORTCUT_PAYS_AFTER)), "zz_last"):
            (folder / f"{name}.py").write_text(GREETER + FOUND_BY)
            project = Project(
                name=name,
                version="1.0",
                source=Source("directory", str(folder)),
                root=str(folder),
                modules={name: f"{name}.py"},
                entry_points=[EntryPoint(GROUP, name, name)],
            )
            registry.add(project)


@pytest.fixture
def early(tmp_path, monkeypatch) -> Path:
    """A folder that comes first on the path but for the working folder, empty as yet."""
    folder = tmp_path / "early"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.syspath_prepend("")
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return folder


def load(catalog, **options):
    """Return the report of a start; it leaves no finder behind."""
    sys.modules.pop("zz_last", None)
    before = list(sys.meta_path)
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog, **options)
    assert sys.meta_path == before
    return report


def require_hidden(report) -> None:
    """Fail where the last plug-in is not reported as hidden, or another one is not loaded."""
    assert [each.project for each in report.failed] == ["zz-last"]
    assert "hidden by another of that name" in report.failed[0].reason
    assert len(report.loaded) >= _SHORTCUT_PAYS_AFTER


def test_a_load_of_many_takes_it(catalog):
    """All are loaded, and while they were a shortcut stood before Python's own finder."""
    report = load(catalog)
    assert not report.failed
    finders = sys.modules["zz_last"].finders
    assert finders[finders.index("Shortcut") + 1] == "type"
    assert sys.meta_path[finders.index("Shortcut")] is PathFinder


def test_a_load_of_few_does_not(catalog, add_project):
    """It would cost more than it spares."""
    with Registry.open(catalog) as registry, registry.batch():
        for name in registry.names():
            registry.remove(name)
    add_project("alone", GREETER + FOUND_BY)
    assert not load(catalog).failed
    assert "Shortcut" not in sys.modules["alone"].finders


_COUNTED = """
import posix, sys
asked = 0
real = posix.stat
def stat(path, *given, **named):
    global asked
    asked += path == sys.argv[2]
    return real(path, *given, **named)
posix.stat = stat
import pluggy
from plugreg import plugins
report = plugins.load(pluggy.PluginManager("testhost"), catalog=sys.argv[1])
assert not report.failed, str(report)
print(asked)
"""


def test_it_asks_no_other_folder(tmp_path, catalog, add_project):
    """Ten plug-ins more, and Python looks at an earlier folder of the path no more often."""
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    run = [sys.executable, "-c", _COUNTED, catalog, str(earlier)]
    environment = {**os.environ, "PYTHONPATH": str(earlier)}

    def asked() -> int:
        for _ in range(2):  # the first start makes the overlay
            done = subprocess.run(run, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    some = asked()
    for number in range(10):
        add_project(f"more-{number}")
    assert 0 < asked() == some


FORMS = {
    "a file": {"form.py": ""},
    "a package": {"form/__init__.py": ""},
    "a namespace package": {"form/part.py": ""},
}


@pytest.mark.parametrize("form", FORMS)
def test_it_finds_what_python_finds(tmp_path, catalog, add_project, form):
    """The spec of a module is the same; what may have parts elsewhere is left to Python."""
    root = tmp_path / "form"
    for name, code in FORMS[form].items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(code)
    place = "form.py" if form == "a file" else "form"
    add_project("form", root=str(root), modules={"form": place})
    overlay = overlay_for(select(GROUP, catalog).on, catalog)
    overlay.enter()
    shortcut = Shortcut(overlay)
    shortcut.enter()
    found, pythons = shortcut.find_spec("form"), PathFinder.find_spec("form")
    shortcut.leave()
    if form == "a namespace package":
        assert found is None
        return
    looks = ("name", "origin", "cached", "has_location", "submodule_search_locations", "parent")
    assert [getattr(found, look) for look in looks] == [getattr(pythons, look) for look in looks]
    assert type(found.loader) is type(pythons.loader)
    assert found.loader.path == pythons.loader.path
    assert shortcut.find_spec("form") is None  # it was left


def test_a_file_that_is_gone_is_no_module(tmp_path, catalog):
    """Others that would do without it get the ImportError that they expect."""
    last = tmp_path / "crowd" / "zz_last.py"
    (tmp_path / "crowd" / "crowd_00.py").write_text(f"import os\nos.unlink({str(last)!r})\n")
    assert load(catalog).failed[0].reason.startswith("ModuleNotFoundError")


PLACES = ["early/zz_last.py", "early/zz_last/__init__.py", "env/site-packages/zz_last.py"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("starts", [0, 2])
@pytest.mark.usefixtures("early", "site")
def test_what_is_there_before_hides(tmp_path, catalog, place, starts):
    """A module, a package, what is installed: from the first start on, or when it comes later."""
    for _ in range(starts):
        assert not load(catalog).failed
    file = tmp_path / place
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    importlib.invalidate_caches()
    require_hidden(load(catalog))
    assert sys.modules["zz_last"].__file__ == str(file)


def test_a_folder_of_its_name_that_is_no_package_hides_nothing(catalog, early):
    """A module goes before a part of a namespace package, wherever the two are."""
    (early / "zz_last").mkdir()
    assert not load(catalog).failed


def test_parts_of_a_namespace_package_are_found_everywhere(tmp_path, catalog, add_project, early):
    """One part lies on the path, the other in the overlay."""
    for folder, part in ((early, "one"), (tmp_path / "two", "two")):
        (folder / "shared").mkdir(parents=True)
        (folder / "shared" / f"{part}.py").write_text("")
    both = "import shared.one, shared.two"
    point = [EntryPoint(GROUP, "part", "shared.two")]
    add_project(
        "part", root=str(tmp_path / "two"), modules={"shared": "shared"}, entry_points=point
    )
    add_project("user", GREETER + both)
    assert not load(catalog).failed
    assert len(sys.modules["shared"].__path__) == 2


def test_a_zip_file_on_the_path(tmp_path, catalog, monkeypatch):
    """What lies in one hides, too."""
    archive = tmp_path / "early.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zz_last.py", "")
    monkeypatch.syspath_prepend(str(archive))
    require_hidden(load(catalog))


def test_a_module_of_the_standard_library(catalog, add_project):
    """A plug-in that is called so never takes its place."""
    add_project("shelve")
    sys.modules.pop("shelve", None)
    report = load(catalog)
    assert [each.project for each in report.failed] == ["shelve"]
    assert sys.modules["shelve"].open


CHANGES = {
    "sys.path gets a folder": "sys.path.insert(0, {late!r})",
    "an entry of sys.path goes": "sys.path[sys.path.index({early!r})] = {late!r}",
    "the working folder is another": "import os; os.chdir({late!r})",
    "a module comes, and Python is told": (
        "import importlib, shutil; shutil.copy({late!r} + '/zz_last.py', {early!r});"
        " importlib.invalidate_caches()"
    ),
    "a finder comes before Python's own": (
        "from importlib.machinery import PathFinder\n"
        "class Finder:\n"
        "    @staticmethod\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        return PathFinder.find_spec(name, [{late!r}]) if name == 'zz_last' else None\n"
        "sys.meta_path.insert(sys.meta_path.index(PathFinder), Finder)"
    ),
    "a finder comes for a folder": (
        "from importlib.machinery import PathFinder\n"
        "class Finder:\n"
        "    @staticmethod\n"
        "    def find_spec(name, target=None):\n"
        "        return PathFinder.find_spec(name, [{late!r}]) if name == 'zz_last' else None\n"
        "sys.path_importer_cache[{early!r}] = Finder"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_plug_in_that_changes_what_is_found(tmp_path, catalog, add_project, early, change):
    """From its import on the other module is found, as it would be without a shortcut."""
    late = tmp_path / "late"
    late.mkdir()
    (late / "zz_last.py").write_text("")
    code = "import sys\n" + CHANGES[change].format(late=str(late), early=str(early))
    add_project("aa-first", GREETER + code)
    require_hidden(plugins.load(pluggy.PluginManager(GROUP), catalog=catalog))


def test_another_finder_on_the_path_to_it(tmp_path, catalog, monkeypatch):
    """One that stands before Python's own finds first, such as that of an editable install."""

    class Editable:
        @staticmethod
        def find_spec(name, *_given):
            return PathFinder.find_spec(name, [str(tmp_path)]) if name == "zz_last" else None

    (tmp_path / "zz_last.py").write_text("")
    monkeypatch.setattr(sys, "meta_path", [Editable, *sys.meta_path])
    require_hidden(load(catalog))


def test_the_assertions_of_a_plug_in_are_rewritten(catalog):
    """The finder of pytest stands before all others, and asks Python's own by itself."""
    pytest.register_assert_rewrite("zz_last")
    assert not load(catalog).failed
    assert type(sys.modules["zz_last"].__loader__).__name__ == "AssertionRewritingHook"


def test_a_load_that_raises_leaves_nothing_behind(catalog, add_project):
    """The finder is taken away in any case."""
    add_project("bad", "1 / 0")
    before = list(sys.meta_path)
    with pytest.raises(PlugregError, match="ZeroDivisionError"):
        plugins.load(pluggy.PluginManager(GROUP), catalog=catalog, strict=True)
    assert sys.meta_path == before


def test_a_project_that_is_installed_as_well(catalog, site):
    """Its folder comes before what is installed, and Python has not looked there yet."""
    install(site, "crowd_00")
    overlay = overlay_for(select(GROUP, catalog).on, catalog)
    overlay.enter()
    shortcut = Shortcut(overlay)
    shortcut.enter()
    found = shortcut.find_spec("zz_last"), shortcut.find_spec("crowd_00")
    shortcut.leave()
    assert [spec is None for spec in found] == [False, True]


def test_a_relative_entry_of_the_path(tmp_path, catalog, early, monkeypatch):
    """Python looks where it led to when it was first looked at, whatever lies there by now."""
    for folder in ("one", "two"):
        (tmp_path / folder / "site-packages").mkdir(parents=True)
    (tmp_path / "one" / "site-packages" / "zz_last.py").write_text("")
    monkeypatch.chdir(tmp_path / "one")
    monkeypatch.syspath_prepend("site-packages")
    assert PathFinder.find_spec("zz_last")
    monkeypatch.chdir(tmp_path / "two")
    report = plugins.load(pluggy.PluginManager(GROUP), catalog=catalog)
    del sys.path_importer_cache["site-packages"]
    require_hidden(report)


def test_a_finder_of_the_path_that_fails(catalog, early, monkeypatch):
    """Each import meets it, and the report says so of each plug-in: the load goes on."""

    class Broken:
        @staticmethod
        def find_spec(name, *_given):
            raise RuntimeError(name)

    monkeypatch.setitem(sys.path_importer_cache, str(early), Broken)
    report = load(catalog)
    assert len(report.failed) > _SHORTCUT_PAYS_AFTER
    assert {each.reason.partition(":")[0] for each in report.failed} == {"RuntimeError"}
