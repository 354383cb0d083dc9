"""What the original libraries and tools read from a database of a flavour."""

from __future__ import annotations

import base64
import importlib.util
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from plugreg.backends import records_of
from tests.conditions import skip_or_fail
from tests.interpreters import python_with_dbm_sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Records = list[tuple[bytes, bytes]]

# Prints each record as JSON of two base64 texts, through a module that is named.
_THROUGH_MODULE = """
import importlib, sys, json
from base64 import b64encode
database = importlib.import_module(sys.argv[1]).open(sys.argv[2], "r")
for key in database.keys():
    print(json.dumps([b64encode(key).decode(), b64encode(database[key]).decode()]))
"""
_THROUGH_SDBM = r"""
use SDBM_File; use Fcntl; use MIME::Base64;
tie(my %h, 'SDBM_File', $ARGV[0], O_RDONLY, 0644) or die "tie: $!";
while (my ($k, $v) = each %h) {
  printf("[\"%s\", \"%s\"]\n", encode_base64($k, ""), encode_base64($h{$k}, "")); }
"""
_THROUGH_PYSOS = """
import json, sys, pysos
from base64 import b64encode
for key, value in pysos.Dict(sys.argv[1]).items():
    pair = [json.dumps(text).encode() for text in (key, value)]
    print(json.dumps([b64encode(text).decode() for text in pair]))
"""


def tool(name: str) -> str:
    """Return the path of an original tool, or skip the test."""
    found = shutil.which(name)
    if found is None:
        skip_or_fail(f"{name} is not installed")
    return str(found)


def as_each_tool_reads(flavour: str, name: Path) -> dict[str, Records]:
    """Return what each tool for the flavour finds under the name that programs open."""
    return {what: reading(name) for what, reading in _READINGS[flavour]().items()}


def output_of(*command: str | Path) -> bytes:
    """Return what a command prints, when it succeeds."""
    done = subprocess.run([*map(str, command)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _module(name: str, python: str = sys.executable) -> dict[str, Callable[[Path], Records]]:
    return {name: lambda path: _pairs(output_of(python, "-c", _THROUGH_MODULE, name, path))}


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _pairs(text: bytes) -> Records:
    pairs = map(json.loads, text.splitlines())
    return [(base64.b64decode(key), base64.b64decode(value)) for key, value in pairs]


def _gdbm_dump(file: Path) -> Records:
    return list(records_of(output_of(tool("gdbm_dump"), file, "-").splitlines(keepends=True)))


def _db_dump(file: Path) -> Records:
    output_of(tool("db_verify"), "-q", file)
    return list(records_of(output_of(tool("db_dump"), file).splitlines(keepends=True)))


def _of_sqlite3() -> dict[str, Callable[[Path], Records]]:
    return _module("dbm.sqlite3", python_with_dbm_sqlite3())


def _of_dumb() -> dict[str, Callable[[Path], Records]]:
    return {
        "dbm.dumb": _module("dbm.dumb")["dbm.dumb"],
        "dbm.dumb of 3.13": _module("dbm.dumb", python_with_dbm_sqlite3())["dbm.dumb"],
    }


def _of_gnu() -> dict[str, Callable[[Path], Records]]:
    return {"gdbm_dump": _gdbm_dump, **(_module("dbm.gnu") if _has("_gdbm") else {})}


def _of_gnu_ndbm() -> dict[str, Callable[[Path], Records]]:
    return {"gdbm_dump": lambda name: _gdbm_dump(name.with_name(name.name + ".pag"))}


def _of_ndbm() -> dict[str, Callable[[Path], Records]]:
    return _module("dbm.ndbm")


def _of_berkeley_hash() -> dict[str, Callable[[Path], Records]]:
    return {"db_dump": _db_dump}


def _of_sdbm() -> dict[str, Callable[[Path], Records]]:
    return {"perl": lambda name: _pairs(output_of(tool("perl"), "-e", _THROUGH_SDBM, name))}


def _of_sos() -> dict[str, Callable[[Path], Records]]:
    if not _has("pysos"):
        skip_or_fail("pysos is not installed")
    return {"pysos": lambda name: _pairs(output_of(sys.executable, "-c", _THROUGH_PYSOS, name))}


_READINGS = {
    "sqlite3": _of_sqlite3,
    "dumb": _of_dumb,
    "gnu": _of_gnu,
    "gnu-ndbm": _of_gnu_ndbm,
    "ndbm": _of_ndbm,
    "berkeley-hash": _of_berkeley_hash,
    "sdbm": _of_sdbm,
    "sos": _of_sos,
}
