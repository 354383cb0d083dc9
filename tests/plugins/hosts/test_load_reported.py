"""Plug-ins that want to know what a load did."""

from __future__ import annotations

import pluggy
import pytest

from plugreg.plugins.testing import assert_loaded

OBSERVER = """
import pluggy
seen = []

@pluggy.HookimplMarker("host")(optionalhook=True)
def plugreg_load_reported(report):
    {}
"""


def test_a_plug_in_is_told_once_all_are_loaded(make_project, plugreg_manager):
    """The report is the one that the host gets, failures of later plug-ins included."""
    make_project("a-observer", OBSERVER.format("seen.append(report)"), group="host")
    make_project("bad", "1 / 0", group="host")
    make_project("good", group="host")
    pm, report = plugreg_manager("host")
    assert pm.get_plugin("a_observer").seen == [report]
    assert [outcome.plugin for outcome in report.failed] == ["bad"]
    pm.check_pending()


def test_a_host_can_specify_it_and_listen_itself(make_project, plugreg_manager):
    """With its own marker, like any of its hooks."""

    class Specs:
        @pluggy.HookspecMarker("host")
        def plugreg_load_reported(self, report):
            """Learn what a load did."""

    make_project("observer", OBSERVER.format("seen.append(str(report))"), group="host")
    pm, report = plugreg_manager("host", Specs)
    assert pm.get_plugin("observer").seen == [str(report)]


@pytest.mark.parametrize("code", ["1 / 0", "raise SystemExit(3)"])
def test_what_it_raises_is_a_warning(make_project, plugreg_manager, code):
    """It does not take the host down, and names the one of several that is to be mended."""
    make_project("observer", OBSERVER.format(code), group="host")
    make_project("other", OBSERVER.format("pass"), group="host")
    _, report = plugreg_manager("host")
    assert_loaded(report, "observer", "other")
    [warning] = report.warnings
    assert warning.startswith("plugreg_load_reported of observer failed: ")


def test_ctrl_c_passes(make_project, plugreg_manager):
    """It is the user's."""
    make_project("observer", OBSERVER.format("raise KeyboardInterrupt"), group="host")
    with pytest.raises(KeyboardInterrupt):
        plugreg_manager("host")


def test_where_nobody_listens_the_hook_does_not_even_exist(make_project, plugreg_manager):
    """So a start pays for one look-up."""
    make_project("good", group="host")
    pm, _ = plugreg_manager("host")
    assert not hasattr(pm.hook, "plugreg_load_reported")
