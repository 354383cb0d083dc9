"""Hosts take their plug-ins from a catalog of any flavour, whatever its files are called."""

from __future__ import annotations

import pytest

from plugreg import EntryPoint, Project, Registry, Source
from plugreg.plugins import load
from tests.backends.conftest import CREATABLE, require_writable_here

from .conftest import GREETER, GROUP
from .run.test_running import printed


@pytest.mark.parametrize("flavour", CREATABLE)
def test_a_catalog_of_any_flavour(catalog, pm, tmp_path, flavour):
    """A host that loads and one that is run have its plug-ins, now and the next time."""
    require_writable_here(flavour)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "one.py").write_text(GREETER)
    project = Project(
        name="one",
        version="1.0",
        source=Source("odd", str(tmp_path / "source")),
        root=str(tmp_path / "source"),
        modules={"one": "one.py"},
        entry_points=[EntryPoint(GROUP, "one", "one")],
    )
    with Registry.open(catalog, flavour=flavour) as registry:
        registry.add(project)
    report = load(pm, catalog=catalog)
    assert [each.plugin for each in report.loaded] == ["one"], report
    assert pm.hook.greet(name="you") == ["one greets you"]
    for _ in range(2):
        assert printed(catalog, "import one; print(one.greet(name='you'))") == "one greets you"
