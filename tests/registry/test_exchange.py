"""The export's form, and the library's questions to a catalog."""

from __future__ import annotations

import operator
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import EntryPoint, Project, Registry, Source, backends
from plugreg.backends import PlugregError
from plugreg.exchange import export_lines, read_export
from plugreg.unpacked import unpacked_folder
from tests.fresh_process import run_fresh
from tests.registry.conftest import a_project

if TYPE_CHECKING:
    from pathlib import Path

TEXT = st.text(max_size=8)
# With bytes that are no UTF-8, as PEP 383 has them.
PATH = st.builds(os.fsdecode, st.binary(max_size=8)) | TEXT
PATHS = st.one_of(
    PATH,
    st.sampled_from(["", ".", "./x", "=", "=./x", "@unpacked/", "/", "/base", "/base/", "/baseed"]),
    st.sampled_from(["/base/a/../b", "/base//a", "/base/@unpacked/x", "/base/=x", "/base/./x"]),
    st.builds("/base/{}".format, PATH),
    st.builds(lambda rest: f"{unpacked_folder()}{rest}", st.sampled_from(["", "/", "/ab/code"])),
)


@given(location=PATHS, root=PATHS, text=TEXT, words=st.lists(TEXT))
def test_any_project_comes_back(location: str, root: str, text: str, words: list[str]) -> None:
    """Whatever texts and paths it has, reading what was written gives an equal one."""
    project = Project(
        name="n",
        version=text,
        display_name=text,
        summary=text,
        source=Source("directory", location),
        entry_points=[EntryPoint("g", text, text)],
        root=root,
        dependencies=words,
        tags=words,
        fingerprint=text,
        requires_python=None if words else text,
    )
    whole = "\n".join(export_lines([project], "/base"))
    assert whole.isascii()
    assert read_export(whole, "/base") == ([project], [])


def test_half_a_character_is_refused() -> None:
    """JSON can spell one; the project is named, and the others are read."""
    whole = "\n".join(export_lines([a_project("bad"), a_project("good")], "/base"))
    projects, (error,) = read_export(whole.replace("1.2.post3", "\\ud800", 1), "/base")
    assert [project.name for project in projects] == ["good"]
    assert "project 'bad': bad cannot be recorded: version holds half" in str(error)


def test_no_projects() -> None:
    """An empty catalog is an export, too."""
    assert read_export("\n".join(export_lines([], "/")), "/") == ([], [])


def test_match(registry: Registry) -> None:
    """The catalog holds just what it is given, and what differed is returned; it is one change."""
    kept, changed, _ = (registry.add(a_project(name)) for name in ("kept", "changed", "gone"))
    wanted = [kept, changed.replace(priority=3), a_project("new", added_at="2020-01-01T00:00:00Z")]
    told = registry.differences_to(wanted)
    assert [(each.name, each.kind) for each in told] == [
        ("changed", "set"), ("gone", "removed"), ("new", "added"),
    ]  # fmt: skip
    assert registry.match(wanted) == told
    assert list(registry) == sorted(wanted, key=lambda project: project.name)
    assert registry.match(wanted) == []
    registry.undo()
    assert [project.name for project in registry] == ["changed", "gone", "kept"]
    with pytest.raises(PlugregError, match="two projects are called kept"):
        registry.match([kept, kept])


def test_match_replaces_what_cannot_be_read(registry: Registry, path: Path) -> None:
    """And undo brings the very bytes back."""
    registry.add(a_project("a"))
    registry._catalog.store[b"a"] = b"rubbish"
    registry._catalog.store[b"b\xff"] = b"rubbish"
    registry.match([a_project("a")])
    assert [project.name for project in registry.scan() if isinstance(project, Project)] == ["a"]
    registry.undo()
    assert (registry._catalog.store[b"a"], registry._catalog.store[b"b\xff"]) == (b"rubbish",) * 2


def test_select(registry: Registry, tmp_path: Path) -> None:
    """Those that fit all that is given, sorted by name."""
    registry.add(a_project("b", tags=["x"], dependencies=["Some_Thing>=2"]))
    registry.add(a_project("a", tags=["x", "y"], enabled=False))
    registry.add(
        a_project(
            "c",
            source=Source("wheel", str(tmp_path)),
            summary="Ärger",
            root="",
            fingerprint="1 2 x",
        )
    )
    questions: dict[str, list[dict[str, object]]] = {
        "abc": [{}, {"group": "datasette"}, {"match": "MY_PLUGIN"}],
        "ab": [{"tags": ["x"]}, {"state": "missing"}, {"kind": "directory"}],
        "a": [{"enabled": False}, {"tags": ["x", "y"]}, {"tags": ["x"], "enabled": False}],
        "b": [{"requires": "some.thing"}],
        "c": [{"match": "äRG"}, {"kind": "wheel"}, {"state": "changed"}],
        "": [{"group": "data"}, {"requires": "some"}, {"match": "nothing"}],
    }
    for expected, asked in questions.items():
        for question in asked:
            found = registry.select(**question)  # type: ignore[arg-type]
            assert "".join(project.name for project in found) == expected, question


def test_map_reduce(registry: Registry) -> None:
    """One value a key, from as many pairs as each project gives."""
    registry.add(a_project("a", tags=["x", "y"], priority=3))
    registry.add(a_project("b", tags=["x"], priority=5))
    counted = registry.map_reduce(lambda each: ((tag, 1) for tag in each.tags), operator.add)
    assert counted == {"x": 2, "y": 1}
    assert registry.map_reduce(lambda each: [("top", each.priority)], max) == {"top": 5}
    assert registry.map_reduce(lambda _: [], max) == {}


PEAK = """
import operator, sys
from plugreg import Registry
with Registry.open(sys.argv[1], read_only=True) as registry:
    print(registry.map_reduce(lambda each: ((g, 1) for g in each.groups), operator.add))
    print(sum(1 for _ in registry.select(match="plug")))
with open("/proc/self/status") as status:
    print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.fixture(scope="module")
def of_many(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Catalogs of 1,000 and of 50,000 projects, of flavour sqlite3."""
    folder, found = tmp_path_factory.mktemp("many"), {}
    for count in (1_000, 50_000):
        found[count] = folder / f"of-{count}"
        with Registry.open(found[count], flavour="sqlite3") as registry, registry.batch():
            for number in range(count):
                points = [EntryPoint("g", f"p{number}", "module")]
                registry.add(a_project(f"plug-{number}", summary="s" * 300, entry_points=points))
    return found


@pytest.mark.only_where(os.path.exists("/proc/self/status"), "of Linux, which tells peak memory")
@pytest.mark.parametrize("flavour", ["sqlite3", "gnu"])
def test_questions_take_constant_memory(
    tmp_path: Path, of_many: dict[int, Path], flavour: str
) -> None:
    """Of 50,000 projects they need no more than of 1,000, but for what the library caches."""
    peaks_kb = []
    for count, made in of_many.items():
        file = tmp_path / f"of-{count}"
        backends.migrate(made, file, flavour)
        counted, selected, peak = run_fresh(PEAK, file).splitlines()
        assert (counted, selected) == (f"{{'g': {count}}}", str(count))
        peaks_kb.append(int(peak))
    assert file.stat().st_size > 30_000_000
    assert peaks_kb[1] - peaks_kb[0] < 6_000, peaks_kb
