"""Which files and folders are importable, by their names, and which never belong to a project."""

from __future__ import annotations

import re

# Folders beside a project's code that a search does not take for code of its own.
SKIPPED = frozenset(
    {
        "benchmarks",
        "benchmark",
        "bench",
        "build",
        "ci",
        "debian",
        "dist",
        "doc",
        "docs",
        "example",
        "examples",
        "htmlcov",
        "integration",
        "node_modules",
        "notebooks",
        "requirements",
        "sample",
        "samples",
        "script",
        "scripts",
        "task",
        "tasks",
        "test",
        "testing",
        "tests",
        "tool",
        "tools",
        "typings",
        "venv",
        "env",
    }
)
# Modules at the top of a project that work on it and are not of it.
SKIPPED_MODULES = frozenset(
    {
        "setup",
        "conftest",
        "noxfile",
        "toxfile",
        "tasks",
        "fabfile",
        "dodo",
        "wscript",
        "pavement",
        "hatch_build",
        "build",
        "build_backend",
        "manage",
        "test",
        "tests",
        "example",
        "examples",
        "benchmark",
        "benchmarks",
        "docs",
        "version_bump",
    }
)
# Shadowing these would break other people's test runs; an entry point that names one is heeded.
TESTS = frozenset({"test", "tests"})
METADATA = (".dist-info", ".egg-info", ".data")
# Suffixes of extension modules: plain, with the tag of an interpreter, with the stable ABI's.
_MODULE = re.compile(r"(\w+)(?:\.py|(?:\.[\w-]+)?\.(?:so|pyd))", re.ASCII | re.DOTALL)


def module_name(file: str) -> str:
    """Return the import name of a module's file, extension modules included, or "".

    >>> module_name("acme.py"), module_name("_speed.cpython-311-x86_64-linux-gnu.so")
    ('acme', '_speed')
    >>> module_name("a-b.py")
    ''
    """
    found = _MODULE.fullmatch(file)
    return found.group(1) if found and found.group(1).isidentifier() else ""


def is_package_name(folder: str) -> bool:
    """Tell whether a folder of that name can be imported at all."""
    return folder.isidentifier() and folder != "__pycache__"


def without_tests(modules: dict[str, str], kept: set[str]) -> dict[str, str]:
    """Return the modules without folders of tests, unless an entry point names them."""
    return {
        name: path for name, path in modules.items() if name.partition(".")[0] not in TESTS - kept
    }
