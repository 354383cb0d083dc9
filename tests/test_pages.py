"""The reader of the pages notices what is not true."""

from __future__ import annotations

import pytest

from tests import pages
from tests.pages import Block, Reader, blocks, is_as_said

PAGE = """
```console
$ echo one
one
```

- In a list:

    ```console title="indented"
    $ cat <<END
    > two
    > END
    two
    ```

```python
print("three")
```
"""


@pytest.fixture
def reader(tmp_path):
    """In a folder of its own, with another for what is left."""
    for name in ("folder", "home"):
        (tmp_path / name).mkdir()
    return Reader(tmp_path / "folder", tmp_path / "home")


def console(text):
    """Return a block as if it stood on a page."""
    return Block("page.md", 1, "console", text)


def test_blocks_are_found_where_they_stand(tmp_path, monkeypatch):
    """Those in lists, too, and those whose fence says more than the language."""
    monkeypatch.setattr(pages, "TOP", tmp_path)
    (tmp_path / "page.md").write_text(PAGE)
    found = blocks(tmp_path / "page.md", "console")
    assert list(map(str, found)) == ["page.md:2", "page.md:9"]
    assert [block.steps() for block in found] == [
        [("echo one", "one\n")],
        [("cat <<END\ntwo\nEND", "two\n")],
    ]
    assert [block.text for block in blocks(tmp_path / "page.md", "python")] == ['print("three")\n']


@pytest.mark.parametrize(
    ("shown", "expected", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\n", False),
        ("a.c\n", "abc\n", False),
        ("took 3 ms here\n", "took ... here\n", True),
        ("took 3\nms here\n", "took ... here\n", False),
        ("a\nb\nc\n", "a\n...\nc\n", True),
        ("a\nc\n", "a\n...\nc\n", True),
        ("a\nb\n", "a\n...\nc\n", False),
    ],
)
def test_dots_stand_for_what_varies(shown, expected, same):
    """Within a line or for whole lines, and everything else is to the letter."""
    assert is_as_said(shown, expected) is same


def test_a_command_leaves_its_folder_and_variables_to_the_next(reader):
    """As in a shell, and its errors are seen."""
    reader.follows(
        console("$ mkdir inner; cd inner\n$ export COLOUR=blue\n$ echo $COLOUR >&2\nblue\n")
    )
    assert (reader.folder.name, reader.folder.parent.name) == ("inner", "folder")
    assert reader.types("exit 3") == ""
    assert reader.types("echo $COLOUR $(basename $PWD)") == "blue inner\n"


def test_another_output_is_an_error_that_shows_both(reader):
    """With the page, the command, and what differs."""
    with pytest.raises(AssertionError) as caught:
        reader.follows(console("$ echo is\nis\n$ echo was\nis\n"))
    for said in ("page.md:1: $ echo was", "-is", "+was"):
        assert said in str(caught.value)


def test_commands_can_be_left_out_and_differences_ignored(reader):
    """Only those that the test names."""
    block = console("$ false this time\n$ echo 5 MB\n6 MB\n")
    reader.follows(block, leaves_out=("false this",), ignoring=lambda text: text[1:])


def test_python_that_fails_is_an_error(reader):
    """An exception or a warning; else what it prints is returned."""
    assert reader.runs(Block("page.md", 1, "python", "print(1 + 1)\n")) == "2\n"
    for text in ("1 / 0", "import warnings; warnings.warn('old')"):
        with pytest.raises(AssertionError, match=r"page\.md:1"):
            reader.runs(Block("page.md", 1, "python", text))


def test_the_tested_plugreg_answers_and_the_catalog_is_the_readers(reader):
    """Nothing of the user's is read or changed."""
    assert reader.types("plugreg list") == ""
    assert str(reader.home / "catalog") in reader.types("plugreg where")
