"""What every store does, whatever its flavour: the contract that flavours from outside share."""

from __future__ import annotations

import pytest

from plugreg.backends.testing import StoreContract
from tests.backends.conftest import CREATABLE, require_writable_here


class TestEveryFlavour(StoreContract):
    """The contract, on each flavour that can be made here."""

    @pytest.fixture(params=CREATABLE)
    def flavour(self, request: pytest.FixtureRequest) -> str:
        """The name of each of them, in turn."""
        require_writable_here(request.param)
        return str(request.param)
