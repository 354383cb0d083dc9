"""The ladder of metadata in a directory, rung by rung."""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from plugreg import EntryPoint, SourceError, state_of
from plugreg.plugins import read_project

if TYPE_CHECKING:
    from .conftest import Tree

PEP621 = """
[project]
name = "My.Demo"
version = "1.0.post0"
description = "A demo"
requires-python = ">=3.11"
dependencies = ["httpx >=1", "rich; extra == 'x'"]
[project.entry-points."flake8.extension"]
DE = "demo.plugin:Check"
[project.entry-points.host]
x = "demo"
[project.scripts]
demo = "demo:main"
[project.gui-scripts]
demo-gui = "demo:main"
"""
PKG_INFO = "Metadata-Version: 2.1\nName: demo\nVersion: 1.2\nSummary: Found\n"
EGG_INFO = {
    "demo.egg-info/PKG-INFO": PKG_INFO,
    "demo.egg-info/entry_points.txt": "[host]\nx = demo\n",
    "demo.egg-info/requires.txt": "httpx\n\n[extra]\nrich\n",
    "demo.egg-info/top_level.txt": "demo\n",
}

MINIMAL = "[project]\nname='a'\nversion='1'\n"


def error_of(path: object) -> SourceError:
    """Return the error that reading a source raises."""
    with pytest.raises(SourceError) as raised:
        read_project(str(path))
    return raised.value


def dynamic(field: str, more: str = "", backend: str = "setuptools.build_meta") -> str:
    """Return a pyproject.toml that leaves one field open."""
    version = "" if field == "version" else 'version = "1"\n'
    return (
        f'[build-system]\nbuild-backend = "{backend}"\nrequires = []\n'
        f'[project]\nname = "demo"\n{version}dynamic = ["{field}"]\n{textwrap.dedent(more)}'
    )


def test_pep621_is_read_in_full(tree: Tree) -> None:
    """Every field of a [project] table reaches the project."""
    root = tree({"pyproject.toml": PEP621, "demo/__init__.py": ""})
    project = read_project(str(root))
    assert (project.name, project.display_name, project.version) == (
        "my-demo",
        "My.Demo",
        "1.0.post0",
    )
    assert (project.summary, project.requires_python) == ("A demo", ">=3.11")
    assert project.dependencies == ("httpx>=1",)
    assert project.entry_points == (
        EntryPoint("flake8.extension", "DE", "demo.plugin:Check"),
        EntryPoint("host", "x", "demo"),
        EntryPoint("console_scripts", "demo", "demo:main"),
        EntryPoint("gui_scripts", "demo-gui", "demo:main"),
    )
    assert (project.source.kind, project.source.location) == ("directory", str(root))
    assert (project.root, project.modules) == (str(root), {"demo": "demo"})


