"""The source of plugreg's own modules that other Pythons run."""

from __future__ import annotations

import importlib.util
import sys
import zipfile

from _pytest.assertion.rewrite import AssertionRewritingHook

from plugreg.plugins import environment_program, module_text


def test_of_a_file():
    """As it lies there."""
    assert "def environment(" in module_text.text_of(environment_program)


def test_of_a_module_that_pytest_rewrites(pytestconfig):
    """A plugreg that is installed is one of pytest's plug-ins, whose assertions it rewrites."""
    module = importlib.util.module_from_spec(importlib.util.spec_from_file_location(
        "rewritten", environment_program.__file__, loader=AssertionRewritingHook(pytestconfig)
    ))  # fmt: skip
    assert "def environment(" in module_text.text_of(module)


def test_of_a_module_in_a_zip_file(tmp_path, monkeypatch):
    """From where `make zipapp` puts it."""
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("module_in_a_zip.py", "here = True\n")
    monkeypatch.syspath_prepend(str(tmp_path / "some.zip"))
    import module_in_a_zip

    assert module_text.text_of(module_in_a_zip) == "here = True\n"
    del sys.modules["module_in_a_zip"]
