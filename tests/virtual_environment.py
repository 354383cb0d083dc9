"""A real virtual environment in which plugreg and its test hosts can be imported."""

from __future__ import annotations

import os
import sys
import venv
from pathlib import Path


def make_environment(folder: Path) -> Path:
    """Return the interpreter of a new virtual environment that also sees what is installed here."""
    venv.create(folder, with_pip=False, symlinks=True)
    here = [
        entry for entry in sys.path if os.path.basename(entry) in ("site-packages", "dist-packages")
    ]
    lines = [f"import site; site.addsitedir({entry!r})" for entry in here]
    (site_of(folder) / "here.pth").write_text("\n".join([*lines, ""]))
    return folder / "bin" / "python"


def site_of(folder: Path) -> Path:
    """Return the folder in which distributions of an environment are installed."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / "lib" / version / "site-packages"


def catalog_of(folder: Path) -> str:
    """Return the path of an environment's own catalog."""
    return str(folder / "share" / "plugreg" / "catalog.sqlite3")