def test_a_relative_path_is_made_absolute(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is recorded does not depend on where the command was typed."""
    root = tree({"pyproject.toml": PEP621})
    monkeypatch.chdir(root)
    assert read_project(".").source.location == str(root)


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"PKG-INFO": PKG_INFO}, "1.2"),
        ({"setup.cfg": "[metadata]\nversion = 1.3\n"}, "1.3"),
        (EGG_INFO, "1.2"),
        ({"src/demo.egg-info/PKG-INFO": PKG_INFO}, "1.2"),
    ],
)
def test_a_dynamic_version_is_completed(tree: Tree, files: dict[str, str], version: str) -> None:
    """A version left open is taken from whichever static file has it."""
    root = tree({"pyproject.toml": dynamic("version"), **files})
    assert read_project(str(root)).version == version


@pytest.mark.parametrize(
    ("backend", "more", "files"),
    [
        (
            "setuptools.build_meta",
            "[tool.setuptools.dynamic]\nversion = {attr = 'demo.VERSION'}\n",
            {"demo/__init__.py": "VERSION: tuple = (4, 2)\n"},
        ),
        (
            "setuptools.build_meta",
            "[tool.setuptools.dynamic]\nversion = {file = 'VERSION'}\n",
            {"VERSION": "4.2\n"},
        ),
        ("flit_core.buildapi", "", {"demo.py": '"""Doc."""\n__version__ = "4.2"\n'}),
        (
            "hatchling.build",
            "[tool.hatch.version]\npath = 'src/demo/about.py'\n",
            {"src/demo/about.py": "__version__ = '4.2'\n"},
        ),
        (
            "pdm.backend",
            "[tool.pdm.version]\nsource = 'file'\npath = 'demo.py'\n",
            {"demo.py": "__version__ = '4.2'\n"},
        ),
        ("poetry.core.masonry.api", "[tool.poetry]\nversion = '4.2'\n", {}),
    ],
)
def test_each_backend_keeps_its_version_somewhere(
    tree: Tree, backend: str, more: str, files: dict[str, str]
) -> None:
    """The literal that a backend would read is read, without the backend."""
    root = tree({"pyproject.toml": dynamic("version", more, backend), **files})
    assert read_project(str(root)).version == "4.2"


@pytest.mark.parametrize(
    ("backend", "name"),
    [
        ("setuptools.build_meta", "setuptools"),
        ("hatchling.build", "hatchling"),
        ("flit_core.buildapi", "flit"),
        ("poetry.core.masonry.api", "poetry-core"),
    ],
)
@pytest.mark.parametrize("field", ["version", "entry-points", "dependencies", "requires-python"])
def test_what_stays_open_is_said_precisely(tree: Tree, field: str, backend: str, name: str) -> None:
    """An open field is an error that names the field, the file and the backend to ask."""
    root = tree({"pyproject.toml": dynamic(field, backend=backend)})
    error = error_of(root)
    assert error.code == "source-dynamic"
    assert error.message == f"{root / 'pyproject.toml'} declares `{field}` dynamic"
    assert error.hint == f"pass --build to ask {name}"


def test_a_version_that_is_computed_is_not_run(tree: Tree) -> None:
    """An attribute that is no literal stays open, and its module is not imported."""
    more = "[tool.setuptools.dynamic]\nversion = {attr = 'demo.V'}\n"
    code = f"open({str(tree({}) / 'ran')!r}, 'w')\nV = str(1)\n"
    root = tree({"pyproject.toml": dynamic("version", more), "demo.py": code})
    assert error_of(root).code == "source-dynamic"
    assert not (root / "ran").exists()


def test_a_version_file_outside_of_the_project_is_not_read(tree: Tree) -> None:
    """A project cannot make the reader print a file that lies elsewhere."""
    tree({"secret": "9.9"}, "other")
    more = "[tool.setuptools.dynamic]\nversion = {file = '../other/secret'}\n"
    error = error_of(tree({"pyproject.toml": dynamic("version", more)}))
    assert (error.code, "9.9" in str(error)) == ("source-dynamic", False)


POETRY = """
[tool.poetry]
name = "demo"
version = "2.0"
description = "Poetic"
[tool.poetry.dependencies]
python = "^3.11"
httpx = "~1.2"
rich = { version = "^13", optional = true }
tomli = { version = "*", python = "<3.11" }
attrs = { version = ">=1", extras = ["a"], markers = "os_name == 'posix'" }
thing = { git = "https://example.org/thing", rev = "abc" }
[tool.poetry.plugins.host]
x = "demo"
[tool.poetry.scripts]
demo = "demo:main"
"""


def test_poetry_is_read_in_full(tree: Tree) -> None:
    """Poetry's own tables say the same things in their own way."""
    project = read_project(str(tree({"pyproject.toml": POETRY, "demo.py": ""})))
    assert (project.name, project.version, project.summary) == ("demo", "2.0", "Poetic")
    assert project.requires_python == ">=3.11,<4"
    assert project.groups == ("console_scripts", "host")
    assert [Requirement(each) for each in project.dependencies] == [
        Requirement("httpx>=1.2,<1.3"),
        Requirement('tomli; python_version < "3.11"'),
        Requirement('attrs[a]>=1; os_name == "posix"'),
        Requirement("thing @ git+https://example.org/thing@abc"),
    ]


def test_poetrys_tables_do_not_count_where_setuptools_builds(tree: Tree) -> None:
    """A leftover [tool.poetry] table does not hide what setuptools has recorded."""
    toml = POETRY + '[build-system]\nrequires = ["setuptools"]\n'
    project = read_project(str(tree({"pyproject.toml": toml, **EGG_INFO, "setup.py": ""})))
    assert (project.version, project.groups) == ("1.2", ("host",))


SETUP_CFG = """
[metadata]
name = demo
version = {version}
description = Configured
[options]
py_modules = demo
install_requires =
    # why not
    httpx>=1
    rich; python_version < "3"
python_requires = >=3.8
[options.entry_points]
host =
    X = demo
    y = demo:thing
"""


@pytest.mark.parametrize(
    ("version", "files"),
    [("3.1", {}), ("attr: demo.__version__", {}), ("file: VERSION.txt", {"VERSION.txt": "3.1\n"})],
)
def test_setup_cfg_is_read_in_full(tree: Tree, version: str, files: dict[str, str]) -> None:
    """Declarative setuptools metadata is read, its pointers to a version followed."""
    cfg = SETUP_CFG.format(version=version)
    root = tree({"setup.cfg": cfg, "demo.py": "__version__ = '3.1'\n", **files})
    project = read_project(str(root))
    assert (project.name, project.version, project.summary) == ("demo", "3.1", "Configured")
    assert project.dependencies == ("httpx>=1", 'rich; python_version < "3"')
    assert project.requires_python == ">=3.8"
    assert [entry.name for entry in project.entry_points] == ["X", "y"]


@pytest.mark.parametrize("argument", ["entry_points", "install_requires"])
def test_what_setup_py_adds_to_setup_cfg_is_missed_aloud(tree: Tree, argument: str) -> None:
    """A setup.py that sets more than setup.cfg says is not taken for nothing."""
    cfg = "[metadata]\nname = demo\nversion = 1\n"
    root = tree(
        {"setup.cfg": cfg, "setup.py": f"import setuptools\nsetuptools.setup({argument}=x)"}
    )
    error = error_of(root)
    assert (error.code, error.details["field"]) == ("source-dynamic", argument)


def test_setup_cfg_with_a_computed_version_is_an_error(tree: Tree) -> None:
    """A version that only code knows is asked for by name."""
    root = tree({"setup.cfg": SETUP_CFG.format(version="attr: demo.v"), "demo.py": "v = f()\n"})
    assert error_of(root).code == "source-dynamic"


def test_an_egg_info_is_enough(tree: Tree) -> None:
    """A setup.py with the metadata of an earlier build beside it needs no build."""
    root = tree({"setup.py": "raise SystemExit", "demo.py": "", "other.py": "", **EGG_INFO})
    project = read_project(str(root))
    assert (project.name, project.version, project.groups) == ("demo", "1.2", ("host",))
    assert project.dependencies == ("httpx",)
    assert project.modules == {"demo": "demo.py"}


def test_a_version_of_metadata_without_end(tree: Tree) -> None:
    """It is as one that nobody knows: what it says is not taken to be final."""
    pkg_info = PKG_INFO.replace("2.1", "9" * 5000)
    project = read_project(str(tree({"PKG-INFO": pkg_info, "demo.py": ""})))
    assert (project.name, project.version) == ("demo", "1.2")


def test_an_unpacked_wheel_is_a_directory_too(tree: Tree) -> None:
    """A *.dist-info with its RECORD says what is importable."""
    record = "demo/__init__.py,,\n_speed.abi3.so,,\ndemo-1.2.dist-info/RECORD,,\n"
    root = tree(
        {
            "demo/__init__.py": "",
            "_speed.abi3.so": "",
            "stray.py": "",
            "demo-1.2.dist-info/METADATA": PKG_INFO,
            "demo-1.2.dist-info/RECORD": record,
        }
    )
    assert read_project(str(root)).modules == {"demo": "demo", "_speed": "_speed.abi3.so"}


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ({}, "source-no-metadata", "holds no metadata"),
        ({"setup.py": "import setuptools"}, "source-dynamic", "pass --build"),
        ({"pyproject.toml": "[tool.x]\n"}, "source-no-metadata", "[project] is not in"),
        ({"pyproject.toml": "[project\n"}, "source-invalid", "line 1"),
        ({"pyproject.toml": b"\xff"}, "source-invalid", "UTF-8"),
        ({"pyproject.toml": "[project]\nversion = '1'"}, "name-invalid", "`project.name`"),
        ({"pyproject.toml": "[project]\nname = 'a'"}, "version-invalid", "`project.version`"),
        ({"pyproject.toml": "[project]\nname = 'a b'\nversion = '1'"}, "name-invalid", "`a b`"),
        (
            {"pyproject.toml": "[project]\nname = \"a\\u001b[2J\"\nversion = '1'"},
            "name-invalid",
            "\\x1b",
        ),
        ({"pyproject.toml": "[project]\nname = 'a'\nversion = 'one'"}, "version-invalid", "'one'"),
        (
            {"pyproject.toml": f"[project]\nname='a'\nversion='{'9' * 5000}'"},
            "version-invalid",
            "999...",
        ),
        (
            {"pyproject.toml": f"{MINIMAL}dependencies=['a;{'(' * 3000}os_name{')' * 3000}']"},
            "source-invalid",
            "is no requirement",
        ),
        (
            {"pyproject.toml": "[project]\nname = 1\nversion = '1'"},
            "source-invalid",
            "not a number",
        ),
        (
            {"pyproject.toml": "[project]\nname='a'\nversion='1'\ndynamic=['version']"},
            "source-invalid",
            "also dynamic",
        ),
        (
            {"pyproject.toml": "[project]\nname='a'\nversion='1'\ndependencies=['a b']"},
            "source-invalid",
            "`project.dependencies`",
        ),
        (
            {"pyproject.toml": MINIMAL + "[project.entry-points.g]\n\"x\\u001b\"='m'"},
            "source-invalid",
            "control",
        ),
        (
            {"pyproject.toml": MINIMAL + "[project.entry-points.'g:h']\nx='m'"},
            "source-invalid",
            "colon",
        ),
        ({"setup.cfg": "metadata]\n"}, "source-invalid", "setup.cfg"),
        ({"PKG-INFO": "Name: a\nName: b\nVersion: 1\n"}, "source-invalid", "`Name`"),
        (
            {"a.egg-info/PKG-INFO": PKG_INFO, "b.egg-info/PKG-INFO": PKG_INFO},
            "source-ambiguous",
            "a.egg-info",
        ),
    ],
)
def test_bad_directories_say_what_is_wrong(
    tree: Tree, files: dict[str, str], code: str, said: str
) -> None:
    """Each fault has its code and names the file and the field; no escape reaches the message."""
    error = error_of(tree(files))
    assert error.code == code
    assert said in str(error)
    assert "\x1b" not in str(error)


