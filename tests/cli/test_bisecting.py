"""`plugreg bisect`: the command is run with fewer projects until the culprit is found."""

from __future__ import annotations

import itertools
import os
import sys

import pytest

from plugreg import Registry
from plugreg.plugins.hosts.run.bisection import find_culprits

HOST = """
import importlib.metadata as m, sys
names = sorted(entry.name for entry in m.entry_points(group="bisected"))
for entry in m.entry_points(group="bisected"):
    entry.load()
"""


@pytest.fixture
def catalog(plugreg_catalog):
    """The catalog that `make_project` records in."""
    return plugreg_catalog


@pytest.fixture
def record(make_project):
    """Record projects of one module each: `record(a="raise ...", b="")`."""

    def add(**codes):
        for name, code in codes.items():
            make_project(name, code, group="bisected")

    return add


def bisect(plugreg, *options, host=HOST, **extra):
    """Bisect a host of the group `bisected`."""
    return plugreg("bisect", *options, "--", sys.executable, "-c", host, **extra)


@pytest.mark.parametrize("code", ["1 / 0", "import os; os._exit(3)", "raise SystemExit(1)"])
def test_the_one_culprit_is_found(plugreg, record, catalog, code):
    """However it makes the command fail; the catalog stays as it is, and nobody is quarantined."""
    record(**dict.fromkeys(["a", "b", "d", "e", "f"], ""), c=code)
    outcome = bisect(plugreg)
    assert outcome.status == 0
    assert outcome.out.startswith("c makes it fail; `plugreg disable c` (found in ")
    assert not os.path.exists(f"{catalog}.starts")
    with Registry.open(catalog, read_only=True) as registry:
        assert all(project.enabled for project in registry)


def test_a_pair_is_found(plugreg, record):
    """Two that get along with everybody but each other; in JSON, with all that were tried."""
    record(
        a="", b="import sys; sys.first = 1", c="", d="import sys; assert not hasattr(sys, 'first')"
    )
    envelope = bisect(plugreg, "--json").object
    bisection = envelope["data"]["bisection"]
    assert (envelope["command"], envelope["status"]) == ("bisect", "success")
    assert bisection["culprits"] == ["b", "d"]
    assert bisection["projects"] == ["a", "b", "c", "d"]
    assert bisection["fails_without_them"] is False
    assert bisection["trials"] < 15


def test_two_culprits_are_found_one_after_the_other(plugreg, record):
    """The first that is found, and that there are more."""
    record(a="1 / 0", b="", c="1 / 0")
    outcome = bisect(plugreg)
    assert outcome.out.startswith("a makes it fail; ")
    assert outcome.lines[1] == "it fails without, too: there are more; disable and bisect again"
    assert bisect(plugreg, PLUGREG_DISABLE="a").out.startswith("c makes it fail; ")


def test_a_command_that_fails_without_any_is_said_to(plugreg, record):
    """No plug-in is to blame."""
    record(a="")
    outcome = bisect(plugreg, host="raise SystemExit(1)")
    assert outcome.status == 1
    assert "fails without any project, too: it is no plug-in" in outcome.err
    envelope = bisect(plugreg, "--json", host="raise SystemExit(1)").object
    assert envelope["errors"][0]["code"] == "fails-without-any"


def test_a_command_that_succeeds_with_all_is_said_to(plugreg, record):
    """There is nothing to find, which may be because it is run without input."""
    record(a="")
    outcome = bisect(plugreg)
    assert outcome.status == 1
    assert "succeeds with all projects: there is nothing to find" in outcome.err


def test_what_run_leaves_out_is_not_blamed(plugreg, make_project):
    """A project that cannot work there is not seen by any trial; it is still among those tried."""
    make_project("a", "1 / 0", group="pytest11", requires_python=">=3.99")
    host = HOST.replace("bisected", "pytest11")
    assert "succeeds with all projects: there is nothing to find" in bisect(plugreg, host=host).err


def test_nothing_that_is_on(plugreg, record):
    """Nothing is run at all."""
    assert "no project is on" in bisect(plugreg).err


def test_one_that_hangs_is_found_by_the_time_that_it_takes(plugreg, record):
    """Whatever the hanging run has started ends with it."""
    record(a="", b="import time; time.sleep(600)", c="")
    assert bisect(plugreg, "--timeout", "3").out.startswith("b makes it fail; ")


def test_trials_are_told_on_a_terminal_only(plugreg, record):
    """In a pipe stderr stays empty."""
    record(a="1 / 0", b="")
    assert bisect(plugreg).err == ""


def test_a_command_that_is_not_there(plugreg, record):
    """Before anything is tried."""
    record(a="")
    assert "no command `nowhere`" in plugreg("bisect", "--", "nowhere").err


def test_every_pair_and_every_single_one_is_found():
    """By the algorithm alone, in few trials, whatever their places."""
    names = [str(number) for number in range(16)]
    for size in (1, 2):
        for wanted in itertools.combinations(names, size):
            tried = []

            def fails(on, wanted=wanted, tried=tried):
                tried.append(on)
                return set(wanted) <= set(on)

            assert find_culprits(names, fails) == list(wanted)
            assert len(tried) <= 16 * size * size
