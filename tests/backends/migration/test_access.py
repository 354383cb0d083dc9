"""Modes, owners and names: whose a database is before and after, and what else leads to it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from tests.conditions import skip_or_fail
from tests.corpus_cases import copied_case
from tests.other_user import NOBODY, in_child

from .databases import made, names, some

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("verb", ["migrate", "load"])
@pytest.mark.parametrize("target", ["sqlite3", "dumb"])
def test_what_is_overwritten_keeps_its_mode_and_owner(
    tmp_path: Path, verb: str, target: str
) -> None:
    """A private database is not opened up by what takes its place."""
    path = made(tmp_path, "gnu")
    secret = made(tmp_path, "gnu", name="secret")
    secret.chmod(0o600)
    owner = os.geteuid() or NOBODY
    os.chown(secret, owner, -1)
    if verb == "migrate":
        backends.migrate(path, secret, target, force=True)
    else:
        backends.load(secret, some(), target, force=True)
    files = backends.require_flavour(target).files(str(secret))
    found = [os.stat(file) for file in files if os.path.exists(file)]
    assert {(status.st_mode & 0o777, status.st_uid) for status in found} == {(0o600, owner)}


def test_a_dest_is_a_regular_file(tmp_path: Path) -> None:
    """A FIFO or a device is not replaced, whatever is allowed."""
    path = made(tmp_path, "gnu")
    os.mkfifo(tmp_path / "fifo")
    for task in (
        lambda force: backends.migrate(path, tmp_path / "fifo", force=force),
        lambda force: backends.load(tmp_path / "fifo", some(), force=force),
    ):
        for force in (False, True):
            with pytest.raises(backends.CatalogError, match="fifo is not a regular file"):
                task(force)
    assert names(tmp_path) == ["db", "fifo"]
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)


def test_an_owner_that_cannot_be_kept(shared_folder: Path) -> None:
    """Is told of; the file belongs to who has migrated it."""
    path = made(shared_folder, "gnu")
    path.chmod(0o644)
    if os.geteuid():
        skip_or_fail("not root: no file of another user")
    os.chown(path, 12345, NOBODY)
    shared_folder.chmod(0o777)
    done = in_child(lambda: backends.migrate(path), drop_rights=True)
    (said,) = [line for line in done.warnings if "belong" in line]
    assert said.startswith(f"{path} does not belong to user 12345 and group {NOBODY} as")
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY, NOBODY)


def test_a_group_is_kept_alone(shared_folder: Path) -> None:
    """Who may not give a file away gives it to the group, as a member of it."""
    path = made(shared_folder, "gnu")
    if os.geteuid():
        skip_or_fail("not root: no file of another user")
    os.chown(path, 12345, 12346)
    path.chmod(0o664)
    shared_folder.chmod(0o777)

    def as_member() -> backends.Migration:
        os.setgroups([12346])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        return backends.migrate(path)

    done = in_child(as_member)
    assert any("does not belong to user 12345" in line for line in done.warnings)
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY, 12346)


def test_errors_name_the_database_itself(tmp_path: Path) -> None:
    """And not the folder in which its successor was to be built."""
    path = tmp_path / "db"
    backends.require_flavour("gnu").write_fresh(str(path), [(b"no JSON", b"1")])
    with pytest.raises(backends.CatalogError) as caught:
        backends.migrate(path, to="sos")
    assert ".migration" not in str(caught.value)
    assert caught.value.details["path"] == str(path)
    with pytest.raises(backends.CatalogError, match="comes twice") as caught:
        backends.load(tmp_path / "new", [(b"a", b"1"), (b"a", b"2")])
    assert ".migration" not in str(caught.value)
    assert caught.value.details["path"] == str(tmp_path / "new")


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_hard_link_is_told_of(tmp_path: Path, dry_run: bool) -> None:
    """The other name leads to the old database afterwards; a pair's own two names are none."""
    path = made(tmp_path, "gnu")
    os.link(path, tmp_path / "hard")
    (said,) = backends.migrate(path, dry_run=dry_run).warnings
    assert said.startswith(f"{path} has other names (hard links)")
    (tmp_path / "case").mkdir()
    pair = copied_case("gdbmcompat-hardlink18", tmp_path / "case")
    stem = str(pair).removesuffix(".pag").removesuffix(".dir")
    os.unlink(f"{stem}.dir")
    os.link(f"{stem}.pag", f"{stem}.dir")
    assert backends.migrate(pair, dry_run=dry_run).warnings == ()
