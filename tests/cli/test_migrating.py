"""`plugreg migrate`: what it says, its exit status, and what it leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import time

import pytest

from plugreg import backends
from tests.corpus_cases import copied_case, expected_records

from .conftest import COMMAND
from .test_bad_days import CONTROL

# A shell shows both as 130. Where Ctrl-C comes while a class is made of text (namedtuple), CPython
# ends itself by the signal, also when the exception was caught.
INTERRUPTED = (130, -signal.SIGINT)
STARTED_AGAIN = (
    "plugreg: error: interrupted; no half-made database is left, so that it can just be started"
    " again\n"
)
RECORDS = sorted((b'"key %d"' % n, b'"value %d"' % n) for n in range(60))


@pytest.fixture
def folder(tmp_path):
    """A folder for databases, apart from the catalog's."""
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


def made(folder, flavour="gnu", name="db", records=RECORDS):
    """Make a database; its path."""
    backends.require_flavour(flavour).write_fresh(str(folder / name), records)
    return str(folder / name)


def read(path):
    """Return what is found under a name, sorted."""
    with backends.open(path) as store:
        return sorted(store.records())


def test_in_place(plugreg, folder):
    """What became what, how much, and where the old one is kept."""
    path = made(folder)
    outcome = plugreg("migrate", path)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.lines[0] == f"migrated {path} (gnu) to {path} (sqlite3)"
    assert outcome.lines[1].startswith("  60 records, 1.")
    assert outcome.lines[1].endswith("read back and compared")  # too few to tell a rate
    kept = outcome.lines[2].partition(" is kept as ")[2]
    assert read(kept) == read(path) == RECORDS
    assert len(outcome.lines) == 3
    assert len(os.listdir(folder)) == 2


def test_one_record(plugreg, folder):
    """It is told as one."""
    outcome = plugreg("migrate", made(folder, records=RECORDS[:1]))
    assert outcome.lines[1].startswith("  1 record, ")


def test_the_object(plugreg, folder):
    """`--json` has the fields that scripts rely on."""
    path, dest = made(folder), str(folder / "new")
    envelope = plugreg("migrate", path, dest, "--to", "dbm.dumb", "--json").object
    assert (envelope["command"], envelope["status"], envelope["errors"]) == (
        "migrate",
        "success",
        [],
    )
    found = envelope["data"]["migration"]
    size = sum(len(key) + len(value) for key, value in RECORDS)
    assert found.pop("seconds") >= 0
    assert found.pop("free_bytes") > 0
    assert found == {
        "source": path,
        "dest": dest,
        "from": "gnu",
        "to": "dumb",
        "records": 60,
        "bytes": size,
        "verified": True,
        "backup": None,
        "skipped": [],
        "dry_run": False,
        "resumed": False,
        "unchanged": False,
    }


def test_a_rehearsal(plugreg, folder):
    """It says what would be done, in the words of doing it, and that nothing was."""
    path = made(folder)
    outcome = plugreg("migrate", path, "--to", "sdbm", "--dry-run")
    assert outcome.status == 0
    assert outcome.lines[0] == f"would migrate {path} (gnu) to {path} (sdbm)"
    assert outcome.lines[1].endswith("; nothing was written")
    assert outcome.lines[2].endswith(" are free there")
    assert outcome.lines[3] == f"  the old database would be kept as {path}.backup-DATE"
    assert os.listdir(folder) == ["db"]


