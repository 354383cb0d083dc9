"""The text files of pysos, read and written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import backends
from plugreg.backends.reader import Reader
from tests.conditions import skip_or_fail
from tests.corpus_cases import about, case_names, copied_case, expected_records

if TYPE_CHECKING:
    from pathlib import Path

SOS = backends.require_flavour("sos")
HEAD = b"# FILE-DICT v1\n"
SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)


def parsed(records: dict[bytes, bytes]) -> list[tuple[object, object]]:
    """Return keys and values as JSON means them."""
    return [(json.loads(key), json.loads(value)) for key, value in records.items()]


@pytest.mark.parametrize("case", case_names("sos-dict"))
def test_real_dicts_are_read(tmp_path: Path, case: str) -> None:
    """Keys and values are the JSON texts that stand in the file."""
    path = copied_case(case, tmp_path)
    assert backends.identify(path).flavour == "sos"
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        assert dict(store.records()) == expected_records(case)
        assert {key: store[key] for key in store} == expected_records(case)
        assert dict(store.salvage()) == expected_records(case)
        assert store.losses == []


@pytest.mark.parametrize("case", case_names("sos-list"))
def test_real_lists_are_read(tmp_path: Path, case: str) -> None:
    """A list's keys are integers, in whose order its elements stand; the first may be negative."""
    path = copied_case(case, tmp_path)
    assert about(case)["flavour"] == "sos-list"
    assert backends.identify(path).flavour == "sos"
    with backends.open(path) as store:
        elements = sorted(parsed(dict(store)))
    assert [value for _, value in elements] == [
        value for _, value in sorted(parsed(expected_records(case)))
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'"b"\t{"cut": ', "line 3 at byte 21 has a value that is no JSON"),
        (b'"b\t1\n', "line 3 at byte 21 has a key that is no JSON"),
        (b'"b" 1\n', "line 3 at byte 21 has no TAB"),
        (b'"b"\t12', "line 3 at byte 21 has no end, so that its number may be cut"),
        (b"[1]\t12\n", "a key cannot be a list"),
        (b'"b"\tNaN\n', "NaN is no JSON number"),
        (b'"b"\t"\xff"\n', "has a value that is no JSON"),
        (b'"b"\t' + b"[" * 100_000 + b"\n", "nested too deeply|no JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, says: str) -> None:
    """Reading refuses the file with the line; salvage gives the others."""
    path = tmp_path / "a.sos"
    path.write_bytes(HEAD + b'"a"\t1\n' + line)
    with backends.open(path) as store:
        assert isinstance(store, Reader)
        with pytest.raises(backends.CatalogCorrupt, match=says):
            list(store.records())
        assert list(store.salvage()) == [(b'"a"', b"1")]
        assert len(store.losses) == 1


def test_the_last_line_of_a_key_wins(tmp_path: Path) -> None:
    """Also where two spellings are one key to Python, and around comments and long lines."""
    long = b'"' + b"x" * 200_000 + b'"'
    path = tmp_path / "a.sos"
    path.write_bytes(
        HEAD + b'1\t"old"\n#\xff half a character\n\n"l"\t' + long + b'\n1.0\t"new"  \n'
    )
    with backends.open(path) as store:
        assert dict(store) == {b'"l"': long, b"1.0": b'"new"'}


@given(st.dictionaries(st.text(), st.recursive(SCALARS, st.lists, max_leaves=5), max_size=20))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, wanted: dict[str, object]
) -> None:
    """One-line JSON comes back byte for byte."""
    path = tmp_path_factory.mktemp("sos") / "a.sos"
    texts = {json.dumps(k).encode(): json.dumps(v).encode() for k, v in wanted.items()}
    texts = {key: value for key, value in texts.items() if b"Infinity" not in value}
    assert SOS.write_fresh(str(path), texts.items()) == len(texts)
    with backends.open(path) as store:
        assert dict(store) == texts


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (b"plain", b"1", "its key is no JSON"),
        (b"[1]", b"1", "its key is no JSON: a key cannot be a list"),
        (b'"k"', b"\x80\x04.", "its value is no JSON"),
        (b'"k"', b"[1,\n2]", "its value is more than one line"),
        (b'"k"', b" 1", "its value is more than one line, or has blanks around"),
        (b'"k"', b"NaN", "NaN is no JSON number"),
    ],
)
def test_records_that_are_no_line_are_named(
    tmp_path: Path, key: bytes, value: bytes, says: str
) -> None:
    """They are listed with the reason, and nothing is written."""
    with pytest.raises(backends.CatalogError, match="sos cannot hold 1 of the records") as raised:
        SOS.write_fresh(str(tmp_path / "a"), [(b"1", b"1"), (key, value)])
    assert says in str(raised.value)
    assert raised.value.code == "records-do-not-fit"
    assert list(tmp_path.iterdir()) == []


def test_two_spellings_of_a_key(tmp_path: Path) -> None:
    """To pysos, 1 and 1.0 are the same key, of which only one line would count."""
    with pytest.raises(backends.CatalogError, match=r"the key b'1\.0' comes twice"):
        SOS.write_fresh(str(tmp_path / "a"), [(b"1", b"1"), (b"1.0", b"2")])
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    """It is never overwritten."""
    path = copied_case("sos-dict-basic", tmp_path)
    with pytest.raises(FileExistsError):
        SOS.write_fresh(str(path), [])


@pytest.mark.parametrize("case", ["sos-dict-basic", "sos-dict-updated", "sos-dict-empty"])
def test_changes(tmp_path: Path, case: str) -> None:
    """Records are set and removed; what is no JSON, or the same key in other words, is refused."""
    path, expected = copied_case(case, tmp_path), expected_records(case)
    with backends.open(path, mode="w") as store:
        store[b'"new"'] = b"[1]"
        store[b"777.0"] = b"0"
        with pytest.raises(backends.CatalogError, match="its value is no JSON"):
            store[b'"new"'] = b"\x80\x04."
        with pytest.raises(backends.CatalogError, match=r"the key b'777' comes twice"):
            store[b"777"] = b"1"
        del store[b"777.0"]
        assert dict(store) == {**expected, b'"new"': b"[1]"}
    with backends.open(path) as reader:
        assert dict(reader) == {**expected, b'"new"': b"[1]"}


def test_a_list_is_not_made_a_dict(tmp_path: Path) -> None:
    """Where the first line says that it is a list, a change is refused."""
    path = copied_case("sos-list-header", tmp_path)
    before = path.read_bytes()
    with pytest.raises(backends.FlavourUnavailable, match="a pysos List"):
        backends.open(path, mode="w")
    assert path.read_bytes() == before


def test_pysos_finds_each_key_and_goes_on(tmp_path: Path) -> None:
    """What we write pysos reads and changes in place, and we read the outcome."""
    try:
        import pysos
    except ImportError:
        skip_or_fail("pysos is not here")
    path = tmp_path / "a.sos"
    texts = {b'"k%d"' % n: json.dumps({"n": n, "t": "\t" * n}).encode() for n in range(99)}
    SOS.write_fresh(str(path), [*texts.items(), (b"7", b"null"), (b"null", b'""')])
    store = pysos.Dict(str(path))
    assert len(store) == 101
    assert all(store[json.loads(key)] == json.loads(value) for key, value in texts.items())
    for number in range(0, 99, 2):
        store[f"k{number}"] = "changed" * number
    for number in range(1, 99, 4):
        del store[f"k{number}"]
    wanted = [(key, store[key]) for key in store]
    store.close()
    with backends.open(path) as ours:
        assert sorted(parsed(dict(ours)), key=repr) == sorted(wanted, key=repr)
