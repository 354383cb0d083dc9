"""A catalog that others can change is pointed out, as ssh does with keys."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pluggy
import pytest

from plugreg import Registry
from plugreg.plugins import load
from plugreg.trust import doubts_about, stranger_to
from tests.conditions import skip_or_fail
from tests.other_user import NOBODY

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A catalog of the user's own, in a folder of his own."""
    path = tmp_path / "catalog"
    Registry.open(path).close()
    os.chmod(path, 0o644)
    os.chmod(tmp_path, 0o755)
    return path


def status(mode: int, uid: int | None = None, gid: int = NOBODY) -> os.stat_result:
    """Return what stat would say of a file of this mode and owner."""
    owner = os.geteuid() if uid is None else uid
    return os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, gid, 0, 0, 0, 0))


def test_ones_own_is_no_doubt(catalog: Path) -> None:
    """Nor is one that others may read."""
    with Registry.open(catalog) as registry:
        assert registry.warnings == []


@pytest.mark.parametrize(("mode", "who"), [(0o646, "every user"), (0o664, "its group")])
def test_a_file_that_others_may_write(catalog: Path, mode: int, who: str) -> None:
    """The warning names the file, who may write it, the mode, and what to do."""
    os.chmod(catalog, mode)
    if mode == 0o664:
        os.chown(catalog, -1, other_group())
    with Registry.open(catalog, read_only=True) as registry:
        (warning,) = registry.warnings
    assert warning.startswith(f"{catalog} can be changed by others: {who}")
    assert (f"{mode:04o}" in warning, "chmod" in warning) == (True, True)


def other_group() -> int:
    """Return a group that this user may give a file to, and that is not his alone."""
    if os.geteuid() == 0:
        return NOBODY
    found = [gid for gid in os.getgroups() if stranger_to(status(0o664, gid=gid))]
    if not found:
        skip_or_fail("this user is in no group with others")
    return found[0]


def test_a_folder_that_others_may_write(catalog: Path, tmp_path: Path) -> None:
    """They could put another file there; with the sticky bit, as in /tmp, a journal beside it."""
    for mode in (0o777, 0o1777):
        os.chmod(tmp_path, mode)
        (warning,) = doubts_about(str(catalog))
        assert warning.startswith(f"{tmp_path} can be changed by others: every user")


@pytest.mark.parametrize(("flavour", "file"), [("dumb", ".dat"), ("gnu-ndbm", ".dir")])
def test_a_catalog_of_several_files(tmp_path: Path, flavour: str, file: str) -> None:
    """Each of them counts, whatever the name by which it is opened."""
    path = tmp_path / "place" / "several"
    path.parent.mkdir(mode=0o700)
    Registry.open(path, flavour=flavour).close()
    assert doubts_about(str(path)) == []
    os.chmod(f"{path}{file}", 0o646)
    (warning,) = doubts_about(str(path))
    assert warning.startswith(f"{path}{file} can be changed by others: every user")


def test_a_folder_above_that_others_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They could put another folder in its place; above the user's home nobody looks."""
    place = tmp_path / "open" / "home" / "own"
    place.mkdir(parents=True)
    for folder in (place, place.parent, tmp_path):
        os.chmod(folder, 0o755)
    os.chmod(tmp_path / "open", 0o777)
    (warning,) = doubts_about(str(place / "catalog"))
    assert warning.startswith(f"{tmp_path / 'open'} can be changed by others: every user")
    assert "a folder of your own" in warning
    os.chmod(tmp_path / "open", 0o1777)
    assert doubts_about(str(place / "catalog")) == []
    os.chmod(tmp_path / "open", 0o777)
    monkeypatch.setenv("HOME", str(place.parent))
    assert doubts_about(str(place / "catalog")) == []
    os.chmod(place.parent, 0o777)
    assert len(doubts_about(str(place / "catalog"))) == 1


def test_a_link_counts_as_what_it_links_to(catalog: Path, tmp_path: Path) -> None:
    """The file itself is what is read."""
    os.chmod(catalog, 0o666)
    link = tmp_path / "link"
    link.symlink_to(catalog)
    assert doubts_about(str(link))[0].startswith(f"{catalog} ")


@pytest.mark.parametrize("linked", ["file", "folder", "link"])
def test_a_folder_that_holds_a_link(tmp_path: Path, linked: str) -> None:
    """Who may change it can link to another catalog; with the sticky bit, he could not."""
    safe, loose, own = (tmp_path / name for name in ("safe", "loose", "own"))
    for folder in (safe, loose, own):
        folder.mkdir(mode=0o755)
    os.chmod(tmp_path, 0o755)
    Registry.open(safe / "catalog").close()
    path = loose / "catalog"
    if linked == "folder":
        (loose / "safe").symlink_to(safe)
        path = loose / "safe" / "catalog"
    else:
        path.symlink_to(safe / "catalog")
    if linked == "link":
        path = own / "catalog"
        path.symlink_to("../loose/catalog")
    assert doubts_about(str(path)) == []
    os.chmod(loose, 0o777)
    (warning,) = doubts_about(str(path))
    assert warning.startswith(f"{loose} can be changed by others: every user")
    os.chmod(loose, 0o1777)
    assert doubts_about(str(path)) == []


def test_owners() -> None:
    """The user and root are trusted, and who is named; nobody else is."""
    assert stranger_to(status(0o600)) == stranger_to(status(0o600, 0)) == ""
    assert stranger_to(status(0o600, 4711)) == "it belongs to user 4711"
    assert stranger_to(status(0o600, 4711), (4711,)) == ""
    assert "nobody" in stranger_to(status(0o600, NOBODY))


def test_a_group_of_ones_own_is_oneself() -> None:
    """Where every user has his own group, files are made with mode 664."""
    import grp
    import pwd

    me = pwd.getpwuid(os.geteuid())
    group = grp.getgrgid(me.pw_gid)
    alone = group.gr_name == me.pw_name and set(group.gr_mem) <= {me.pw_name}
    assert (stranger_to(status(0o664, gid=me.pw_gid)) == "") is alone
    assert stranger_to(status(0o664, gid=2**31 - 2))


def test_a_host_is_told(catalog: Path) -> None:
    """In the report of its start, and in the text of that."""
    os.chmod(catalog, 0o666)
    report = load(pluggy.PluginManager("host"), catalog=catalog)
    assert report.warnings == doubts_about(str(catalog))
    assert f"  warning  {report.warnings[0]}" in str(report).splitlines()
