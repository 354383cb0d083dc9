"""In which order projects load."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import Project, Source
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
