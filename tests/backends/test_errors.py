"""The tree of errors: one root, stable codes, and the same after pickling."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from plugreg import backends
from plugreg.backends import errors

CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, backends.PlugregError)
]


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_survive_pickling(kind: type[backends.PlugregError]) -> None:
    """Message, hint, code and details come back, and what it shows is the same."""
    error = kind("it went wrong", hint="mend it", code="special", path="/x", flavour="gnu")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is kind
        assert (again.message, again.hint, again.code) == ("it went wrong", "mend it", "special")
        assert again.details == {"path": "/x", "flavour": "gnu"}
        assert str(again) == str(error) == "it went wrong; mend it"


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_has_a_code_and_stands_on_the_face(kind: type[backends.PlugregError]) -> None:
    """A word for programs, its own; and callers can catch it by name."""
    assert getattr(backends, kind.__name__) is kind
    assert kind.code == kind("x").code
    assert [other.code for other in CLASSES].count(kind.code) == 1
    assert str(kind("only a message")) == "only a message"


def test_the_tree() -> None:
    """What callers may rely on when they catch a family."""
    assert issubclass(backends.ProjectNotFound, KeyError)
    assert issubclass(backends.UnsafeRecord, backends.RecordUnreadable)
    assert issubclass(backends.NotADatabase, backends.FlavourError)
    for kind in (
        backends.CatalogCorrupt,
        backends.CatalogLocked,
        backends.CatalogNotFound,
        backends.CatalogReadOnly,
        backends.RecordUnreadable,
        backends.SchemaTooNew,
    ):
        assert issubclass(kind, backends.CatalogError)
