"""The package as it is shipped: archives that have everything, and each way to install them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conditions import skip_or_fail
from tests.host_environment import cache_folder, host_environment

TOP = Path(__file__).parents[1]
FLOORS = {"registry": "plugreg", "backends": "plugreg/backends", "plugins": "plugreg/plugins"}
FLOORS["cli"] = "plugreg/cli"
OFFLINE = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what is built: building writes beside the sources."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(TOP / name, copy)
    for floor in (*FLOORS, "release"):
        shutil.copytree(TOP / floor, copy / floor, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def pip(*arguments: object, python: str = sys.executable) -> None:
    """Run pip and fail with what it says."""
    command = [python, "-m", "pip", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def build(source: Path, target: Path, umask: int = 0o022, **environment: str) -> dict[str, bytes]:
    """Return the names and the bytes of the archives that are built from a folder."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, source]
    done = subprocess.run(
        command, capture_output=True, text=True, umask=umask, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.name: path.read_bytes() for path in target.iterdir()}


@pytest.fixture(scope="module")
def archives(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a wheel and an sdist."""
    folder = tmp_path_factory.mktemp("archives")
    build(checkout, folder)
    return folder


def lend_distributions(site: Path) -> None:
    """Link what is installed here into another environment, all but plugreg."""
    for place in map(Path, sys.path):
        if place.name == "site-packages":
            for entry in place.iterdir():
                own = entry.name.startswith(("plugreg", "__editable__", "__pycache__"))
                if not own and entry.suffix != ".pth" and not (site / entry.name).exists():
                    (site / entry.name).symlink_to(entry)


def test_the_wheel_has_every_module_and_the_type_marker(checkout, archives):
    """A folder that is forgotten in pyproject.toml would be missing for users only."""
    [wheel] = archives.glob("plugreg-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    for floor, target in FLOORS.items():
        for path in (checkout / floor).rglob("*.py"):
            assert f"{target}/{path.relative_to(checkout / floor).as_posix()}" in packed
    assert "plugreg/py.typed" in packed
    for path in (checkout / "cli" / "schemas").glob("*.json"):
        assert f"plugreg/cli/schemas/{path.name}" in packed
    assert not [name for name in packed if name.startswith(("tests/", "examples/"))]


def test_each_build_makes_the_same_bytes(checkout, archives, tmp_path):
    """Whatever the folder, its times, modes and leftovers, the umask, home and time zone are."""
    first = {path.name: path.read_bytes() for path in archives.iterdir()}
    assert {Path(name).suffix for name in first} == {".whl", ".gz"}
    other = tmp_path / "another place"
    shutil.copytree(checkout, other)
    (other / "build" / "lib" / "plugreg").mkdir(parents=True)
    (other / "build" / "lib" / "plugreg" / "stale.py").touch()
    for path in other.rglob("*.py"):
        path.chmod(0o664)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    before = sorted(other.rglob("*"))
    home = tmp_path / "home"
    home.mkdir()
    second = build(other, tmp_path / "second", 0o077, HOME=str(home), TZ="Asia/Tokyo")
    assert second == first
    assert sorted(other.rglob("*")) == before


def test_the_sdist_builds_the_same_wheel_and_sdist(archives, tmp_path):
    """Who starts from the sdist gets what the checkout gives; another time is asked for by name."""
    first = {path.name: path.read_bytes() for path in archives.iterdir()}
    [sdist] = archives.glob("*.tar.gz")
    (tmp_path / "tree").mkdir()
    subprocess.run(["tar", "-xf", sdist, "-C", tmp_path / "tree"], check=True)
    [tree] = (tmp_path / "tree").iterdir()
    assert (tree / "PKG-INFO").read_text(encoding="utf-8").startswith("Metadata-Version: 2.")
    assert build(tree, tmp_path / "second") == first
    later = build(tree, tmp_path / "later", SOURCE_DATE_EPOCH="1700000000")
    assert later.keys() == first.keys()
    assert all(later[name] != first[name] for name in first)


@pytest.mark.only_where((TOP / ".git").exists(), "of a git checkout")
def test_the_sdist_has_what_git_tracks(tmp_path):
    """The tests and all that they need among it, and nothing that only lies here."""
    code = "import sys, reproducible; reproducible.build_sdist(sys.argv[1])"
    command = [sys.executable, "-c", code, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(TOP / "release")}
    subprocess.run(command, cwd=TOP, env=environment, check=True, capture_output=True)
    [sdist] = tmp_path.iterdir()
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2]: archive.getmember(name) for name in archive.getnames()}
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, check=True, capture_output=True)
    tracked = {name for name in listed.stdout.decode().split("\0") if name}
    assert packed.keys() == tracked | {"PKG-INFO"}
    assert packed[".ci/run"].mode == 0o755
    assert packed["README.md"].mode == 0o644


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_both_kinds_of_editable_install_work(checkout, tmp_path, mode):
    """Imports, the command, and a new process all find the checkout."""
    source = tmp_path / "source"
    shutil.copytree(checkout, source)
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    [site] = (folder / "lib").glob("python*/site-packages")
    lend_distributions(site)
    config = ["--config-settings", f"editable_mode={mode}"]
    pip("install", *OFFLINE, *config, "--editable", source, python=python)
    code = "import plugreg.cli.app, plugreg.plugins.sources.wheel as w; print(w.__file__)"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert found.stdout.strip().startswith(str(source)), found.stderr
    command = [str(folder / "bin" / "plugreg"), "--version"]
    script = subprocess.run(command, capture_output=True, text=True)
    version = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"]
    assert script.stdout == f"plugreg {version}\n", script.stderr


def test_the_zipapp_does_all_without_being_unpacked(checkout, tmp_path):
    """It records, lists and checks a project, and an unmodified host has it."""
    file = tmp_path / "plugreg.pyz"
    made = subprocess.run(
        [sys.executable, TOP / "release" / "one_file.py", file, checkout],
        capture_output=True,
        text=True,
    )
    if made.returncode:
        skip_or_fail(f"pip cannot install what the zipapp is made of: {made.stderr}")
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home)}
    environment.pop("PLUGREG_CATALOG", None)

    def plugreg(*arguments: str) -> str:
        command = [sys.executable, str(file), *arguments]
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert plugreg("--version").startswith("plugreg ")
    plugreg("add", str(TOP / "examples" / "pytest-stars"))
    assert plugreg("list").startswith("pytest-stars\t0.3\ton\t")
    assert "hooks         stars: 2 fit" in plugreg("check", "pytest-stars")
    assert "hooks         stars: 2 fit" in plugreg("check", "pytest-stars", "--python", sys.prefix)
    assert "--stars" in plugreg("run", "--", sys.executable, "-m", "pytest", "--help")


def test_the_line_for_uv_works_from_the_checkout(checkout, tmp_path):
    """As the README has it."""
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    assert "`uvx --from . plugreg`" in readme
    uvx = host_environment(cache_folder()) / "uvx"
    command = [uvx, "--python", sys.executable, "--from", ".", "plugreg", "--version"]
    environment = {**os.environ, "UV_CACHE_DIR": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("plugreg "), done.stderr
