"""`plugreg dump` and `plugreg load`: three forms of text, there and back, and as the tools do."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64decode

import pytest

from plugreg import backends
from plugreg.cli.running import run as run_here
from tests.backends.gdbm.binary_dumps import write_binary
from tests.backends.migration.original_tools import output_of, tool
from tests.corpus_cases import copied_case
from tests.other_user import in_child, open_to_others
from tests.warm import PIPE

from .conftest import COMMAND
from .test_migrating import INTERRUPTED, RECORDS, STARTED_AGAIN, made, read, until_building

FORMS = backends.FORMS
AWKWARD = [(b"", b"of the empty key"), (b"empty", b""), (b"\0\n\xff", bytes(range(256)) * 40)]


@pytest.fixture
def folder(tmp_path):
    """A folder for databases, apart from the catalog's."""
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


@pytest.fixture
def piped(warm, environment, tmp_path):
    """Run a command with bytes on its stdin; exit status, stdout and stderr."""

    def run(*arguments, text=b""):
        words = list(map(str, arguments))
        done = warm.run(words, env=environment, cwd=tmp_path, stdin=PIPE, text=text)
        return done.returncode, done.stdout, done.stderr.decode()

    return run


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("target", ["sqlite3", "gnu"])
def test_there_and_back(piped, folder, form, target):
    """Every byte, through a pipe and through a file, the form known by its start."""
    path = made(folder, records=[*RECORDS, *AWKWARD])
    status, text, err = piped("dump", path, "--format", form)
    assert (status, err) == (0, "")
    status, out, err = piped("load", folder / "new", "--to", target, text=text)
    assert (status, err) == (0, "")
    assert out.startswith(f"made {folder}/new ({target})\n  63 records, ".encode())
    assert read(folder / "new") == sorted([*RECORDS, *AWKWARD])
    assert backends.identify(folder / "new").flavour == target
    (folder / "text").write_bytes(text)
    assert piped("load", folder / "other", folder / "text", "--format", form)[0] == 0
    assert read(folder / "other") == read(folder / "new")


@pytest.mark.parametrize("form", FORMS)
def test_no_records(piped, folder, form):
    """An empty database has a dump, and an empty dump makes one."""
    text = piped("dump", made(folder, records=[]), "--format", form)[1]
    assert piped("load", folder / "new", "--allow-empty", text=text)[0] == 0
    assert read(folder / "new") == []


def test_a_dump_that_failed_in_a_pipe(piped, folder):
    """No bytes at all are refused, what stands there stays; with --allow-empty they are taken."""
    path = made(folder)
    for arguments in ((folder / "new",), (path, "--force"), (path, "--force", "--json")):
        status, _, err = piped("load", *arguments, text=b"")
        assert status == 1
        assert "the dump is empty" in err
        assert "--allow-empty" in err
    assert read(path) == RECORDS
    assert os.listdir(folder) == ["db"]


def test_the_lines_of_json(piped, folder):
    """A record a line, as the README says, and no other line."""
    text = piped("dump", made(folder))[1].decode().splitlines()
    assert len(text) == 60
    for number, line in enumerate(text, 1):
        found = json.loads(line)
        assert set(found) == {"key", "value", *(["records"] if number == 60 else [])}
    decoded = [tuple(b64decode(json.loads(line)[f]) for f in ("key", "value")) for line in text]
    assert sorted(decoded) == RECORDS


def test_the_object_of_a_dump(piped, folder):
    """`--json` is one object with the records in it, whatever the form."""
    envelope = json.loads(piped("dump", made(folder), "--json", "--format", "gdbm")[1])
    assert (envelope["command"], envelope["status"]) == ("dump", "success")
    assert len(envelope["data"]["records"]) == 60
    made_now = json.loads(piped("load", folder / "new", "--json", "--allow-empty", text=b"")[1])
    assert made_now["data"]["migration"]["records"] == 0
    assert made_now["data"]["migration"]["source"] == ""


