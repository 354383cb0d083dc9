"""What each part of a start costs: `plugins.load` itself, with a clock at its own seams.

The clock is the process's CPU time, so that its first reading is the interpreter's start.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from start_site import Site

PARTS = (
    "start Python",
    "`import pluggy`, which the host has",
    "`import plugreg`",
    "the modules of `plugins.load`",
    "locate the catalog",
    "open it and read the projects",
    "gates, staleness, quarantine",
    "overlay of what is not installed",
    "import the plug-ins",
    "register them",
)
_PROGRAM = """
from time import process_time_ns as now
spent, inner = [now()], [0]
def lap(): spent.append(now() - sum(spent))
import pluggy; lap()
import plugreg; lap()
from plugreg import plugins; plugins.load; lap()
from plugreg import catalog_view
from plugreg.plugins.hosts import loading
parts = dict.fromkeys(("locate", "read", "gates", "overlay", "import", "register"), 0)
def clocked(part, work):
    def run(*given, **named):
        began, outer = now(), inner[0]
        inner[0] = 0
        try:
            return work(*given, **named)
        finally:
            took = now() - began
            parts[part] += took - inner[0]
            inner[0] = outer + took
    return run
pm = pluggy.PluginManager("benchhost")
pm.register = clocked("register", pm.register)
catalog_view.locate_catalog = clocked("locate", catalog_view.locate_catalog)
loading.select = clocked("read", loading.select)
loading.place_of_start = clocked("gates", loading.place_of_start)
loading.admit = clocked("gates", loading.admit)
loading.overlay_or_reasons = clocked("overlay", loading.overlay_or_reasons)
loading.load_object = clocked("import", loading.load_object)
report = plugins.load(pm, catalog=CATALOGS + "/directories")
assert len(report.loaded) == COUNT, report
print(*spent, *parts.values())
"""


def parts_ms(site: Site, rounds: int) -> Mapping[str, Sequence[float]]:
    """Return each part's milliseconds, one of each start, with plug-ins that are not installed."""
    command = site.command(_PROGRAM)
    taken: list[list[float]] = []
    for _ in range(rounds):
        done = subprocess.run(
            command, env=site.environment, check=True, capture_output=True, text=True
        )
        taken.append([int(word) / 1_000_000 for word in done.stdout.split()])
    return dict(zip(PARTS, zip(*taken, strict=True), strict=True))
