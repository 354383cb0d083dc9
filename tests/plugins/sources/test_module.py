"""A bare module as a plug-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugreg import EntryPoint, SourceError
from plugreg.plugins import read_project

if TYPE_CHECKING:
    from .conftest import Tree

BLOCK = """# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx>=1"]
#
# [tool.plugreg]
# group = "datasette"
# name = "from-block"
# version = "1.5"
# ///
"""


def test_options_name_the_host(tree: Tree) -> None:
    """Group and name come from the options; nothing of the module runs."""
    root = tree({"my_demo.py": '"""Says hello.\n\nMore."""\nraise SystemExit\n'})
    project = read_project(str(root / "my_demo.py"), group="host", name="x")
    assert (project.name, project.version, project.summary) == ("my-demo", "0", "Says hello.")
    assert project.entry_points == (EntryPoint("host", "x", "my_demo"),)
    assert (project.root, project.modules) == (str(root), {"my_demo": "my_demo.py"})
    assert project.source.kind == "module"


def test_a_script_block_names_the_host(tree: Tree) -> None:
    """A PEP 723 block says all that the options would, and more."""
    project = read_project(str(tree({"demo.py": BLOCK}) / "demo.py"))
    assert project.entry_points == (EntryPoint("datasette", "from-block", "demo"),)
    assert (project.version, project.requires_python) == ("1.5", ">=3.11")
    assert project.dependencies == ("httpx>=1",)


def test_a_script_block_names_the_object(tree: Tree) -> None:
    """With `attribute` the plug-in is that object of the module, and not the module."""
    block = BLOCK.replace("# version", '# attribute = "hooks.first"\n# version')
    project = read_project(str(tree({"demo.py": block}) / "demo.py"))
    assert project.entry_points[0].value == "demo:hooks.first"


def test_options_win_over_the_block(tree: Tree) -> None:
    """What was typed counts more than what the file says."""
    project = read_project(str(tree({"demo.py": BLOCK}) / "demo.py"), group="llm", name="y")
    assert project.entry_points == (EntryPoint("llm", "y", "demo"),)


def test_the_name_is_the_modules_where_nobody_gives_one(tree: Tree) -> None:
    """An entry point without a name is called like the module."""
    project = read_project(str(tree({"demo.py": ""}) / "demo.py"), group="host")
    assert project.entry_points[0].name == "demo"


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("demo.py", "", "source-no-host"),
        ("demo.py", "def", "source-invalid"),
        ("demo.py", b"\xff", "source-invalid"),
        ("demo.py", b"x = '\0'", "source-invalid"),
        ("my-demo.py", "", "name-invalid"),
        ("_demo.py", BLOCK, "name-invalid"),
        ("demo.py", "# /// script\n# [tool\n# ///\n", "source-invalid"),
        ("demo.py", BLOCK + "\n" + BLOCK, "source-invalid"),
        ("demo.py", BLOCK.replace("1.5", "one"), "version-invalid"),
        ("demo.py", BLOCK.replace('"datasette"', "1"), "source-invalid"),
        ("demo.py", BLOCK.replace("httpx>=1", "a b"), "source-invalid"),
        ("demo.py", "# /// script\n# [tool.plugreg]\n# group = 'x'\n", "source-no-host"),
    ],
)
def test_bad_modules(tree: Tree, file: str, content: str | bytes, code: str) -> None:
    """Each fault has its code and names the file."""
    with pytest.raises(SourceError) as raised:
        read_project(str(tree({file: content}) / file))
    assert raised.value.code == code
    assert file in raised.value.message
