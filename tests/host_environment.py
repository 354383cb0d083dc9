"""An environment with hosts from PyPI that nobody changed, made once and kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import platformdirs
from filelock import FileLock

from tests.conditions import skip_or_fail

# The hosts, and what their plug-ins in the tests need; none of the plug-ins, and no plugreg.
PINNED = [
    "pytest==8.3.5",
    "pytest-xdist==3.6.1",
    "datasette==0.65.5",
    "llm==0.24",
    "flake8==7.2.0",
    "tox==4.25.0",
    "stevedore==5.4.1",
    "importlib-metadata==8.6.1",
    "attrs==25.3.0",
    "ijson==3.3.0",
    "termcolor==3.0.1",
    "uv==0.6.14",
]
_MINUTES_S = 600
# As the user has it, also for a fixture that is made while a test has another home.
_CACHE = os.environ.get("PLUGREG_TEST_DOWNLOADS") or platformdirs.user_cache_dir(
    "plugreg-tests", appauthor=False
)


def cache_folder() -> Path:
    """Return the folder that keeps the downloads from one run of the tests to the next."""
    folder = Path(_CACHE)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def host_environment(cache: Path, python: str = sys.executable) -> Path:
    """Return the `bin` folder of the environment, made in the folder `cache`, or skip the test.

    Args:
        cache: The folder.
        python: The interpreter that the environment is of; all its environments share one.
    """
    python = os.path.realpath(python)
    asked = [python, "-c", "import sys; print(sys.version)"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    digest = hashlib.sha256("\n".join([python, version, *PINNED]).encode()).hexdigest()
    folder = cache / f"hosts-{digest[:12]}"
    complete = folder / "complete"
    with FileLock(f"{folder}.lock"):
        if not complete.exists():
            subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
            pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
            done = subprocess.run([*pip, "-q", *PINNED], capture_output=True, timeout=_MINUTES_S)
            if done.returncode:
                skip_or_fail("pip cannot install the hosts: no network")
            complete.touch()
    return folder / "bin"
