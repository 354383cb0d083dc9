"""Waiting for another process's lock: bounded, ended by Ctrl-C, and in the end told by whom."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from plugreg import backends
from plugreg.backends import holders, locking
from tests.conditions import skip_or_fail
from tests.fresh_process import WRITE, run_fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD = """
import sys
from plugreg import backends
with backends.open(sys.argv[1], mode="w") as store, store.transaction():
    store[b"uncommitted"] = b"1"
    print("held", flush=True)
    sys.stdin.read()
"""
WAIT = """
import sys
from plugreg import backends
print("waiting", flush=True)
try:
    with backends.open(sys.argv[1], mode="w", timeout_s=60) as store:
        store[b"new"] = b"1"
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.fixture(params=["sqlite3", "dumb", "gnu"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database of each kind of lock (SQLite's, plugreg's, and with GDBM's), with one record."""
    flavour: str = request.param
    with backends.open(tmp_path / "db", flavour, "c") as store:
        store[b"old"] = b"1"
    return tmp_path / "db"


@contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has a transaction open until the block ends."""
    with _started(HOLD, path) as holder:
        yield holder


@contextmanager
def _started(program: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has printed its first line."""
    with subprocess.Popen(
        [sys.executable, "-c", program, os.fspath(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def require_proc() -> None:
    """Skip the test where the system does not say who holds a lock."""
    if not os.path.exists("/proc/locks"):
        skip_or_fail("this system has no /proc/locks")


def test_it_says_who(path: Path) -> None:
    """At the end of the time, the error has the number of the process that holds the lock."""
    require_proc()
    with held(path) as holder:
        said = run_fresh(WRITE, path, "new", "1")
    assert f"is locked by process {holder.pid} | wait for it to finish" in said


def test_waiting_has_an_end(path: Path) -> None:
    """After the time that was given the writer gives up; with the lock free again, one writes."""
    with held(path):
        with (
            pytest.raises(backends.CatalogLocked),
            backends.open(path, mode="w", timeout_s=0.3) as store,
        ):
            store[b"new"] = b"1"
    assert run_fresh(WRITE, path, "new", "1") == "written"


def test_a_dead_process_holds_nothing(path: Path) -> None:
    """The system frees the lock of a killed writer at once; what he did not commit is gone."""
    with held(path) as holder:
        holder.kill()
        holder.wait()
        with backends.open(path, mode="w", timeout_s=0) as store:
            assert dict(store) == {b"old": b"1"}
            store[b"new"] = b"1"


def test_it_goes_on_when_the_lock_is_free(path: Path) -> None:
    """Who waits gets his turn within the time."""
    with held(path) as holder, _started(WAIT, path) as waiter:
        time.sleep(0.3)
        assert waiter.poll() is None
        holder.communicate("")
        assert waiter.wait(60) == 0
    with backends.open(path) as store:
        assert set(store) >= {b"old", b"new"}


def test_ctrl_c_ends_a_wait(path: Path) -> None:
    """It is answered while the lock is held, long before the end of the time."""
    with held(path) as holder, _started(WAIT, path) as waiter:
        time.sleep(0.3)
        waiter.send_signal(signal.SIGINT)
        assert waiter.stdout is not None
        assert waiter.stdout.read() == "interrupted\n"
        assert holder.poll() is None


def test_any_thread_may_close(path: Path) -> None:
    """A shared store that another thread closes lets the next writer in."""
    store = backends.open(path, mode="w")
    store.share()
    closer = threading.Thread(target=store.close)
    closer.start()
    closer.join()
    assert run_fresh(WRITE, path, "new", "1") == "written"


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """What NFS answers without its lock service is told as such, and not as a writer's lock."""

    def refuse(*_arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "lockf", refuse)
    error = holders.locked(str(tmp_path / "db"), str(tmp_path / "db"))
    assert (error.code, "its file system has no locks" in error.message) == (
        "catalog-no-locks",
        True,
    )
    monkeypatch.setattr("filelock._unix.fcntl.flock", refuse)
    if code != errno.ENOSYS:  # filelock then makes a file that is the lock
        with pytest.raises(backends.CatalogError, match="has no locks") as caught:
            locking.WriterLock(str(tmp_path / "db"), timeout_s=0)
        assert caught.value.code == "catalog-no-locks"


READ = """
import sys
from plugreg import backends
with backends.open(sys.argv[1]) as store:
    print(dict(store))
"""


def test_a_read_only_medium(path: Path) -> None:
    """It is read as ever, and a change is told that it cannot be written; nothing waits."""
    unshare = shutil.which("unshare")
    mounting = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    command = [str(unshare), "--mount", "--map-root-user", "sh", "-c", mounting, path.parent]
    if not unshare or subprocess.run([*command, "true"], capture_output=True).returncode:
        skip_or_fail("no folder can be mounted here for reading only")
    said = [
        subprocess.run(
            [*command, sys.executable, "-c", program, path, "new", "1"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for program in (READ, WRITE)
    ]
    assert said[0] == "{b'old': b'1'}\n"
    assert said[1].startswith("CatalogReadOnly ")
    assert "cannot be written" in said[1]
