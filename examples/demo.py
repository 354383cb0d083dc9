"""The whole story: real hosts find, load, switch off and switch on real plug-ins from a catalog.

Nothing is installed: two plug-ins of Datasette come as wheels from PyPI, one is a directory in this
checkout. Everything happens in a temporary folder. `make demo` runs this.
"""

from __future__ import annotations

import json
import os
import shelve
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLES = Path(__file__).parent
FROM_PYPI = ["datasette-pretty-json==0.3", "datasette-json-html==1.0.1"]


class Demo:
    """A temporary home, and commands run in it and shown as typed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.catalog = home / "catalog"
        self.environment = {
            **os.environ,
            "PLUGREG_CATALOG": str(self.catalog),
            "XDG_DATA_HOME": str(home / "data"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def say(self, text: str) -> None:
        """Print a line between two commands."""
        print(f"\n\x1b[1m# {text}\x1b[0m" if sys.stdout.isatty() else f"\n# {text}", flush=True)

    def run(self, *command: str | Path, shown: str = "") -> None:
        """Show a command, run it, show what it prints; stop where it fails."""
        words = [str(word) for word in command]
        print(f"$ {shown or ' '.join(words)}", flush=True)
        subprocess.run(words, env=self.environment, cwd=EXAMPLES, check=True)

    def output(self, *command: str | Path) -> str:
        """Run a command and return what it prints."""
        words = [str(word) for word in command]
        done = subprocess.run(
            words, env=self.environment, cwd=EXAMPLES, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def datasette_plugins(self) -> None:
        """Show the plug-ins that a real Datasette says it has."""
        print("$ python datasette_host/host.py plugins", flush=True)
        listed = json.loads(self.output(sys.executable, "datasette_host/host.py", "plugins"))
        for plugin in listed:
            print(f"  {plugin['name']} {plugin['version']}")
        print(f"  ({len(listed)} plug-ins)")


def main() -> None:
    """Run the story in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder))
        wheels = _download(demo)
        _switch_plugins(demo, wheels)
        _other_hosts(demo)
        _show_the_file(demo)
        _migrate(demo)


def _download(demo: Demo) -> list[Path]:
    demo.say("Plug-ins from PyPI, downloaded, not installed")
    folder = demo.home / "wheels"
    arguments = ["download", "--quiet", "--no-deps", "--dest", folder, *FROM_PYPI]
    demo.run(sys.executable, "-m", "pip", *arguments, shown=f"pip download {' '.join(FROM_PYPI)}")
    return sorted(folder.iterdir())


def _switch_plugins(demo: Demo, wheels: list[Path]) -> None:
    demo.say("Record them, and a directory as well")
    names = " ".join(wheel.name for wheel in wheels)
    demo.run(
        "plugreg", "add", *wheels, "datasette-hello", shown=f"plugreg add {names} datasette-hello"
    )
    demo.run("plugreg", "list")
    demo.say("An unmodified Datasette with one line more has them")
    demo.datasette_plugins()
    demo.run(
        sys.executable,
        "datasette_host/host.py",
        "serve",
        "--memory",
        "--get",
        "/-/hello",
        shown="python datasette_host/host.py serve --memory --get /-/hello",
    )
    demo.say("Switch one off: it is known, and not loaded")
    demo.run("plugreg", "disable", "datasette-pretty-json")
    demo.datasette_plugins()
    demo.say("And on again")
    demo.run("plugreg", "enable", "datasette-pretty-json")
    demo.datasette_plugins()


def _other_hosts(demo: Demo) -> None:
    demo.say("The same catalog serves other hosts")
    demo.run("plugreg", "add", "greeter-polite", "greeter-shout", "plain_host/reverse.py")
    demo.run(
        sys.executable, "greeter_host/host.py", "World", shown="python greeter_host/host.py World"
    )
    demo.run(
        sys.executable,
        "plain_host/host.py",
        "reverse",
        "emordnilap",
        shown="python plain_host/host.py reverse emordnilap",
    )
    demo.run("plugreg", "groups")


def _show_the_file(demo: Demo) -> None:
    demo.say("The catalog is a shelve whose format is pinned, whatever this Python prefers")
    demo.run("plugreg", "identify", demo.catalog, shown="plugreg identify $PLUGREG_CATALOG")
    if sys.version_info >= (3, 13):
        print(f">>> shelve.open({demo.catalog.name!r})['greeter-polite']['entry_points']")
        with shelve.open(str(demo.catalog), "r") as shelf:  # noqa: S301 - our own, made above
            print(shelf["greeter-polite"]["entry_points"])


def _migrate(demo: Demo) -> None:
    demo.say("Any DBM file can be moved: the catalog to GDBM, which needs no C library, and back")
    catalog = "$PLUGREG_CATALOG"
    demo.run(
        "plugreg",
        "migrate",
        demo.catalog,
        "--to",
        "gnu",
        shown=f"plugreg migrate {catalog} --to gnu",
    )
    demo.run("plugreg", "identify", demo.catalog, shown=f"plugreg identify {catalog}")
    demo.datasette_plugins()
    demo.run("plugreg", "migrate", demo.catalog, shown=f"plugreg migrate {catalog}")
    demo.say("A shelf of Python 2, in the Berkeley DB hash format that Python 3 never opened")
    shelf = demo.home / "old.db"
    shutil.copy(EXAMPLES.parent / "tests/corpus/shelf-py27-dbhash/plugins.db", shelf)
    demo.run("plugreg", "identify", shelf, shown="plugreg identify old.db")
    demo.run(
        "plugreg",
        "migrate",
        shelf,
        "--upgrade-pickles",
        "--encoding=latin-1",
        shown="plugreg migrate old.db --upgrade-pickles --encoding=latin-1",
    )


if __name__ == "__main__":
    main()
