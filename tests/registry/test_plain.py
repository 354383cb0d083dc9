"""Reading a record can run nothing: pickles made to run something, and those made to break."""

from __future__ import annotations

import copyreg
import io
import pickle
import pickletools
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg.backends import PlugregError, RecordUnreadable, UnsafeRecord
from plugreg.plain import dumps, loads
from plugreg.record import MAX_TEXT_BYTES
from plugreg.record_pickle import load_record
from tests.hostile.pickles import CLASS_CODE, CODE, EVIL, WITHOUT_GLOBAL, WITNESS
from tests.hostile.witness import RAN

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator


def read_record(data: bytes) -> object:
    """Read as a catalog reads its records."""
    return load_record(data)[0]


READERS = [loads, read_record]
MODULE = WITNESS.decode()


@pytest.fixture(autouse=True)
def nothing_ran() -> Iterator[None]:
    """After every test: no witness was called."""
    RAN.clear()
    yield
    assert RAN == []


@pytest.fixture(params=["cold", "warm"])
def extension_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Extension codes for the witness; warm: the unpickler has looked them up before."""
    copyreg.add_extension(MODULE, "witness", CODE)
    copyreg.add_extension(MODULE, "Witness", CLASS_CODE)
    if request.param == "warm":
        for code in (CODE, CLASS_CODE):
            pickle.loads(b"\x80\x02\x84" + struct.pack("<i", code) + b".")
    yield
    copyreg.clear_extension_cache()
    copyreg.remove_extension(MODULE, "witness", CODE)
    copyreg.remove_extension(MODULE, "Witness", CLASS_CODE)


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("read", READERS)
@pytest.mark.usefixtures("extension_cache")
def test_what_would_run_something_is_refused(read: Callable[[bytes], object], name: str) -> None:
    """Each way to name a global is an UnsafeRecord; the witness was not called."""
    with pytest.raises(UnsafeRecord, match="more than plain data") as caught:
        read(EVIL[name])
    assert "nothing was run" in caught.value.hint


@pytest.mark.parametrize("name", [n for n in EVIL if n != "GLOBAL alone"])
@pytest.mark.usefixtures("extension_cache")
def test_they_would_have_run(name: str) -> None:
    """The plain unpickler does call the witness: the table above can fail."""
    try:
        pickle.loads(EVIL[name])
    except pickle.UnpicklingError:
        pytest.fail("this pickle is not even one")
    assert RAN
    RAN.clear()


@pytest.mark.parametrize("name", ["GLOBAL and REDUCE", "STACK_GLOBAL", "INST"])
@pytest.mark.parametrize("read", READERS)
def test_the_error_names_the_global(read: Callable[[bytes], object], name: str) -> None:
    """Module and name of what was asked for."""
    with pytest.raises(UnsafeRecord, match=rf"{MODULE}\.[wW]itness"):
        read(EVIL[name])


@pytest.mark.parametrize("name", WITHOUT_GLOBAL)
@pytest.mark.parametrize("read", READERS)
def test_other_opcodes_are_refused(read: Callable[[bytes], object], name: str) -> None:
    """What plain data needs is allowed, and nothing else."""
    with pytest.raises(RecordUnreadable):
        read(WITHOUT_GLOBAL[name])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\x80\x04",
        b"\x8c\x10abc.",
        b"X\xff\xff\xff\x7fabc.",
        b"\x8d" + b"\xff" * 8 + b"abc.",
        b"\x8e" + b"\x00" * 7 + b"\x80abc.",
        b"B\xff\xff\xff\xffabc.",
        b"T\xff\xff\xff\xffabc.",
        b"\x8b\xff\xff\xff\xff.",
        b"\x8a\xff\x01.",
        b"\x95" + b"\xff" * 8 + b".",
        b"I12",
        b"Iabc\n.",
        b"S'open\n.",
        b"h\x07.",
        b"0.",
        b"1.",
        b"s.",
        b"(.",
        b".",
        b"]]a",
        b"K\x01K\x02s.",
        b"}]K\x01s.",
        b"\x80\x09K\x01.",
        b"\x8c\x02\xff\xfe.",
        b"text, no pickle",
        b"\x00" * 40,
        pickle.dumps({"a": [1, 2, 3]}, 4)[:-1],
        pickle.dumps({"a": [1, 2, 3]}, 0)[:-2],
    ],
)
@pytest.mark.parametrize("read", READERS)
def test_damaged_pickles(read: Callable[[bytes], object], data: bytes) -> None:
    """Cut ones, and those that lie about a length: one error, whatever the unpickler says."""
    with pytest.raises(RecordUnreadable):
        read(data)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**2100)
    | st.floats(allow_nan=False)
    | st.text()
    | st.text(min_size=200, max_size=400)
    | st.binary()
    | st.binary(min_size=250, max_size=300)
)
KEYS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
PLAIN = st.recursive(
    SCALARS | st.sets(KEYS, max_size=3) | st.frozensets(KEYS, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=12,
)


def names_a_global(data: bytes) -> bool:
    """Tell whether a pickle asks for a class or function."""
    return any("GLOBAL" in opcode.name for opcode, _, _ in pickletools.genops(data))


@given(PLAIN, st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_plain_data_comes_back(value: object, protocol: int) -> None:
    """At every protocol, unless it needs a global there (sets before 4, bytes before 3)."""
    data = pickle.dumps(value, protocol)
    if names_a_global(data):
        for read in READERS:
            with pytest.raises(UnsafeRecord):
                read(data)
        return
    found = loads(data)
    assert found == value == pickle.loads(data)
    assert type(found) is type(value)


@given(PLAIN)
def test_our_own_pickles_name_no_global(value: object) -> None:
    """At our protocol, plain data never does."""
    data = dumps(value)
    assert not names_a_global(data)
    assert loads(data) == value


def test_the_same_object_twice_is_one_object() -> None:
    """What was shared stays shared, and a list may hold itself."""
    shared: list[Any] = [1]
    shared.append(shared)
    found: Any = loads(dumps({"a": shared, "b": shared}))
    assert found["a"] is found["b"] is found["a"][1]


@pytest.mark.parametrize("size", [48, 49, 255, 256, 65_535, 65_536, 5_000_000])
def test_sizes_at_the_edges(size: int) -> None:
    """Text and bytes of each kind of length, with opcodes of every number inside."""
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    value = {"bytes": data, "text": data.decode("latin-1"), "end": True}
    for protocol in (3, 4, 5):
        for read in READERS if size < MAX_TEXT_BYTES // 2 else [loads]:
            assert read(pickle.dumps(value, protocol)) == value


@given(st.randoms(use_true_random=False), st.integers(1, 6), st.sampled_from(sorted(EVIL)))
def test_mutations_run_nothing(random_: random.Random, changes: int, name: str) -> None:
    """A pickle with bytes flipped, spliced or dropped ends in plain data or an error of ours."""
    good = pickle.dumps({"a": [1, 2.5, "x" * 60, b"y", None, {3}], "b": ("z",)}, 4)
    data = bytearray(random_.choice([good, EVIL[name], good[:-1] + EVIL[name]]))
    for _ in range(changes):
        at = random_.randrange(len(data))
        kind = random_.randrange(3)
        if kind == 0:
            data[at] = random_.randrange(256)
        elif kind == 1:
            del data[at : at + random_.randrange(3)]
        else:
            data[at:at] = EVIL[name][: random_.randrange(20)]
        if not data:
            return
    for read in READERS:
        try:
            read(bytes(data))
        except PlugregError:
            continue


def test_the_unpickler_stops_where_the_check_does() -> None:
    """What follows the end of a pickle is not looked at, by neither."""
    data = dumps([1]) + EVIL["GLOBAL and REDUCE"]
    assert loads(data) == [1]
    assert pickle.load(io.BytesIO(data)) == [1]
