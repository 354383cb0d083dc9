"""What every reader is asked of a corpus case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.corpus_cases import copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path


def check_read(case: str, folder: Path, flavour: str) -> None:
    """Identify, stream, look up every key and salvage a whole case."""
    path = copied_case(case, folder)
    expected = expected_records(case)
    found = backends.identify(path)
    assert (found.flavour, bool(found.evidence)) == (flavour, True)
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        assert sorted(store.records()) == sorted(expected.items())
        assert store.warnings == []
        assert {key: store[key] for key in expected} == expected
        assert (len(store), set(store)) == (len(expected), set(expected))
        assert b"not a key \xff" not in store
        assert sorted(store.salvage()) == sorted(expected.items())
        assert list(store.losses) == []
