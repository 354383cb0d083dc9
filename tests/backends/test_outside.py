"""Flavours of other packages: found, kept apart, and never able to break or replace another."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from plugreg import backends
from plugreg.backends import known, outside

FLAVOUR = """
from plugreg.backends import Flavour, Reader

class OneRecord(Reader):
    def records(self):
        with open(self.path, "rb") as file:
            yield b"k", file.read()
    def _close(self):
        pass

class Made(Flavour):
    name = {name!r}
    title = "a flavour for tests"
    def recognise(self, found):
        return "starts with {name}" if found.head().startswith(b"{name}") else None
    def files(self, path):
        return (path,)
    def open(self, path, *, read_only, timeout_s):
        return OneRecord(self.name, path)
"""


class Site:
    """A folder on the path into which packages are put, as an installer would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, package: str, entries: str, code: str = "") -> str:
        """Install a package with its entry points and one module; return the module's name."""
        module = f"{package}_{self.folder.name}".replace("-", "_")
        info = self.folder / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        text = f"[plugreg.flavours]\n{entries.format(module=module)}\n"
        (info / "entry_points.txt").write_text(text)
        (self.folder / f"{module}.py").write_text(code)
        return module


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An empty one; what it brought is forgotten afterwards."""
    folder = tmp_path_factory.mktemp("site")
    monkeypatch.syspath_prepend(folder)
    return Site(folder)


def good(site: Site, name: str = "good") -> None:
    """Install a flavour that works."""
    site.add(f"package-of-{name}", f"{name} = {{module}}:Made", FLAVOUR.format(name=name))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that the good flavour knows, and nobody else."""
    path = tmp_path / "a.good"
    path.write_bytes(b"good, and what follows")
    return path


def test_it_is_as_good_as_a_built_in_one(site: Site, file: Path) -> None:
    """Listed, asked for by name, recognised and opened."""
    good(site)
    assert [flavour.name for flavour in backends.flavours()] == [*known._MODULES, "good"]
    assert backends.require_flavour("good").title == "a flavour for tests"
    assert backends.identify(file) == backends.Identification("good", str(file), "starts with good")
    assert backends.identify(file).records == 1
    with backends.open(file) as store:
        assert (store.flavour, dict(store)) == ("good", {b"k": file.read_bytes()})


def test_an_object_serves_as_well_as_a_class(site: Site) -> None:
    """The entry point names either."""
    code = FLAVOUR.format(name="good") + "FLAVOUR = Made()\n"
    site.add("with-object", "good = {module}:FLAVOUR", code)
    assert backends.require_flavour("good").name == "good"


def test_an_unknown_name_lists_it(site: Site) -> None:
    """Who mistypes sees what there is."""
    good(site)
    with pytest.raises(backends.FlavourUnknown, match="dumb, good$"):
        backends.require_flavour("goood")


