"""Values that are no pickles are refused with what they are."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import lzma
import marshal
import pickle
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import Registry, open_shelf
from plugreg.backends import RecordUnreadable, UnsafeRecord
from plugreg.backends import open as open_store
from plugreg.encodings import foreign_encoding
from plugreg.plain import loads

from .test_plain import PLAIN

WHOLE = pickle.dumps({"a": [1, 2]})
FERNET = base64.urlsafe_b64encode(b"\x80" + (1_800_000_000).to_bytes(8, "big") + bytes(range(64)))
ENCODED = {
    "marshal": marshal.dumps({"a": [1, 2.5, 2**70, None, (True, b"x")], "b": {1}}),
    "marshal of version 2": marshal.dumps({"a": (1, 2.5, "x")}, 2),
    "marshal, code": marshal.dumps(compile("x = 1", "x", "exec")),
    "JSON": json.dumps({"a": 1}).encode(),
    "JSON, a number": b"12",
    "JSON, a word": b"true",
    "JSON, in lines": b' [1,\n "x"]\n',
    "JSON, marked as UTF-8": b'\xef\xbb\xbf{"a": 1}',
    "JSON, in UTF-16": '{"a": "é"}'.encode("utf-16"),
    "JSON, in UTF-32": '{"a": "é"}'.encode("utf-32-le"),
    "JSON, in Latin 1": '{"a": "é"}'.encode("latin-1"),
    "marshal, None": marshal.dumps(None),
    "marshal, True": marshal.dumps(True),
    "gzip": gzip.compress(WHOLE),
    "bzip2": bz2.compress(WHOLE),
    "xz": lzma.compress(WHOLE),
    "lzma": lzma.compress(WHOLE, lzma.FORMAT_ALONE),
    "zlib": zlib.compress(WHOLE),
    "zlib, best": zlib.compress(WHOLE, 9),
    "zlib, none": zlib.compress(WHOLE, 0),
    "Fernet": FERNET,
    "plain text": "Grüße, in one line\tor\ntwo".encode(),
}


@pytest.mark.parametrize("name", ENCODED)
def test_each_is_named(tmp_path, name):
    """By a shelf and by a catalog; the other records go on."""
    with open_store(tmp_path / "db", mode="c") as store:
        store[b"a"] = ENCODED[name]
    kind = name.partition(" of")[0].partition(",")[0]
    with open_shelf(tmp_path / "db", "r") as shelf, pytest.raises(RecordUnreadable, match=kind):
        shelf["a"]
    with Registry.open(tmp_path / "catalog") as registry:
        registry._catalog.store[b"a"] = ENCODED[name]
        (found,) = registry.scan()
        assert isinstance(found, RecordUnreadable)
        assert kind in found.message
        assert registry.remove("a") is None


def test_what_runs_is_named_though_it_is_text():
    """A pickle of printable characters asks for something all the same."""
    with pytest.raises(UnsafeRecord, match=r"os\.system"):
        loads(b"cos\nsystem\n(S'x'\ntR.")


def test_a_large_value_is_known_by_its_ends():
    """Of more than a megabyte not all is parsed."""
    assert foreign_encoding(b" [" + b"1, " * 500_000 + b"2]").startswith("JSON text")
    assert foreign_encoding(b"1" * 2_000_000).startswith("plain text")


def test_ciphertext_is_no_plain_text():
    """Though it is made of letters."""
    assert foreign_encoding(FERNET).startswith("data encrypted by Fernet")


def test_marshal_says_why():
    """It is the one that a program might load without a thought."""
    said = "marshal data: not safe to load and bound to one Python version"
    assert foreign_encoding(ENCODED["marshal"]) == said


@pytest.mark.parametrize("data", [b"", b"\x80\x04", b"\x00\x01\x02", b"(\xff\xff\xff\xff", b"{"])
def test_rubbish_is_nothing_known(data):
    """What fits no encoding to its end is not called one."""
    assert foreign_encoding(data) in ("", "plain text, not a pickle: " + READ)


READ = "read it with the program that wrote it"


@given(st.binary(max_size=60))
def test_any_bytes(data):
    """Telling never fails."""
    assert isinstance(foreign_encoding(data), str)


@given(PLAIN, st.integers(0, 4))
def test_marshal_of_any_plain_data(value, version):
    """In all versions of the format; small ones may be text as well."""
    data = marshal.dumps(value, version)
    assert foreign_encoding(data)
