"""How long the torture lasts: seconds in the suite, minutes by `make torture`."""

from __future__ import annotations

import os

LONG = os.environ.get("PLUGREG_TORTURE") == "long"
