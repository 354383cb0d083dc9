"""Datasette, with the plug-ins of a catalog.

Usage: python host.py serve data.db, python host.py plugins, and so on, as `datasette` is used. The
whole of the change to a host is the line with `load`; the others say what is left out, and why.
"""

from __future__ import annotations

import sys

from datasette.cli import cli
from datasette.plugins import pm

from plugreg import plugins

report = plugins.load(pm)
if report.catalog_error:
    print(f"the catalog cannot be read: {report.catalog_error}", file=sys.stderr)
for outcome in report.failed + report.skipped:
    print(f"not loaded: {outcome}", file=sys.stderr)

if __name__ == "__main__":
    cli()
