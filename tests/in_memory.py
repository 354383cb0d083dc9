"""Folders in memory, for tests that make a file system's calls by the thousand.

What is tested there is the order of the calls and what is found after each, not the disk.
"""

from __future__ import annotations

import os
import tempfile

# None where there is no place for that: the usual place for temporary files.
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None


def folder_in_memory() -> tempfile.TemporaryDirectory[str]:
    """Return a context manager that makes a folder, and removes it."""
    return tempfile.TemporaryDirectory(prefix="plugreg-test-", dir=MEMORY)