def test_gdbm_load_and_dump(piped, folder):
    """The tool loads what we dump, and we what it dumps, also the empty ones that it refuses."""
    records = [*RECORDS, AWKWARD[-1]]
    text = piped("dump", made(folder, records=records), "--format", "gdbm")[1]
    (folder / "text").write_bytes(text)
    output_of(tool("gdbm_load"), folder / "text", folder / "theirs")
    assert read(folder / "theirs") == sorted(records)
    with_empty_ones = made(folder, name="empties", records=[*RECORDS, *AWKWARD])
    theirs = output_of(tool("gdbm_dump"), with_empty_ones, "-")
    assert piped("load", folder / "back", text=theirs)[0] == 0
    assert read(folder / "back") == sorted([*RECORDS, *AWKWARD])
    ours = piped("dump", with_empty_ones, "--format", "gdbm")[1]
    about = (b"# GDBM dump", b"#:uid", b"#:file")
    assert [line for line in ours.splitlines() if not line.startswith(about)] == [
        line for line in theirs.splitlines() if not line.startswith(about)
    ]


@pytest.mark.parametrize(
    "case", ["bdb-hash-dupsort", "bdb-btree-dupsort-be", "bdb-recno-deleted", "bdb-hash-le"]
)
def test_db_load_and_dump(piped, folder, case):
    """The tool loads what we dump: duplicates and numbers are the same to it."""
    path = copied_case(case, folder)
    text = piped("dump", path, "--format", "berkeley")[1]
    subprocess.run([tool("db_load"), folder / "theirs"], input=text, check=True)
    kind = output_of(tool("db_dump"), path).split(b"type=")[1].splitlines()[0]
    for file in (path, folder / "theirs"):
        assert output_of(tool("db_dump"), "-k", file).split(b"type=")[1].startswith(kind)
    wanted = _records_by_tool(path)
    assert _records_by_tool(folder / "theirs") == wanted
    assert sorted(backends.records_of(io.BytesIO(text))) == sorted(wanted)


def _records_by_tool(file):
    """Return what db_dump prints of a database, with the numbers of its records as keys."""
    text = output_of(tool("db_dump"), "-k", file)
    return sorted(backends.records_of(text.splitlines(keepends=True)))


def test_several_values_of_a_key(piped, folder):
    """All are dumped where the form can hold them; gdbm's cannot, and needs a choice."""
    path = copied_case("bdb-hash-dupsort", folder)
    with backends.open(path) as store:
        records = list(store.records())
    for form in ("jsonl", "berkeley"):
        text = piped("dump", path, "--format", form)[1]
        assert list(backends.records_of(io.BytesIO(text))) == records
    status, text, err = piped("dump", path, "--format", "gdbm")
    assert (status, text) == (1, b"")
    assert "keys have more than one value" in err
    status, text, err = piped("dump", path, "--format", "gdbm", "--duplicates", "first")
    assert status == 0
    assert "further values" in err
    assert len(list(backends.records_of(io.BytesIO(text)))) == len(dict(records))
    status, _, err = piped("load", folder / "new", text=piped("dump", path)[1])
    assert status == 1
    assert "comes twice" in err
    assert not (folder / "new").exists()


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_database(piped, folder, form):
    """Its dump has no end that would make it look whole; salvaged it has one, and says what."""
    path = copied_case("damaged-gdbm-cut-half", folder)
    status, text, err = piped("dump", path, "--format", form)
    assert status == 1
    assert err.startswith("plugreg: error: ")
    for end in (b"DATA=END", b"# End of data"):
        assert end not in text
    status, text, err = piped("dump", path, "--format", form, "--salvage")
    assert status == 0
    assert "warning: left out: " in err
    assert len(list(backends.records_of(io.BytesIO(text)))) == 92


@pytest.mark.parametrize("form", ["gdbm", "berkeley"])
def test_damage_that_shows_late(piped, folder, form):
    """Records before it are out already; the end is not, and no load takes the piece."""
    path = folder / "db"
    backends.require_flavour("gnu").write_fresh(
        str(path), [(b"key %d" % n, b"v" * 50) for n in range(3000)]
    )
    content = bytearray(path.read_bytes())
    at = content.rfind(b"key 2")
    content[at : at + 5] = b"kez 2"
    path.write_bytes(content)
    status, text, _ = piped("dump", path, "--format", form)
    assert status == 1
    assert len(text) > 1000
    assert not text.rstrip().endswith((b"DATA=END", b"# End of data"))
    status, _, err = piped("load", folder / "new", text=text)
    assert status == 1
    assert err
    assert sorted(os.listdir(folder)) == ["db"]


