"""What a project's folder makes importable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugreg import SourceError
from plugreg.plugins import read_project

if TYPE_CHECKING:
    from .conftest import Tree

HEAD = '[project]\nname = "demo"\nversion = "1"\n[project.entry-points.host]\nx = "demo.plugin"\n'
PLAIN = '[project]\nname = "demo"\nversion = "1"\n'
FLAT = [
    "demo/__init__.py",
    "setup.py",
    "conftest.py",
    "noxfile.py",
    "tests/__init__.py",
    "docs/conf.py",
    "examples/__init__.py",
    "build/lib/demo.py",
]
ACME = ["src/acme/demo/__init__.py"]


@pytest.mark.parametrize(
    ("files", "toml", "modules"),
    [
        (FLAT, HEAD, {"demo": "demo"}),
        (
            ["src/demo/__init__.py", "src/extra.py", "setup.py"],
            HEAD,
            {"demo": "src/demo", "extra": "src/extra.py"},
        ),
        (["demo.py", "setup.py", "test.py", "tests/x.py"], HEAD, {"demo": "demo.py"}),
        (ACME, PLAIN, {"acme": "src/acme"}),
        (
            ["acme/demo.py"],
            PLAIN + "[project.entry-points.host]\nx='acme.demo'\n",
            {"acme": "acme"},
        ),
        (
            ["tests/__init__.py"],
            PLAIN + "[project.entry-points.host]\nx='tests.plugin'\n",
            {"tests": "tests"},
        ),
        (
            ["demo/__init__.py", "_speed.cpython-311-x86_64-linux-gnu.so"],
            PLAIN + "[project.entry-points.host]\nx='_speed'\n",
            {"demo": "demo", "_speed": "_speed.cpython-311-x86_64-linux-gnu.so"},
        ),
        (
            ["demo/__init__.py", "neighbour/__init__.py"],
            PLAIN + "[build-system]\nbuild-backend='hatchling.build'",
            {"demo": "demo"},
        ),
        (
            ["one/__init__.py", "one/sub/__init__.py", "two/__init__.py"],
            PLAIN + "[tool.setuptools]\npackages=['one','one.sub']",
            {"one": "one"},
        ),
        (
            ["registry/__init__.py", "backends/__init__.py"],
            PLAIN
            + "[tool.setuptools]\npackages=['top','top.inner']\n"
            + "package-dir={top='registry','top.inner'='backends'}",
            {"top": "registry", "top.inner": "backends"},
        ),
        (
            ["lib/acme/demo/__init__.py", "lib/acme/other/__init__.py"],
            PLAIN + "[tool.setuptools]\npackages=['acme.demo']\npackage-dir={''='lib'}",
            {"acme.demo": "lib/acme/demo"},
        ),
        (
            ["lib/acme/demo/__init__.py"],
            PLAIN + "[tool.setuptools]\npackages=['acme.demo']\npackage-dir={''='lib'}",
            {"acme": "lib/acme"},
        ),
        (["a.py", "b.py"], PLAIN + "[tool.setuptools]\npy-modules=['a']", {"a": "a.py"}),
        (
            ["py/demo/__init__.py", "py/skip/__init__.py", "py/tests/__init__.py"],
            PLAIN + "[tool.setuptools.packages.find]\nwhere=['py']\nexclude=['skip*']",
            {"demo": "py/demo"},
        ),
        (
            ["py/demo/__init__.py", "py/skip/__init__.py"],
            PLAIN + "[tool.setuptools.packages.find]\nwhere=['py']\ninclude=['demo*']",
            {"demo": "py/demo"},
        ),
        (
            ["code/demo/__init__.py", "demo/__init__.py"],
            PLAIN + "[tool.hatch.build.targets.wheel]\npackages=['code/demo']",
            {"demo": "code/demo"},
        ),
        (
            ["code/demo/__init__.py"],
            PLAIN
            + "[tool.hatch.build.targets.wheel]\nonly-include=['code/demo']\nsources=['code']",
            {"demo": "code/demo"},
        ),
        (
            ["other.py", "demo.py"],
            PLAIN + "[tool.flit.module]\nname='other'",
            {"other": "other.py"},
        ),
        (
            ["py/thing/__init__.py"],
            PLAIN + "[[tool.poetry.packages]]\ninclude='thing'\nfrom='py'",
            {"thing": "py/thing"},
        ),
        (
            ["src/thing/__init__.py", "src/no.py"],
            PLAIN + "[tool.uv.build-backend]\nmodule-name='thing'",
            {"thing": "src/thing"},
        ),
        (["py/thing.py"], PLAIN + "[tool.pdm.build]\npackage-dir='py'", {"thing": "py/thing.py"}),
        ([], PLAIN, {}),
    ],
)
def test_layouts(tree: Tree, files: list[str], toml: str, modules: dict[str, str]) -> None:
    """Each layout gives its own code and nothing else."""
    root = tree({**dict.fromkeys(files, ""), "pyproject.toml": toml})
    assert read_project(str(root)).modules == modules


def test_setup_cfg_names_packages_too(tree: Tree) -> None:
    """`packages = find:` with its `where` is heeded in setup.cfg."""
    cfg = (
        "[metadata]\nname = demo\nversion = 1\n[options]\npackages = find:\n"
        "package_dir =\n    =src\n[options.packages.find]\nwhere = src\nexclude =\n    other\n"
    )
    files = ["src/demo/__init__.py", "src/other/__init__.py"]
    root = tree({**dict.fromkeys(files, ""), "setup.cfg": cfg})
    assert read_project(str(root)).modules == {"demo": "src/demo"}


@pytest.mark.parametrize("name", ["gone", "../outside"])
def test_a_configured_package_that_is_not_there_is_named(tree: Tree, name: str) -> None:
    """A configuration that points to nothing, or out of the project, is an error."""
    tree({"__init__.py": ""}, "outside")
    toml = f"{PLAIN}[tool.hatch.build.targets.wheel]\npackages=['{name}']"
    with pytest.raises(SourceError, match=name) as raised:
        read_project(str(tree({"pyproject.toml": toml})))
    assert raised.value.code == "source-invalid"
