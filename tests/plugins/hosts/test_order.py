"""In which order projects load."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugreg import Project, Source, plugins
from plugreg.plugins.hosts.order import in_load_order


def project(name: str, **fields) -> Project:
    """Return a project of that name."""
    return Project(name=name, version="1", source=Source("directory", "/"), **fields)


def order(*projects: Project) -> list[str]:
    """Return the names in load order."""
    return [found.name for found in in_load_order(projects)]


def test_priority_comes_before_name():
    """The lowest priority first, then by name."""
    assert order(project("b"), project("a"), project("c", priority=-1)) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("first", "second"),
    [({"after": ["b"]}, {}), ({}, {"before": ["a"]}), ({"after": ["B"]}, {"before": ["A"]})],
)
def test_before_and_after_win_over_the_rest(first, second):
    """Each says the same from its side, names in any spelling."""
    assert order(project("a", priority=-9, **first), project("b", **second)) == ["b", "a"]


def test_names_that_are_not_there_do_not_matter():
    """A constraint on a project that is off or unknown holds nobody up."""
    assert order(project("a", after=["nobody"]), project("b")) == ["a", "b"]


def test_a_cycle_is_broken_at_the_first_by_priority_and_name():
    """All of them load, always in the same order."""
    ring = [project("a", after=["c"]), project("b", after=["a"]), project("c", after=["b"])]
    assert order(*ring) == order(*reversed(ring)) == ["a", "b", "c"]


CIRCLES = {
    "of two": ([("b", ["a"]), ("a", ["b"])], ["a", "b"], [["a", "b"]]),
    "of three, and one that waits for it": (
        [("a", ["c"]), ("b", ["d"]), ("c", ["b"]), ("d", ["c"]), ("e", [])],
        ["e", "b", "c", "a", "d"],
        [["b", "d", "c"]],
    ),
    "two of them": (
        [("a", ["b"]), ("b", ["a"]), ("c", ["d"]), ("d", ["c"])],
        ["a", "b", "c", "d"],
        [["a", "b"], ["c", "d"]],
    ),
    "one within another": (
        [("a", ["b", "c"]), ("b", ["a"]), ("c", ["b"])],
        ["a", "b", "c"],
        [["a", "b"], ["a", "c", "b"]],
    ),
    "of one": ([("a", ["a"]), ("b", [])], ["a", "b"], []),
}


@pytest.mark.parametrize("case", CIRCLES)
def test_circles_are_named_and_broken_at_their_own_first(case):
    """Who merely waits for a circle still waits; what is told has each wait for the next."""
    waits, expected, members = CIRCLES[case]
    for given_order in (waits, waits[::-1]):
        circles = []
        projects = [project(name, after=after) for name, after in given_order]
        assert [found.name for found in in_load_order(projects, circles)] == expected
        assert circles == members


def test_priority_says_who_is_first_in_a_circle():
    """Not the name alone."""
    ring = [project("a", after=["b"]), project("b", after=["a"], priority=-1)]
    assert order(*ring) == ["b", "a"]


@settings(deadline=None)
@given(st.data())
def test_the_order_is_that_of_the_projects_alone(data):
    """Whatever they wait for, and in whatever order they come, it is the same, and all load."""
    names = "abcdef"
    waits = {n: data.draw(st.sets(st.sampled_from(names), max_size=3)) for n in names}
    projects = [project(n, after=sorted(waits[n]), before=sorted(waits[n])[:1]) for n in names]
    first, second = [], []
    found = [each.name for each in in_load_order(data.draw(st.permutations(projects)), first)]
    again = [each.name for each in in_load_order(projects, second)]
    assert (found, first) == (again, second)
    assert sorted(found) == list(names)


def test_a_circle_is_in_the_report(pm, catalog, add_project):
    """With its members, who went first, and what mends it."""
    add_project("one", after=["two"])
    add_project("two", after=["one"])
    report = plugins.load(pm, catalog=catalog)
    assert [outcome.plugin for outcome in report.loaded] == ["one", "two"]
    (warning,) = report.warnings
    assert warning.startswith("one, which waits for two, which waits for one: one goes first;")


MARKED = """
import pluggy
@pluggy.HookimplMarker("testhost")({mark})
def greet(name):
    return __name__
"""


def test_pluggys_marks_come_before_the_order(pm, catalog, add_project):
    """The highest priority is called first of those of one mark; of `trylast` it is the last."""
    for number, mark in enumerate(["trylast=True", "", "tryfirst=True"] * 2):
        add_project(f"p{number}", MARKED.format(mark=mark), priority=number)
    plugins.load(pm, catalog=catalog)
    assert pm.hook.greet(name="you") == ["p5", "p2", "p4", "p1", "p0", "p3"]


@settings(deadline=None)
@given(st.data())
def test_every_project_comes_once_and_where_there_is_no_cycle_every_constraint_holds(data):
    """Constraints that follow one hidden order have no cycle."""
    names = data.draw(st.permutations("abcdefgh"))
    projects = []
    for place, name in enumerate(names):
        earlier = data.draw(st.sets(st.sampled_from(names[:place]))) if place else set()
        priority = data.draw(st.integers(-2, 2))
        projects.append(project(name, after=sorted(earlier), priority=priority))
    result = order(*projects)
    assert sorted(result) == sorted(names)
    for each in projects:
        assert all(result.index(other) < result.index(each.name) for other in each.after)