@pytest.mark.parametrize("form", FORMS)
def test_a_dump_that_was_cut(piped, folder, form):
    """Nothing is made of it, wherever the form can tell."""
    text = piped("dump", made(folder), "--format", form)[1]
    for size in (len(text) // 3, len(text) - 15):
        status, _, err = piped("load", folder / "new", text=text[:size])
        assert status == 1
        assert err.startswith("plugreg: error: ")
        assert os.listdir(folder) == ["db"]


def test_a_dump_that_was_cut_between_lines(piped, folder):
    """Without its last line it is loaded with a warning; without another one it is refused."""
    lines = piped("dump", made(folder))[1].splitlines(keepends=True)
    status, _, err = piped("load", folder / "cut", text=b"".join(lines[:-1]))
    assert status == 0
    assert "plugreg: warning: the dump does not say how many records it has: 59 were read" in err
    status, _, err = piped("load", folder / "hole", text=b"".join(lines[:5] + lines[6:]))
    assert status == 1
    assert "the last of 60 records" in err
    assert sorted(os.listdir(folder)) == ["cut", "db"]


def test_a_line_that_is_no_record(piped, folder):
    """Its number is named, and nothing is made."""
    text = b'{"key": "YQ==", "value": ""}\n\n{"key": 1}\n'
    status, out, err = piped("load", folder / "new", text=text)
    assert (status, out) == (1, b"")
    assert "line 3 is no record" in err
    assert os.listdir(folder) == []


def test_what_is_no_dump(piped, folder):
    """The forms are named; a missing file, too; wrong options are wrong usage."""
    status, _, err = piped("load", folder / "new", text=b"\x00\x01 nothing\n")
    assert status == 1
    assert "jsonl, gdbm, berkeley" in err
    status, _, err = piped("load", folder / "new", folder / "gone")
    assert status == 1
    assert "cannot be read: No such file" in err
    assert piped("load", folder / "new", "--format", "xml")[0] == 2
    assert piped("dump", folder / "new", "--format", "xml")[0] == 2
    assert piped("dump", folder / "new", "--duplicates", "all")[0] == 2
    assert piped("dump", folder / "new")[0] == 1
    assert os.listdir(folder) == []


def test_load_over_another(piped, folder):
    """Only with --force, and the old one is kept, unless --no-backup says otherwise."""
    path = made(folder, records=RECORDS[:3])
    text = piped("dump", made(folder, name="other"))[1]
    status, _, err = piped("load", path, text=text)
    assert status == 1
    assert "exists already" in err
    assert read(path) == RECORDS[:3]
    status, out, _ = piped("load", path, "--force", "--to", "dumb", text=text)
    assert status == 0
    assert read(path) == RECORDS
    kept = out.decode().partition(" is kept as ")[2].strip()
    assert read(kept) == RECORDS[:3]
    os.unlink(kept)
    assert piped("load", path, "--force", "--no-backup", "--to", "gnu", text=text)[0] == 0
    assert read(path) == RECORDS
    assert sorted(os.listdir(folder)) == ["db", "other"]


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_that_has_seen_enough(environment, folder, form):
    """`| head` ends a long dump without a word."""
    path = made(folder, records=[(b"key %d" % n, b"v" * 90) for n in range(20_000)])
    child = subprocess.Popen(
        [*COMMAND, "dump", path, "--format", form],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait() in (0, -signal.SIGPIPE)
    child.stderr.close()


def test_ctrl_c_while_loading(environment, folder):
    """Exit 130 while it waits for more, and nothing is left."""
    child = subprocess.Popen(
        [*COMMAND, "load", str(folder / "new")],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    child.stdin.write(b'{"key": "YQ==", "value": ""}\n')
    child.stdin.flush()
    until_building(folder / ".new.migration" / "new", child)
    child.send_signal(signal.SIGINT)
    assert child.wait() in INTERRUPTED
    assert child.stdout.read() == b""
    assert child.stderr.read().decode() == STARTED_AGAIN
    for stream in (child.stdin, child.stdout, child.stderr):
        stream.close()
    assert os.listdir(folder) == []


def test_one_of_several_databases(piped, folder):
    """A dump of several is taken apart by --database where it lies in a file."""
    path = copied_case("bdb-subdbs-be", folder)
    assert piped("dump", path)[0] == 1
    status, text, _ = piped("dump", path, "--database", "first")
    assert status == 0
    assert text
    whole = copied_case("dbdump-subdbs", folder).read_bytes()
    status, _, err = piped("load", folder / "new", text=whole)
    assert status == 1
    assert "several databases" in err


def test_a_choice_that_is_missing_is_one_line(piped, folder):
    """A form that cannot hold several values says so as any error, and not as a traceback."""
    path = copied_case("bdb-hash-dupsort", folder)
    status, text, err = piped("dump", path, "--format", "gdbm")
    assert (status, text) == (1, b"")
    assert err.startswith("plugreg: error: ")
    assert len(err.splitlines()) == 1


def test_losses_in_the_object(piped, folder):
    """What a salvage left out is in the envelope, too."""
    path = copied_case("damaged-gdbm-cut-half", folder)
    _, text, err = piped("dump", path, "--salvage", "--json")
    told = json.loads(text)["warnings"]
    assert told
    assert [f"plugreg: warning: {line}" for line in told] == err.splitlines()


def header_of(text):
    """Return the header of a db_dump text, as a dictionary."""
    lines = text.decode().partition("HEADER=END")[0].splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize(
    ("case", "options", "header"),
    [
        ("bdb-subdbs-be", ["--database", "first"], {"type": "hash"}),
        ("bdb-subdbs-be", ["--database", "lines"], {"type": "recno", "keys": "1"}),
        ("dbdump-recno", [], {"type": "recno", "keys": "1"}),
        ("dbdump-hash-print", [], {"type": "hash"}),
        ("bdb-queue-be", [], {"type": "recno", "keys": "1"}),
        ("bdb-hash-dupsort", [], {"type": "hash", "duplicates": "1", "dupsort": "1"}),
        ("bdb-btree-dupsort-be", [], {"type": "btree", "duplicates": "1", "dupsort": "1"}),
        ("bdb-hash-dupsort", ["--duplicates", "first"], {"type": "hash"}),
        ("dbdump-btree-dup", [], {"type": "btree", "duplicates": "1", "dupsort": "1"}),
        ("bdb185-btree", [], {"type": "btree"}),
        ("bdb185-ndbm", [], {"type": "hash"}),
        ("gdbm-default", [], {"type": "btree"}),
    ],
)
def test_the_header_for_db_load(piped, folder, case, options, header):
    """The access method is that of the records, and duplicates are allowed only where there are."""
    path = copied_case(case, folder)
    status, text, err = piped("dump", path, "--format", "berkeley", *options)
    assert status == 0, err
    assert header_of(text) == {"VERSION": "3", "format": "bytevalue", **header}


def test_a_cdb_has_duplicates_where_it_has(piped, folder):
    """Its format can; whether it does is looked for."""
    path = copied_case("cdb-tinycdb", folder)
    with backends.open(path) as store:
        keys = [key for key, _ in store.records()]
    found = header_of(piped("dump", path, "--format", "berkeley")[1])
    assert ("duplicates" in found) == (len(set(keys)) < len(keys))
    (folder / "once.dump").write_bytes(b"VERSION=3\ntype=btree\nHEADER=END\n 61\n 62\nDATA=END\n")
    text = piped("dump", folder / "once.dump", "--format", "berkeley")[1]
    assert "duplicates" not in header_of(text)


@pytest.mark.parametrize("options", [[], ["--format", "gdbm"]])
def test_the_binary_form_of_gdbm(piped, folder, options):
    """What gdbm_dump writes with -H binary, and gdbm_export, through a pipe."""
    text = output_of(tool("gdbm_dump"), "-H", "binary", made(folder, records=RECORDS), "-")
    assert piped("load", folder / "new", *options, text=text)[0] == 0
    assert read(folder / "new") == RECORDS
    status, _, err = piped("load", folder / "cut", *options, text=text[:-5])
    assert status == 1
    assert "the dump: truncated" in err
    assert not (folder / "cut").exists()


def test_the_end_of_a_binary_dump_may_be_missing(piped, folder):
    """What the form itself cannot tell is a warning."""
    text = b"".join(write_binary([(b"a", b"b"), (b"c", b"")]))
    status, _, err = piped("load", folder / "new", text=text)
    assert status == 0
    assert "plugreg: warning: the last value is empty" in err


@pytest.mark.parametrize(("choice", "first"), [("first", b"1"), ("last", b"3")])
@pytest.mark.parametrize("form", ["jsonl", "berkeley"])
def test_one_value_for_each_key(piped, folder, choice, first, form):
    """Chosen by --duplicates, with the number of the others told."""
    source = folder / "dup.dump"
    source.write_bytes(
        b"VERSION=3\nformat=print\ntype=btree\nduplicates=1\nHEADER=END\n"
        b" a\n 1\n b\n 2\n a\n 3\nDATA=END\n"
    )
    text = piped("dump", source, "--format", form)[1]
    status, _, err = piped("load", folder / "new", "--duplicates", choice, text=text)
    assert status == 0
    assert f"left out: 1 further values of keys that have several; the {choice}" in err
    assert read(folder / "new") == [(b"a", first), (b"b", b"2")]
    assert piped("load", folder / "other", "--duplicates", "all", text=text)[0] == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="takes another user's file")
def test_load_warns_as_migrate_does(folder, monkeypatch):
    """That nobody can tell who uses what it overwrites is told, and is in the envelope."""
    open_to_others(folder)
    os.chmod(folder, 0o777)
    (folder / "text").write_text('{"key": "YQ==", "value": "Yg=="}\n')
    monkeypatch.setenv("NO_COLOR", "1")

    def attempt():
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run_here(["load", path, str(folder / "text"), "--force", "--json"])
        return status, out.getvalue(), err.getvalue()

    path = made(folder, "dumb")
    assert attempt()[0] == 0  # what it imports cannot be read by others
    for file in os.listdir(folder):
        os.chmod(folder / file, 0o644)
    status, out, err = in_child(attempt, drop_rights=True)
    assert status == 0, err
    told = json.loads(out)["warnings"]
    assert any("cannot be told here" in line for line in told)
    assert err.splitlines() == [f"plugreg: warning: {line}" for line in told]


def wait_until_full(pipe):
    """Return when the writer waits within a write: nothing more comes into the pipe."""
    import fcntl
    import termios

    held, before = 0, -1
    while held < 50_000 or held != before:
        before = held
        time.sleep(0.2)
        held = int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_signal_within_an_object(environment, folder, name, unbuffered):
    """A JSON object that is under way gets its end, and says that it is not all.

    Unbuffered, Python itself drops the rest of a write that a signal cuts short.
    """
    path = made(folder, records=[(b"key %d" % n, b"v" * 90) for n in range(40_000)])
    child = subprocess.Popen(
        [*COMMAND, "dump", path, "--json"],
        env={**environment, "PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # else a part stays in a buffer that `communicate` does not read
    )
    wait_until_full(child.stdout)
    child.send_signal(getattr(signal, name))
    time.sleep(0.3)  # were the pipe read at once, the write would go on
    out, err = child.communicate()
    assert child.returncode == 128 + getattr(signal, name)
    envelope = json.loads(out)
    assert envelope["status"] == "partial"
    assert 0 < len(envelope["data"]["records"]) < 40_000
    assert [error["code"] for error in envelope["errors"]] == ["interrupted"]
    assert err == b"plugreg: error: interrupted\n"
