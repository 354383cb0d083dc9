"""Whether what would be released works where nothing of the checkout is at hand.

    python release/check.py [PYTHON...]

Both archives are built twice and compared; their metadata are looked at as PyPI does. The wheel is
installed into a clean environment of each PYTHON (else of each supported one that is found), the
sdist into one of the first; there plugreg's own command, pip's check, every module and the demo are
run. Part of the tests is run from the sdist, and the zipapp is made and started.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

from one_file import make_zipapp

CHECKOUT = Path(__file__).resolve().parents[1]
OLDEST, NEWEST = 11, 13
# All tests are collected from the sdist, and a few are run: that it has what they are made of.
TESTS = [
    "tests/registry/test_registry.py",
    "tests/backends/test_corpus.py",
    "tests/cli/test_add.py",
]
IMPORT_ALL = """
import importlib, pkgutil, sys, plugreg
assert sys.prefix in plugreg.__file__, plugreg.__file__
names = [each.name for each in pkgutil.walk_packages(plugreg.__path__, "plugreg.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names), "modules imported")
"""


def main(pythons: list[str]) -> None:
    """Check all of it; the first thing that fails ends it."""
    found = pythons or _supported()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel, sdist = _built(folder)
        tree = _unpacked(sdist, folder / "tree")
        _say("the sdist has what git tracks")
        _require_whole(tree)
        for python in found:
            _say(f"the wheel on {python}")
            environment = Environment(folder / "wheel", python)
            environment.install(wheel, *_group("demo"))
            environment.try_all(tree)
        _say(f"the sdist on {found[0]}, and tests from it")
        environment = Environment(folder / "sdist", found[0])
        environment.install(sdist, *_group("test"), "build")
        environment.run("-m", "pytest", "-qq", "--collect-only", cwd=tree)
        environment.run("-m", "pytest", "-q", "-x", *TESTS, cwd=tree)
        _say("the zipapp")
        make_zipapp(folder / "plugreg.pyz", wheel)
        environment.run(str(folder / "plugreg.pyz"), "--version")
    _say("ready to be released")


class Environment:
    """A virtual environment that nothing of the checkout is in; made anew.

    Attributes:
        folder: Where it is; beside it lies a home of its own.
    """

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self._home = Path(f"{folder}-home")
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir()
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)

    def install(self, *requirements: str | Path) -> None:
        """Install what is named, and what that needs, by pip."""
        self.run("-m", "pip", "install", "--quiet", *map(str, requirements))
        self.run("-m", "pip", "check")

    def try_all(self, tree: Path) -> None:
        """Start the command, import every module, and run the demo of an unpacked sdist."""
        self.run("--version", program="plugreg")
        self.run("-c", IMPORT_ALL)
        self.run(str(tree / "examples" / "demo.py"))

    def run(self, *arguments: str, program: str = "python", cwd: Path | None = None) -> None:
        """Run a program of it with nothing of the caller's but the PATH; stop where that fails."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        subprocess.run(
            [self.folder / "bin" / program, *arguments],
            cwd=cwd or self._home,
            env={
                **kept,
                "HOME": str(self._home),
                "PIP_CACHE_DIR": str(self._home.parent / "pip-cache"),
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            },
            check=True,
        )


def _built(folder: Path) -> tuple[Path, Path]:
    """Return the wheel and the sdist, built from the checkout and again from the sdist."""
    _say("build, twice")
    _python("-m", "build", "--outdir", str(folder / "first"), str(CHECKOUT))
    [sdist] = (folder / "first").glob("*.tar.gz")
    again = _unpacked(sdist, folder / "again")
    _python("-m", "build", "--outdir", str(folder / "second"), str(again))
    first = sorted((folder / "first").iterdir())
    for path in first:
        if path.read_bytes() != (folder / "second" / path.name).read_bytes():
            sys.exit(f"{path.name}: the second build made other bytes")
    _python("-m", "twine", "check", "--strict", *map(str, first))
    [wheel] = (folder / "first").glob("*.whl")
    return wheel, sdist


def _unpacked(sdist: Path, folder: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [tree] = folder.iterdir()
    return tree


def _require_whole(tree: Path) -> None:
    """Stop where the sdist lacks something that git tracks, or has something else."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, stdout=subprocess.PIPE
    ).stdout
    tracked = {os.fsdecode(name) for name in listed.split(b"\0") if name}
    there = {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
    if there - {"PKG-INFO"} != tracked:
        sys.exit(f"the sdist and git differ: {sorted((there - {'PKG-INFO'}) ^ tracked)}")


def _group(name: str) -> list[str]:
    """Return the requirements of a dependency group, those that it includes among them."""
    groups = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    found: list[str] = []
    for each in groups[name]:
        found += [each] if isinstance(each, str) else _group(each["include-group"])
    return found


def _supported() -> list[str]:
    """Return the supported Pythons of the PATH, the newest first."""
    names = [f"python3.{minor}" for minor in range(NEWEST, OLDEST - 1, -1)]
    return [path for path in map(shutil.which, names) if path] or [sys.executable]


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True)


def _say(what: str) -> None:
    print(f"\n# {what}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
