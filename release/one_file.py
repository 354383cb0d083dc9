"""plugreg and what it needs as one file that any Python from 3.11 on starts: `python plugreg.pyz`.

    python release/one_file.py FILE [SOURCE]

SOURCE is what pip is to install, the checkout if none is named. Nothing is unpacked when it runs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
INTERPRETER = "/usr/bin/env python3"
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")


def make_zipapp(target: Path, source: Path = CHECKOUT) -> None:
    """Install the source and its dependencies into a folder of their own, and pack that."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*_PIP, "--no-compile", "--target", folder, str(source)]
        subprocess.run(command, check=True)
        _require_pure(Path(folder))
        target.parent.mkdir(parents=True, exist_ok=True)
        zipapp.create_archive(
            folder,
            target,
            interpreter=INTERPRETER,
            main="plugreg.cli:main",
            filter=lambda path: path.parts[0] != "bin",
            compressed=True,
        )


def _require_pure(folder: Path) -> None:
    """Stop where a dependency is of this machine alone: Python loads no such module from a zip."""
    compiled = [str(path.relative_to(folder)) for path in folder.rglob("*.so")]
    if compiled:
        sys.exit(f"these modules cannot be in a zipapp: {', '.join(compiled)}")


if __name__ == "__main__":
    make_zipapp(Path(sys.argv[1]), *map(Path, sys.argv[2:]))
