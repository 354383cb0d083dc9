"""How long the torture lasts, seconds in the suite and minutes by `make torture`, and where."""

from __future__ import annotations

import os

from tests.conditions import once

LONG = os.environ.get("PLUGREG_TORTURE") == "long"
ONCE = once("files last in the same way under every Python", and_with_modules=True)
