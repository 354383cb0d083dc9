"""What a start records of its imports, and what the next one makes of what was left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import platformdirs
import pytest

from plugreg import CatalogError, EntryPoint, Project, Registry, Source, starts
from plugreg.quarantine import look_of, sightings

# A process that ends while it imports `plugin` of `evil`; its start is a new one, or the caller's.
DIE = """
import os, sys
from plugreg import starts
record = starts.ImportRecord(starts.place_of(sys.argv[1]))
record.note("good", "good")
record.note("evil", "plugin")
os._exit(1)
"""


@pytest.fixture(autouse=True)
def _own_start(monkeypatch):
    """Forget which start this process belongs to."""
    monkeypatch.setenv(starts.VARIABLE, "")


@pytest.fixture
def catalog(tmp_path) -> str:
    """A catalog with the project `evil` of one module."""
    path = str(tmp_path / "catalog")
    (tmp_path / "evil.py").write_text("")
    old = time.time() - 1000
    os.utime(tmp_path / "evil.py", (old, old))
    with Registry.open(path) as registry:
        parts = {"root": str(tmp_path), "modules": {"evil": "evil.py"}}
        entry = EntryPoint("group", "plugin", "evil")
        source = Source("directory", str(tmp_path))
        registry.add(
            Project(name="evil", version="1", source=source, entry_points=[entry], **parts)
        )
    return path


def die(catalog: str, **environment: str) -> None:
    """Let a process end in an import."""
    command = [sys.executable, "-c", DIE, catalog]
    assert subprocess.run(command, env={**os.environ, **environment}).returncode == 1


def seen(catalog: str) -> list[tuple[str, str, int, bool]]:
    """Return what was seen, in short."""
    with Registry.open(catalog, read_only=True) as registry:
        found = sightings(registry)
    return [(one.project, one.plugin, len(one.starts), one.enough) for one in found]


def test_two_starts_are_enough(catalog):
    """The first is remembered, the second makes it a quarantine, looking again changes nothing."""
    assert seen(catalog) == []
    die(catalog)
    assert seen(catalog) == [("evil", "plugin", 1, False)]
    die(catalog)
    assert seen(catalog) == seen(catalog) == [("evil", "plugin", 2, True)]


def test_many_processes_of_one_start_count_once(catalog):
    """However many of its workers die, at once or one after another."""
    place = starts.place_of(catalog)
    one_start = {starts.VARIABLE: f"{os.getpid()}-1 {place}"}
    die(catalog, **one_start)
    die(catalog, **one_start)
    assert seen(catalog) == [("evil", "plugin", 1, False)]
    die(catalog, **one_start)
    assert seen(catalog) == [("evil", "plugin", 1, False)]


def test_what_outlives_its_start_is_a_new_one(catalog):
    """A shell that a host left behind hands its mark on for ever."""
    place = starts.place_of(catalog)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for _ in range(2):
        die(catalog, **{starts.VARIABLE: f"{gone.pid}-1 {place}"})
    assert seen(catalog) == [("evil", "plugin", 2, True)]


def test_a_start_of_another_catalog_is_another(catalog, tmp_path):
    """A host that runs in another host's child is a start of its own."""
    for _ in range(2):
        die(catalog, **{starts.VARIABLE: f"{os.getpid()}-1 {tmp_path}/other"})
    assert seen(catalog) == [("evil", "plugin", 2, True)]


def test_the_living_are_left_alone(catalog):
    """An import that takes its time is not held against anybody, nor is one that has ended."""
    code = DIE.replace("os._exit(1)", "print('x', flush=True); input(); record.end()")
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code, catalog]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as running:
        assert running.stdout is not None
        running.stdout.readline()
        assert len(os.listdir(starts.place_of(catalog))) == 1
        assert seen(catalog) == []
        running.communicate("\n")
    assert os.listdir(starts.place_of(catalog)) == []


def test_an_import_that_went_well_never_looks_like_an_end(catalog, monkeypatch):
    """Not at any step of clearing its record away, for starts that look in that moment."""
    place = starts.place_of(catalog)
    record = starts.ImportRecord(place)
    record.note("good", "good")
    look = f"from plugreg import starts; print(starts.left_behind({place!r}))"
    seen = []

    def look_around(call, *arguments):
        seen.append(subprocess.check_output([sys.executable, "-c", look], text=True))
        call(*arguments)
        seen.append(subprocess.check_output([sys.executable, "-c", look], text=True))

    calls = {
        name: partial(look_around, getattr(os, name)) for name in ("truncate", "unlink", "close")
    }
    with monkeypatch.context() as patch:
        patch.setattr(starts, "os", SimpleNamespace(**{**vars(os), **calls}))
        record.end()
    assert set(seen) == {"[]\n"}
    assert os.listdir(place) == []


def test_our_own_record_keeps_its_lock_while_we_look(catalog):
    """Looking at a file by other means would drop the lock that shows that we live."""
    record = starts.ImportRecord(starts.place_of(catalog))
    record.note("evil", "plugin")
    assert seen(catalog) == []
    code = "import sys; from plugreg import starts; print(starts.left_behind(sys.argv[1]))"
    command = [sys.executable, "-c", code, starts.place_of(catalog)]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "[]\n"
    record.end()
    assert os.listdir(starts.place_of(catalog)) == []


def test_in_a_host_within_a_host_the_inner_import_is_the_culprit(catalog):
    """The outer plug-in only waits for it."""
    code = DIE.replace(
        "os._exit(1)",
        "inner = starts.ImportRecord(starts.place_of(sys.argv[1]))\n"
        "inner.note('evil', 'inner')\nos._exit(1)",
    )
    subprocess.run([sys.executable, "-c", code, catalog])
    assert seen(catalog) == [("evil", "inner", 1, False)]
    assert sorted(os.listdir(starts.place_of(catalog))) == ["lock", "seen"]


