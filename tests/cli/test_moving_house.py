"""Twenty plug-ins from PyPI move to another machine, by git and by pip, and work in their hosts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import venv

import pytest

from plugreg import Registry
from tests.conditions import once, skip_or_fail
from tests.host_environment import cache_folder
from tests.plugins.conftest import REAL_PLUGINS

pytestmark = once("plug-ins move the same way on every Python")
# Those that come by pip; the others lie as wheels and sdists in the repository.
INSTALLED = {
    "datasette-block-robots": "1.1.1",
    "datasette-leaflet": "0.2.2",  # which datasette-cluster-map requires
    "datasette-redirect-to-https": "0.2",
    "datasette-template-sql": "1.0.3",
    "llm-templates-github": "0.1",
    "pytest-instafail": "0.5.0",
    "pytest-mock": "3.14.0",
    "pytest-repeat": "0.9.3",
}
ALL = {**REAL_PLUGINS, **INSTALLED}
# How a host is asked for its plug-ins and their versions.
HOSTS = {
    "datasette": ("datasette", "plugins"),
    "llm": ("llm", "plugins"),
    "pytest": ("pytest", "-VV"),
    "flake8": ("flake8", "--version"),
    "tox": ("tox", "--version"),
}


class Machine:
    """A home of its own, an environment with the hosts, and a folder for the repository."""

    def __init__(self, folder, hosts, warm):
        self.folder = folder
        self.repository = folder / "repository"
        self.python = str(folder / "env" / "bin" / "python")
        self._uv = hosts / "uv"
        self._warm = warm
        (folder / "home").mkdir(parents=True)
        venv.create(folder / "env", symlinks=True)
        [site] = (folder / "env" / "lib").glob("python*/site-packages")
        [lent] = (hosts.parent / "lib").glob("python*/site-packages")
        (site / "hosts.pth").write_text(f"{lent}\n")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "HOME": str(folder / "home"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "LLM_USER_PATH": str(folder / "llm"),
            "PLUGREG_CATALOG": str(folder / "catalog"),
            "UV_CACHE_DIR": str(cache_folder() / "uv"),
        }

    def run(self, *command):
        """Run a command in the repository, and return what it prints on stdout and on stderr."""
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.repository,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, done.stderr

    def plugreg(self, *words):
        """Run a command of plugreg."""
        done = self._warm.run(list(map(str, words)), env=self._environment, cwd=self.repository)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
        return done.stdout.decode(), done.stderr.decode()

    def install(self, *what):
        """Install into the environment, nothing but what is named."""
        command = [self._uv, "pip", "install", "-q", "--no-deps", "--python", self.python, *what]
        done = subprocess.run(
            list(map(str, command)), cwd=self.repository, env=self._environment, check=False
        )
        if done.returncode:
            skip_or_fail("uv cannot install the plug-ins: no network")

    def listed(self):
        """Return which plug-ins of the test the hosts list with their versions, under a run."""
        text = ""
        for module, *words in HOSTS.values():
            text += "".join(self.plugreg("run", "--", self.python, "-m", module, *words))
        shown = re.sub(r"\s+", " ", text)
        return {
            name
            for name, version in ALL.items()
            if re.search(rf'{name}(-|: |", .*"version": "){re.escape(version)}', shown)
        }


@pytest.fixture(scope="module")
def repository(tmp_path_factory, hosts, real_plugins, warm):
    """A git repository that a machine left: its export, its requirements, wheels and sdists."""
    machine = Machine(tmp_path_factory.mktemp("first"), hosts, warm)
    (machine.repository / "plugins").mkdir(parents=True)
    for place, plugin in enumerate(real_plugins.values()):
        shutil.copy(plugin.sdist if place % 2 else plugin.wheel, machine.repository / "plugins")
    machine.install(*(f"{name}=={version}" for name, version in INSTALLED.items()))
    archives = sorted((machine.repository / "plugins").iterdir())
    machine.plugreg("add", *archives)
    machine.plugreg("add", *INSTALLED, "--python", machine.python)
    machine.plugreg("disable", "pytest-randomly")
    machine.plugreg("set", "pytest-mock", "--tag", "t")
    assert machine.listed() == ALL.keys() - {"pytest-randomly"}
    machine.plugreg("export", "plugins.json")
    machine.plugreg("export", "requirements.txt", "--requirements")
    kept = tmp_path_factory.mktemp("kept") / "repository"
    machine.run("git", "init", "--quiet")
    machine.run("git", "add", ".")
    identity = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    machine.run("git", *identity, "commit", "--quiet", "-m", "Plug-ins")
    machine.repository.rename(kept)
    shutil.rmtree(machine.folder)
    return kept


@pytest.mark.parametrize("flavour", ["dumb", "gnu"])
def test_twenty_real_plugins_come_back(repository, hosts, tmp_path, flavour, warm):
    """The catalog is the same in another flavour, and so is what each host lists."""
    assert len(ALL) == 20
    machine = Machine(tmp_path / "second", hosts, warm)
    subprocess.run(["git", "clone", "-q", repository, machine.repository], check=True)
    Registry.open(machine.folder / "catalog", flavour=flavour).close()
    _, told = machine.plugreg("import", "plugins.json")
    assert "is not here" not in told
    pins = " ".join(f"{name}=={version}" for name, version in sorted(INSTALLED.items()))
    assert f"`pip install {pins}` here" in told
    exported = (machine.repository / "plugins.json").read_text()
    assert machine.plugreg("export")[0] == exported
    machine.install("-r", "requirements.txt")
    for group in ("datasette", "llm", "pytest11"):
        assert f"`plugreg sync --group {group}`" in told
        machine.plugreg("sync", "--group", group, "--python", machine.python)
    assert machine.listed() == ALL.keys() - {"pytest-randomly"}
    machine.plugreg("enable", "pytest-randomly")
    assert machine.listed() == ALL.keys()
    with Registry.open(machine.folder / "catalog", read_only=True) as registry:
        assert registry.flavour == flavour
        assert registry["pytest-mock"].tags == ("t",)
