"""`where` promises nothing that the next command refuses, in text and in JSON."""

from __future__ import annotations

import contextlib
import io
import os

import pytest

from plugreg import Registry
from plugreg.cli.running import run as run_here
from tests.other_user import in_child, open_to_others

from .conftest import make_project


def nowhere(folder):
    """A folder that does not exist."""
    return folder / "none" / "cat", f"the folder {folder}/none does not exist"


def below_a_file(folder):
    """A file where a folder should be."""
    (folder / "file").write_text("")
    return folder / "file" / "cat", f"{folder}/file is no folder"


def link_to_nowhere(folder):
    """A link into a folder that does not exist."""
    (folder / "cat").symlink_to(folder / "none" / "cat")
    return folder / "cat", f"the folder {folder}/none does not exist"


def told(plugreg, *line, **places):
    """Return the catalog of the envelope, and the fields of the text."""
    lines = plugreg("where", *line, **places).lines
    fields = dict(one.split(None, 1) for one in lines[:7])
    return plugreg("where", *line, "--json", **places).object["data"]["catalog"], fields


@pytest.mark.parametrize("place", [nowhere, below_a_file, link_to_nowhere])
def test_a_catalog_that_cannot_be_made_is_not_promised(plugreg, tmp_path, directory, place):
    """It says what is in the way, as `add` does."""
    path, obstacle = place(tmp_path)
    found, fields = told(plugreg, "--catalog", str(path))
    assert (found["exists"], found["writable"], found["obstacle"]) == (False, False, obstacle)
    assert (fields["exists"], fields["writable"]) == ("no", f"no: {obstacle}")
    assert plugreg("add", str(directory), "--catalog", str(path)).status == 1


def test_a_catalog_that_add_makes_is_promised(plugreg, tmp_path, directory):
    """One that is named in a folder that is there; and the user's, named or not, in any."""
    data = tmp_path / "data" / "plugreg" / "catalog.sqlite3"
    for line in (["--catalog", str(tmp_path / "new")], ["--catalog", str(data)], []):
        found, fields = told(plugreg, *line, PLUGREG_CATALOG="")
        assert (found["exists"], found["writable"], found["obstacle"]) == (False, True, None)
        assert (fields["exists"], fields["writable"]) == (
            "no: the first `plugreg add` makes it",
            "yes",
        )
        assert plugreg("add", str(directory), *line, PLUGREG_CATALOG="").status == 0
        if str(data) in line:
            data.unlink()


def test_a_layer_whose_folder_cannot_be_made_is_not_promised(plugreg, tmp_path, directory):
    """Layers get their folders with their first project, unless a file is in the way."""
    (tmp_path / "site").write_text("")
    places = {"PLUGREG_CATALOG": "", "XDG_DATA_DIRS": str(tmp_path / "site")}
    found, fields = told(plugreg, "--layer", "site", **places)
    assert (found["writable"], found["obstacle"]) == (False, f"{tmp_path}/site is no folder")
    assert fields["exists"] == "no"
    refused = plugreg("add", str(directory), "--layer", "site", **places)
    assert refused.status == 1
    assert "Traceback" not in refused.err


@pytest.mark.parametrize("suffix", [".db", ".dat"])
def test_a_damaged_catalog_is_there_whatever_its_name(plugreg, tmp_path, suffix):
    """Some flavours put a suffix to the name that is given."""
    (tmp_path / f"cat{suffix}").write_bytes(b"rubbish" * 100)
    outcome = plugreg("where", "--catalog", str(tmp_path / "cat"), "--json")
    assert (outcome.status, outcome.object["data"]["catalog"]["exists"]) == (1, True)
    assert "exists   yes" in plugreg("where", "--catalog", str(tmp_path / "cat")).lines


def _where(*line):
    """Run the command in this process: another user may not start our Python."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        run_here(["where", *line])
    return out.getvalue()


@pytest.mark.parametrize("what", ["file", "folder", "new"])
def test_what_may_not_be_written_says_so(tmp_path, monkeypatch, what):
    """The file, its folder, or the folder of one that is not there yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    open_to_others(tmp_path)
    place = tmp_path / "place"
    place.mkdir()
    path = place / "cat"
    if what != "new":
        with Registry.open(path) as registry:
            registry.add(make_project("one"))
    os.chmod(place, 0o777 if what == "file" else 0o555)
    if what != "new":
        os.chmod(path, 0o444 if what == "file" else 0o666)
    _where("--catalog", str(path))  # imports what the child may not read
    text = in_child(lambda: _where("--catalog", str(path)), drop_rights=True)
    os.chmod(place, 0o755)
    named = path if what == "file" else f"the folder {place}"
    assert f"writable  no: {named} may not be written" in text
    assert "makes it" not in text