BROKEN = {
    "import error": ("bad = no_such_module_here:X", "", "no_such_module_here: ?X"),
    "raises": ("bad = {module}:X", "raise RuntimeError('two\\nlines')", "RuntimeError: two lines"),
    "exits": ("bad = {module}:X", "raise SystemExit(3)", "SystemExit: 3"),
    "no such name": ("bad = {module}:X", "", "AttributeError: .*'X'"),
    "a module": ("bad = {module}", "", "no plugreg.backends.Flavour but module"),
    "another class": ("bad = {module}:X", "class X: pass", "no plugreg.backends.Flavour but X"),
    "needs arguments": ("bad = {module}:X", "class X:\n def __init__(self, a): pass", "TypeError"),
    "another name": ("bad = {module}:Made", FLAVOUR.format(name="good"), "itself .good..*.bad."),
    "pinned": ("bad = {module}:P", FLAVOUR.format(name="bad") + "class P(Made): pinned = True",
               "says to be pinned"),
    "no title": ("bad = {module}:P", FLAVOUR.format(name="bad") + "class P(Made): title = None",
                 "must be text"),
    "asked in vain": ("bad = {module}:P", FLAVOUR.format(name="bad") + "class P(Made):\n"
                      " def unreadable_here(self): return 1 / 0", "ZeroDivisionError"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_one_is_listed_with_its_reason(site: Site, file: Path, kind: str) -> None:
    """A warning names it, asking for it says why not, and the good one beside it works."""
    entries, code, reason = BROKEN[kind]
    site.add("a-bad-package", entries, code)
    good(site)
    with pytest.warns(backends.FlavourWarning, match=f"`bad` of a-bad-package .*{reason}"):
        listed = {flavour.name: flavour for flavour in backends.flavours()}
    assert list(listed) == [*known._MODULES, "bad", "good"]
    assert listed["bad"].unreadable_here() == listed["bad"].unwritable_here() != ""
    with pytest.raises(backends.FlavourUnavailable, match=f"`bad` is unavailable: .*{reason}"):
        backends.require_flavour("bad")
    assert backends.identify(file).flavour == "good"
    with pytest.raises(backends.FlavourUnavailable, match="bad"):
        backends.open(file.with_name("new"), "bad", "c")


@pytest.mark.parametrize("name", ["sqlite3", "berkeley-hash", "dumb"])
def test_none_can_replace_a_built_in_one(site: Site, tmp_path: Path, name: str) -> None:
    """The name stays plugreg's; the other is listed under its package's name."""
    site.add("a-thief", f"{name} = {{module}}:Made", FLAVOUR.format(name=name))
    own = backends.require_flavour(name)
    with pytest.warns(backends.FlavourWarning, match=f"`{name}` of a-thief .*built in"):
        listed = {flavour.name: flavour for flavour in backends.flavours()}
    assert listed[name] is own is backends.require_flavour(name)
    assert "which no package can replace" in listed[f"a-thief:{name}"].unreadable_here()
    with pytest.raises(backends.FlavourUnavailable, match="built in"):
        backends.require_flavour(f"a-thief:{name}")


@pytest.mark.parametrize("name", ["Good", "a b", "dbm.good", "-", "a--b", "é"])
def test_a_name_that_nobody_could_type_is_refused(site: Site, name: str) -> None:
    """What is printed and asked for is lower-case letters, digits and hyphens."""
    site.add("odd", f"{name} = {{module}}:Made", FLAVOUR.format(name=name))
    with pytest.warns(backends.FlavourWarning, match="no flavour's name"):
        names = [flavour.name for flavour in backends.flavours()]
    assert names[-1] == f"odd:{name}"


def test_the_second_of_a_name_is_refused(site: Site, file: Path) -> None:
    """The package that comes first in the alphabet has it; the other is listed beside it."""
    good(site)
    site.add("another", "good = {module}:Made", FLAVOUR.format(name="good"))
    with pytest.warns(backends.FlavourWarning, match="another package has a flavour `good`"):
        assert backends.identify(file).flavour == "good"
    listed = [flavour.name for flavour in backends.flavours()]
    assert listed == [*known._MODULES, "good", "package-of-good:good"]


@pytest.mark.parametrize("what", ["raise ValueError('oh')", "raise SystemExit", "return 7"])
def test_a_recognise_that_fails_hides_no_other(site: Site, file: Path, what: str) -> None:
    """It is a warning; the flavour after it is asked, and without one the file is refused."""
    code = f"{FLAVOUR.format(name='bad')}\nclass Bad(Made):\n def recognise(self, found): {what}"
    site.add("a-bad-package", "bad = {module}:Bad", code)
    with (
        pytest.warns(backends.FlavourWarning, match="`bad`"),
        pytest.raises(backends.NotADatabase, match=r"a\.good is text"),
    ):
        backends.identify(file)
    good(site)
    outside._loaded.cache_clear()
    with pytest.warns(backends.FlavourWarning, match="`bad`"):
        assert backends.identify(file).flavour == "good"


@pytest.mark.parametrize("what", ["raise ValueError('oh')", "return 'many'"])
def test_a_count_that_fails_is_not_told(site: Site, file: Path, what: str) -> None:
    """The file is identified all the same."""
    code = f"{FLAVOUR.format(name='good')}\nclass Bad(Made):\n def count(self, path): {what}"
    site.add("a-bad-package", "good = {module}:Bad", code)
    found = backends.identify(file)
    with pytest.warns(backends.FlavourWarning, match="`good`"):
        assert found.records is None


def test_it_cannot_claim_what_a_built_in_flavour_knows(site: Site, tmp_path: Path) -> None:
    """One that says yes to everything gets what nobody else wants, and no empty file."""
    code = (
        f"{FLAVOUR.format(name='any')}\nclass Any(Made):\n def recognise(self, found): return 'x'"
    )
    site.add("greedy", "any = {module}:Any", code)
    backends.open(tmp_path / "cat", mode="c").close()
    backends.open(tmp_path / "pair", "dumb", "c").close()
    (tmp_path / "text").write_text("text")
    (tmp_path / "empty").touch()
    kinds = [backends.identify(tmp_path / name).flavour for name in ("cat", "pair", "text")]
    assert kinds == ["sqlite3", "dumb", "any"]
    with pytest.raises(backends.NotADatabase, match="is empty"):
        backends.identify(tmp_path / "empty")
    with pytest.raises(backends.CatalogNotFound):
        backends.identify(tmp_path / "nothing")


def test_a_distribution_that_cannot_be_read_is_passed_over(site: Site, file: Path) -> None:
    """A malformed entry_points.txt ends `importlib.metadata.entry_points`, and nothing here."""
    site.add("malformed", "no equals sign")
    good(site)
    assert backends.identify(file).flavour == "good"


def test_what_is_installed_later_is_seen(
    site: Site, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that extends its path, as a host with plug-in folders does, has the new ones."""
    with pytest.raises(backends.NotADatabase):
        backends.identify(file)
    monkeypatch.syspath_prepend(tmp_path)
    good(Site(tmp_path))
    assert backends.identify(file).flavour == "good"


def test_a_start_pays_nothing(tmp_path: Path) -> None:
    """Making, finding and opening built-in flavours by name or bytes reads no metadata."""
    program = (
        "import sys; from plugreg import Registry, backends\n"
        "path = sys.argv[1]\n"
        "try: backends.identify(path)\n"
        "except backends.CatalogNotFound: pass\n"
        "Registry.open(path, read_only=True).close(); Registry.open(path).close()\n"
        "backends.open(path + 'd', 'dumb', 'c').close(); backends.open(path + 'd').close()\n"
        "assert not {'importlib.metadata', 'plugreg.backends.outside'} & set(sys.modules)\n"
        "list(backends.flavours())\n"
        "assert 'importlib.metadata' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "cat")], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_working_flavours_warn_of_nothing(site: Site, file: Path) -> None:
    """Where all is well, nobody hears of it."""
    good(site)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(backends.flavours())) == len(known._MODULES) + 1
        backends.identify(file)
