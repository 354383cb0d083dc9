"""`list` with its filters, its order and its columns, and `tags`."""

from __future__ import annotations

import pytest

from plugreg import Registry, Source

from .conftest import damage, make_project


@pytest.fixture
def varied(catalog, tmp_path):
    """Four projects that differ in everything that can be asked for."""
    module = Source("module", str(tmp_path))
    with Registry.open(catalog) as registry:
        registry.add(make_project("a", version="1.9", tags=["x"], dependencies=["Httpx[h2]>=1"]))
        registry.add(
            make_project(
                "b",
                version="1.10",
                priority=-1,
                summary="Draws MAPS",
                source=module,
                fingerprint="1 2 x",
            )
        )
        registry.add(make_project("c", version="1.2", tags=["x", "yy"], enabled=False))
        registry.add(make_project("d", version="2", dependencies=["httpx2", "click ; extra=='x'"]))
    return catalog


def names(outcome):
    """Return the names that were listed, in their order."""
    return [project["name"] for project in outcome.object["data"]["projects"]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["--state", "missing"], "acd"),
        (["--state", "changed"], "b"),
        (["--state", "ok"], ""),
        (["--kind", "module"], "b"),
        (["--kind", "directory", "--tag", "x"], "ac"),
        (["--requires", "HTTPX"], "a"),
        (["--requires", "click"], "d"),
        (["--match", "maps"], "b"),
        (["--match", "/NOWHERE"], "acd"),
        (["--match", "yY"], "c"),
        (["--match", "datasette", "--disabled"], "c"),
        (["--sort", "version"], "cabd"),
        (["--sort", "-version"], "dbac"),
        (["--sort", "priority"], "bacd"),
        (["--sort", "-name"], "dcba"),
        (["--sort", "kind", "--enabled"], "adb"),
    ],
)
def test_filters_and_order(plugreg, varied, line, expected):
    """All filters that are given count; numbers in versions are compared as numbers."""
    assert "".join(names(plugreg("list", "--json", *line))) == expected


def test_columns(plugreg, varied):
    """Those that are asked for, in that order; what is empty is a hyphen."""
    lines = plugreg("list", "--columns", "tags,name,kind,python").lines
    assert [line.split("\t") for line in lines][1:3] == [
        ["-", "b", "module", "any"],
        ["x,yy", "c", "directory", "any"],
    ]


def test_versions_are_sorted_as_pip_orders_them(plugreg, catalog):
    """A release is after its candidates and before its post-releases; what is no version, first."""
    ordered = ["1" + "0" * 5000, "odd 9", "odd 10", "1.0.dev1", "1.9", "1.10", "2.0a1", "2.0rc1",
               "2.0", "2.0.post1", "2.0.1", "1!0.1"]  # fmt: skip
    with Registry.open(catalog) as registry:
        for number, version in enumerate(ordered):
            registry.add(make_project(f"p{len(ordered) - number}", version=version))
    assert plugreg("list", "--sort", "version", "--columns", "version").lines == ordered


@pytest.mark.parametrize("line", [["--columns", "name,size"], ["--sort", "size"], ["--state", "x"]])
def test_unknown_words(plugreg, varied, line):
    """Are wrong usage, and the error shows those that there are."""
    outcome = plugreg("list", *line)
    assert outcome.status == 2
    assert ", " in outcome.err


def test_a_damaged_record_is_found_by_its_state(plugreg, varied):
    """And sorted among the others by whatever it lacks."""
    damage(varied, "broken")
    assert names(plugreg("list", "--json", "--state", "unreadable")) == ["broken"]
    for column in ("version", "priority", "tags", "state"):
        assert "broken" in names(plugreg("list", "--json", "--sort", column))


def test_tags_count(plugreg, varied):
    """Each tag has its projects counted, and those that are on."""
    assert plugreg("tags").lines == ["x\t2\t1", "yy\t1\t0"]
    assert plugreg("tags", "--json").object["data"]["tags"][1] == {
        "tag": "yy", "projects": 1, "enabled": 0,
    }  # fmt: skip
