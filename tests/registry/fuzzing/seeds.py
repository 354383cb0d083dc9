"""What the fuzzer begins with: the hostile pickles, and honest ones of every protocol."""

from __future__ import annotations

import pickle

from plugreg.plain import dumps
from tests.hostile.pickles import PICKLES
from tests.registry.conftest import a_project

_VALUES = [
    [{(1, "a"): {2.5, b"x"}}, 2**80, -1, 300, 70_000, None, True, "caf\xe9", b"y" * 300],
    {"a": ["b"], "c": {"d": "e"}, "long": "x" * 300},
    (frozenset({1}), ((), ((1,), 2)), {"s": {()}}),
]


def seeds() -> list[bytes]:
    """Return the pickles, small and large."""
    moment = "2026-11-20T12:00:00Z"
    projects = [
        a_project(),
        a_project(tags=["a", "b"], before=["x"], priority=-70_000, enabled=False),
        a_project(added_at=moment, updated_at=moment, hosts={"datasette": ">=1"}, digest="0" * 64),
    ]
    records = [one.to_record() for one in projects]
    honest = [dumps(record) for record in records]
    honest += [
        pickle.dumps(value, protocol)
        for value in (*_VALUES, records[0])
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ]
    return [*honest, *PICKLES.values()]
