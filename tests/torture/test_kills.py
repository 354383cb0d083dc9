"""A writer that is killed has lost nothing that it was told is on disk."""

from __future__ import annotations

import pytest

from tests.torture.kills import kill_writers
from tests.torture.subjects import SUBJECTS

KILLS = 20


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_nothing_is_lost(flavour: str, subject: type) -> None:
    """After each kill all acknowledged changes are there, transactions whole, readers calm."""
    tally = kill_writers(subject, flavour, KILLS, "quick")
    assert tally.faults == []
    assert (tally.kills, tally.acknowledged > KILLS, tally.looks > 0) == (KILLS, True, True)