def test_changed_code_is_given_another_chance(catalog, tmp_path):
    """What was seen was seen of the code as it was."""
    for _ in range(2):
        die(catalog)
    assert seen(catalog) == [("evil", "plugin", 2, True)]
    (tmp_path / "evil.py").write_text("mended = True")
    assert seen(catalog) == []
    assert "seen" not in os.listdir(starts.place_of(catalog))


def test_code_that_changed_after_the_end_is_not_counted(catalog, tmp_path):
    """It was mended before anybody looked."""
    die(catalog)
    later = time.time() + 10
    os.utime(tmp_path / "evil.py", (later, later))
    assert seen(catalog) == []


def test_the_look_of_installed_code_is_that_of_its_metadata_and_modules(tmp_path):
    """A reinstall changes the one, an edit in place the other; byte code counts not."""
    site = tmp_path / "site-packages"
    info = site / "evil-1.dist-info"
    info.mkdir(parents=True)
    (site / "evil").mkdir()
    (site / "evil" / "__init__.py").write_text("")
    entry = EntryPoint("group", "plugin", "evil.inner:thing")
    source = Source("distribution", str(info))
    project = Project(name="evil", version="1", source=source, entry_points=[entry])
    looks = [look_of(project)]
    (site / "evil" / "__pycache__").mkdir()
    (site / "evil" / "__pycache__" / "x.pyc").write_text("")
    assert look_of(project) == looks[0]
    (site / "evil" / "inner.py").write_text("")
    looks.append(look_of(project))
    (info / "RECORD").write_text("")
    looks.append(look_of(project))
    assert len(set(looks)) == 3


@pytest.mark.parametrize("verb", ["enable", "remove"])
def test_enabling_and_removing_forget_it(catalog, verb):
    """What was counted, and what was left behind since."""
    for _ in range(2):
        die(catalog)
    assert seen(catalog)
    die(catalog)
    with Registry.open(catalog) as registry:
        project = registry["evil"]
        getattr(registry, verb)("Evil")
        registry.add(project)
    assert seen(catalog) == []


def test_another_environment_has_its_own_count(catalog):
    """What ends one Python may be well in another."""
    code = DIE.replace("record =", "sys.prefix = '/other'\nrecord =")
    die(catalog)
    subprocess.run([sys.executable, "-c", code, catalog])
    assert seen(catalog) == [("evil", "plugin", 1, False)] * 2


def test_where_the_catalog_cannot_be_written_the_record_is_in_the_cache(
    catalog, tmp_path, monkeypatch
):
    """It is found there by the next start, and forgotten there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path(f"{catalog}.starts").touch()  # no folder can be made, not even by root
    for _ in range(2):
        die(catalog)
    assert starts.place_of(catalog).startswith(str(tmp_path / "cache" / "plugreg" / "starts"))
    assert seen(catalog) == [("evil", "plugin", 2, True)]
    with Registry.open(catalog) as registry:
        registry.enable("evil")
    assert seen(catalog) == []


def test_what_cannot_be_forgotten_is_said(catalog):
    """The switch is set, and the user is told what to do about the rest."""
    die(catalog)
    (Path(starts.place_of(catalog)) / "lock").mkdir()
    with Registry.open(catalog) as registry:
        registry.disable("evil")
        with pytest.raises(CatalogError, match="what was seen of evil cannot be forgotten") as said:
            registry.enable("evil")
        assert registry["evil"].enabled
    assert starts.place_of(catalog) in said.value.hint


def test_where_nothing_can_be_written_nothing_is_recorded(catalog, tmp_path, monkeypatch):
    """The start goes on as ever."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    Path(f"{catalog}.starts").touch()
    assert starts.place_of(catalog) == ""
    record = starts.ImportRecord("")
    record.note("evil", "plugin")
    record.end()
    assert seen(catalog) == []


def test_a_trial_is_not_recorded(catalog):
    """Who looks for the culprit ends many starts on purpose."""
    die(catalog, **{starts.VARIABLE: starts.UNRECORDED})
    assert not os.path.exists(f"{catalog}.starts")
    assert seen(catalog) == []


@pytest.mark.parametrize("reused", [False, True])
def test_a_plug_in_that_closes_all_files_is_survived(catalog, tmp_path, reused):
    """The number of our file may be another's by now: that one is not written to."""
    place = starts.place_of(catalog)
    record = starts.ImportRecord(place)
    record.note("evil", "plugin")
    number = record._file
    os.close(number)
    theirs = os.open(tmp_path / "theirs", os.O_RDWR | os.O_CREAT)
    assert theirs == number
    if not reused:
        os.close(theirs)
    record.note("good", "good")
    assert len(os.listdir(place)) == 1
    record.end()
    assert os.listdir(place) == []
    assert (tmp_path / "theirs").read_bytes() == b""
    if reused:
        os.close(theirs)


def test_what_is_no_record_is_passed_over(catalog):
    """A file that is torn, or another program's, stops nobody."""
    die(catalog)
    place = Path(starts.place_of(catalog))
    [left] = place.iterdir()
    left.write_bytes(b"rubbish")
    (place / "importing-x").write_bytes(b"\0\n\xff\0\n")
    (place / "seen").write_bytes(b"a\0b\0\n\xff")
    assert seen(catalog) == []
    assert [path.name for path in place.iterdir()] == ["lock"]


def test_the_cache_is_the_one_of_platformdirs(monkeypatch, tmp_path):
    """It is found without it, because that costs a start 10 ms."""
    for value in ("", str(tmp_path)):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert starts._cache_folder() == platformdirs.user_cache_dir()