def test_control_characters_in_a_summary_become_spaces(tree: Tree) -> None:
    """A summary is cleaned rather than refused: it is only ever shown."""
    toml = '[project]\nname="a"\nversion="1"\ndescription="x\\u001b[2J\\ny"'
    assert read_project(str(tree({"pyproject.toml": toml}))).summary == "x [2J y"


def test_a_change_or_appearance_of_metadata_is_noticed(tree: Tree) -> None:
    """The fingerprint covers the files looked at, present or absent, and no others."""
    root = tree({"pyproject.toml": dynamic("version"), "setup.cfg": "[metadata]\nversion = 1\n"})
    project = read_project(str(root))
    tree({"README": "new", "other.py": "new"})
    assert state_of(project) == "ok"
    tree({"PKG-INFO": PKG_INFO})
    assert state_of(project) == "changed"
    os.unlink(root / "PKG-INFO")
    os.utime(root / "setup.cfg", ns=(1, 1))
    assert state_of(project) == "changed"


def test_a_pipe_called_pyproject_does_not_block(tree: Tree) -> None:
    """Only regular files are read."""
    root = tree({})
    os.mkfifo(root / "pyproject.toml")
    assert error_of(root).code == "source-no-metadata"


@pytest.mark.parametrize(
    "toml", ["x = " + "9" * 5000, "x = " + "[" * 5000, "[" + "a." * 200 + "a]", "#" * 2**20]
)
def test_toml_that_takes_long_or_cannot_be_taken(tree: Tree, toml: str) -> None:
    """Numbers, nesting and sizes beyond reason are an error that names the file."""
    folder = tree({"pyproject.toml": "[project]\nname='demo'\nversion='1'\n" + toml})
    with pytest.raises(SourceError) as raised:
        read_project(str(folder))
    assert raised.value.code == "source-invalid"
    assert "pyproject.toml" in raised.value.message
