"""A writer that is killed has lost nothing that it was told is on disk."""

from __future__ import annotations

import pytest

from tests.torture.kills import kill_writers
from tests.torture.length import ONCE
from tests.torture.subjects import SUBJECTS

pytestmark = ONCE
KILLS = {"store": 20, "registry": 10}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_nothing_is_lost(flavour: str, subject: str) -> None:
    """After each kill all acknowledged changes are there, transactions whole, readers calm."""
    tally = kill_writers(SUBJECTS[subject], flavour, KILLS[subject], "quick")
    assert tally.faults == []
    assert (tally.kills, tally.looks > 0) == (KILLS[subject], True)
    assert tally.acknowledged >= tally.looks  # each look waits for a first change; more is chance