def test_without_a_backup(plugreg, folder):
    """The new one is all that is left."""
    path = made(folder)
    assert len(plugreg("migrate", path, "--no-backup").lines) == 2
    assert os.listdir(folder) == ["db"]
    assert read(path) == RECORDS


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--duplicates", "all"], "`first` or `last`"),
        (["--database", "x"], "name a DEST"),
        (["--force"], "overwrites a DEST"),
        (["--to", "gnuu"], "did you mean `gnu`?"),
        (["--to", "GNU"], "did you mean `gnu`?"),
        (["--to", "nothing"], "choose one of sqlite3, gnu, gnu-ndbm, berkeley-hash,"),
        (["--from", "cbd"], "did you mean `cdb`?"),
        ([""], "DEST is empty"),
    ],
)
def test_wrong_usage(plugreg, folder, arguments, says):
    """What makes no sense is exit 2, and nothing is touched."""
    outcome = plugreg("migrate", made(folder), *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert says in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert os.listdir(folder) == ["db"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["gone"], "catalog-not-found"),
        (["db", "--to", "cdb"], "flavour-unavailable"),
        (["db", "--from", "sos"], "flavour-differs"),
        (["db", "no/folder/new"], "catalog-not-found"),
        (["db", "other"], "dest-exists"),
    ],
)
def test_errors(plugreg, folder, arguments, code):
    """One line that says what to do next, a code in the object, exit 1, nothing touched."""
    made(folder)
    made(folder, "sdbm", "other")
    paths = [a if a.startswith("--") or a in ("nothing", "cdb", "sos") else str(folder / a)
             for a in arguments]  # fmt: skip
    outcome = plugreg("migrate", *paths)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("plugreg: error: ")
    assert "; " in outcome.err
    assert len(outcome.err.splitlines()) == 1
    (error,) = plugreg("migrate", *paths, "--json").object["errors"]
    assert error["code"] == code
    assert sorted(os.listdir(folder)) == ["db", "other.dir", "other.pag"]


def test_force(plugreg, folder):
    """What stood at DEST is gone, and nothing is kept of it."""
    path, other = made(folder), made(folder, "sdbm", "other", RECORDS[:3])
    assert plugreg("migrate", path, other, "--force").status == 0
    assert sorted(os.listdir(folder)) == ["db", "other"]
    assert read(other) == RECORDS


def test_what_was_left_out(plugreg, folder):
    """Ten lines for a person, all in the object; exit 0, as it was asked for."""
    path = str(copied_case("damaged-gdbm-cut-half", folder))
    refused = plugreg("migrate", path)
    assert refused.status == 1
    assert "salvage" in refused.err
    told = plugreg("migrate", path, "--salvage", "--dry-run", "--json").object["data"]["migration"]
    assert len(told["skipped"]) > 10
    outcome = plugreg("migrate", path, "--salvage")
    assert outcome.status == 0
    left_out = [line for line in outcome.lines if line.startswith("  left out: ")]
    assert left_out == [f"  left out: {line}" for line in told["skipped"][:10]]
    assert outcome.lines[-1] == f"  and {len(told['skipped']) - 10:,} more; --json names all"
    assert len(read(path)) == told["records"] == 92


def test_keys_of_several_values(plugreg, folder):
    """The number is told, and the choice that is to be made."""
    path = str(copied_case("bdb-hash-dupsort", folder))
    outcome = plugreg("migrate", path)
    assert outcome.status == 1
    assert "keys have more than one value" in outcome.err
    done = plugreg("migrate", path, "--duplicates", "last")
    assert done.status == 0
    assert "the last of each was kept" in done.out


def test_one_of_several_databases(plugreg, folder):
    """The error names them, and the option that takes one out."""
    path = str(copied_case("bdb-subdbs-be", folder))
    outcome = plugreg("migrate", path)
    assert outcome.status == 1
    assert "'first'" in outcome.err
    assert "--database" in outcome.err
    done = plugreg("migrate", path, str(folder / "new"), "--database", "first")
    assert done.status == 0
    assert read(folder / "new")


def test_a_warning_is_told(plugreg, folder):
    """On stderr, with the work done: a Berkeley DB file whose newest records may be in a log."""
    path = str(copied_case("bdb-btree-txn-log", folder))
    with backends.open(path) as store:
        list(store.records())
        warnings = list(store.warnings)
    outcome = plugreg("migrate", path, str(folder / "new"))
    assert outcome.status == 0
    assert [line for line in outcome.err.splitlines() if "warning:" in line] == [
        f"plugreg: warning: {warning}" for warning in warnings
    ]


def test_a_name_that_is_no_text(plugreg, folder):
    """It is migrated, and shown with escapes."""
    path = os.path.join(os.fsencode(folder), b"caf\xe9")
    made(folder, name=os.fsdecode(b"caf\xe9"))
    outcome = plugreg("migrate", path)
    assert outcome.status == 0, outcome.err
    assert "caf\\" in outcome.out
    assert read(path) == RECORDS
    assert plugreg("migrate", path, "--to", "gnu", "--json").object["status"] == "success"


@pytest.fixture(scope="module")
def many():
    """Records that take some seconds to migrate."""
    return [(b"key %d" % n, b"value %d" % n * 3) for n in range(400_000)]


def until_building(stage, child):
    """Wait until a new database is being filled."""
    while not (os.path.isdir(stage) and os.listdir(stage)):
        assert child.poll() is None
        time.sleep(0.01)


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_signal(environment, folder, many, name, form):
    """The shell's exit status, what it left is said, in JSON too, and nothing is left."""
    path = made(folder, "sqlite3", records=many)
    child = subprocess.Popen(
        [*COMMAND, "migrate", path, "--to", "gnu", *form],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until_building(folder / ".db.migration" / "new", child)
    child.send_signal(getattr(signal, name))
    out, err = child.communicate()
    assert child.returncode == 128 + getattr(signal, name)
    assert err.decode() == STARTED_AGAIN
    if form:
        envelope = json.loads(out)
        assert (envelope["command"], envelope["status"]) == ("migrate", "error")
        assert [error["code"] for error in envelope["errors"]] == ["interrupted"]
    else:
        assert out == b""
    assert os.listdir(folder) == ["db"]


def test_a_shelf_of_an_older_python(plugreg, folder):
    """The pickles are copied as they are: nothing of them is read."""
    path = str(copied_case("shelf-py27-dbhash", folder))
    assert plugreg("migrate", path).status == 0
    assert dict(read(path)) == expected_records("shelf-py27-dbhash")


EVIL = "\x1b]0;owned\x07\x1b[31m\u202e\x9bred\nfake line\r"


def test_no_escape_reaches_a_terminal(plugreg, terminal, folder):
    """Neither a key nor the name of a file can steer a terminal."""
    class_of_its_own = b"\x80\x02c__main__\nThing\n)\x81."
    for run in (plugreg, terminal):
        path = made(folder, name=f"db{EVIL}", records=[(EVIL.encode(), class_of_its_own)])
        for extra in ({"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}):
            outcome = run("migrate", path, "--to", "gnu", "--upgrade-pickles", **extra)
            assert outcome.status == 0
            assert "left as it is:" in outcome.out
            shown = re.sub(r"\x1b\[\d+m", "", outcome.out + outcome.err)
            assert CONTROL.findall(shown) == []
            assert "\x1b[31m" not in outcome.out
            assert "owned" in shown
        os.unlink(path)


def test_a_name_is_shown_in_one_way(plugreg, folder):
    """By `identify` and `migrate` alike, where it is no text."""
    path = made(folder, name=os.fsdecode(b"bad\xff\xfe"))
    assert "bad\\xff\\xfe" in plugreg("identify", path).out
    assert "bad\\xff\\xfe" in plugreg("migrate", path).out


@pytest.mark.parametrize("command", [["migrate"], ["identify"], ["dump"], ["load"]])
def test_an_empty_name(plugreg, command):
    """It is wrong usage, and does not mean the current folder."""
    outcome = plugreg(*command, "")
    assert (outcome.status, outcome.out) == (2, "")
    assert "is empty; name a file" in outcome.err


def test_a_name_without_room(plugreg, folder):
    """The user's name is told, and how long it may be; not that of an inner file."""
    path = str(folder / ("n" * 240))
    os.rename(made(folder), path)
    assert plugreg("identify", path).status == plugreg("dump", path).status == 0
    outcome = plugreg("migrate", path)
    assert outcome.status == 1
    assert f"{path}: a name of 240 bytes" in outcome.err
    assert "up to 227 bytes" in outcome.err
    assert os.listdir(folder) == ["n" * 240]


@pytest.mark.parametrize(
    "case", ["damaged-sqlite3-cut", "damaged-sqlite3-page-bad", "damaged-gdbm-cut-half"]
)
def test_salvage_is_offered(plugreg, folder, case):
    """By `migrate` and `dump`, where the source is damaged and it is not asked for yet."""
    path = str(copied_case(case, folder))
    for command in ("migrate", "dump"):
        outcome = plugreg(command, path)
        assert outcome.status == 1
        assert outcome.err.rstrip().endswith("or take what is whole of it with --salvage")


def test_the_options_for_duplicates_are_named(plugreg, folder):
    """By `migrate`, `dump` into a form that cannot hold them, and `load`."""
    path = str(copied_case("bdb-hash-dupsort", folder))
    (folder / "text").write_text(plugreg("dump", path).out)
    for command in (
        ["migrate", path],
        ["dump", path, "--format", "gdbm"],
        ["load", str(folder / "new"), str(folder / "text")],
    ):
        outcome = plugreg(*command)
        assert outcome.status == 1
        assert "--duplicates first" in outcome.err


def test_load_with_its_arguments_swapped(plugreg, folder):
    """The dump is named as the database that it is."""
    path = made(folder)
    outcome = plugreg("load", str(folder / "new"), path)
    assert outcome.status == 1
    assert f"{path} is a gnu database, and no dump of one; FILE" in outcome.err
    assert "plugreg migrate" in outcome.err


@pytest.mark.parametrize("case", ["damaged-sqlite3-page-bad", "damaged-bdb-btree-leaf-loop"])
def test_identify_tells_of_damage(plugreg, folder, case):
    """It is a warning, and no number of records is made up."""
    path = str(copied_case(case, folder))
    outcome = plugreg("identify", path)
    assert outcome.status == 0
    assert outcome.lines[0].split("\t")[2] == "damaged"
    assert outcome.err.startswith(f"plugreg: warning: damaged: {path}")
    assert "--salvage" in outcome.err
    (item,) = plugreg("identify", path, "--json").object["data"]["files"]
    assert item["records"] is None
    assert path in item["damage"]


def test_what_is_there_already(plugreg, folder):
    """A second migration into the same flavour says so, and makes no further backup."""
    path = made(folder, "sqlite3")
    outcome = plugreg("migrate", path)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.lines[0].startswith(f"{path} is sqlite3 already, 60 records, ")
    assert outcome.lines[0].endswith("; nothing to do")
    assert os.listdir(folder) == ["db"]


def test_a_second_name_of_the_file(plugreg, folder):
    """That a hard link keeps the old database is a warning."""
    path = made(folder)
    os.link(path, folder / "hard")
    outcome = plugreg("migrate", path)
    assert outcome.status == 0
    assert "plugreg: warning: " in outcome.err
    assert backends.identify(folder / "hard").flavour == "gnu"


COMMANDS_ON_A_FILE = [
    ["migrate", "FILE", "--to", "dumb"],
    ["migrate", "FILE", "new.db"],
    ["migrate", "other.db", "FILE", "--force"],
    ["dump", "FILE"],
    ["load", "FILE", "dump.jsonl", "--force"],
]


@pytest.mark.parametrize("command", COMMANDS_ON_A_FILE, ids=" ".join)
def test_a_locked_file_is_waited_for_as_long_as_is_told(plugreg, tmp_path, command):
    """Then the error says by which process, and nothing was changed or left over."""
    path = str(tmp_path / "file.db")
    for name in (path, str(tmp_path / "other.db")):
        with backends.open(name, mode="c") as store:
            store[b"key"] = b"value"
    (tmp_path / "dump.jsonl").write_text(plugreg("dump", path).out)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    before = sorted(os.listdir(tmp_path))
    try:
        words = [path if word == "FILE" else word for word in command]
        outcome = plugreg(*words, "--timeout", "0.2")
    finally:
        holder.close()
    assert outcome.status == 1
    assert "Traceback" not in outcome.err
    assert f" by process {os.getpid()}; " in outcome.err
    assert set(os.listdir(tmp_path)) - set(before) <= {"file.db-journal"}
    with backends.open(path) as store:
        assert dict(store) == {b"key": b"value"}
