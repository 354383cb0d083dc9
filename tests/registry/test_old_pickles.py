"""Pickles of Python 2, rewritten for Python 3: real ones, hostile ones, and any that can be."""

from __future__ import annotations

import collections
import copyreg
import datetime as dt
import decimal
import fractions
import math
import pickle
import random
import sys
import tracemalloc
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugreg import PickleUpgrade, PlugregError, open_shelf
from plugreg.backends import UnsafeRecord
from plugreg.plain import loads, require_plain
from tests.corpus_cases import case_names, expected_records

from .python_2_pickles import MADE_BY_PYTHON_2
from .test_plain import EVIL, PLAIN, RAN

EACH = [(name, data) for name, variants in MADE_BY_PYTHON_2.items() for data in variants]
# What each case of Python 2's holds, where `==` can tell; its `str` is UTF-8.
PLAIN_CASES: dict[str, object] = {
    "text": "résumé",
    "quotes": "a'b\"c\\d\n\t\x00\x1b",
    "unicode": "résumé \\ \n € \U0001f600",
    "numbers": [
        0, -1, 255, 256, 65536, 2**31 - 1, -(2**31), 2**40, 10**30, -(10**30), 5, True, False, None,
    ],
    "floats": [1.5, -0.0, math.inf, 0.1],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "dict": {"a": 1, "b": [2.5], 3: {"c": None}},
    "sets": [{"a", 2}, frozenset({"b"})],
    "sets module": [{"a", 2}, frozenset({3})],
    "shared": [["x"], ["x"]],
}  # fmt: skip
GLOBAL_CASES: dict[str, object] = {
    "dates": [
        dt.datetime(2011, 2, 28, 23, 59, 58, 123456),  # noqa: DTZ001 - Python 2 had no zone of its own
        dt.date(1999, 12, 31),
        dt.time(1, 2, 3, 4),
        dt.timedelta(-1, 2, 3),
    ],
    "decimals": [decimal.Decimal("-1.50"), fractions.Fraction(-1, 3)],
    "complex": 1.5 - 2j,
    "bytearray": bytearray(b"\x00\xff"),
    "ordered": collections.OrderedDict([("b", 1), ("a", [2])]),
    "default": collections.defaultdict(list, {"a": [1]}),
    "counter": collections.Counter("aab"),
    "deque": [collections.deque([1, 2], 3), collections.deque("a")],
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "range": range(1, 9, 2),
}
CYCLES = {"list in itself", "list in its tuple", "dict in itself"}


def upgraded(data: bytes, encoding: str = "utf-8") -> tuple[bytes, PickleUpgrade]:
    """Return what becomes of one pickle, and the upgrade that did it."""
    upgrade = PickleUpgrade(encoding)
    return upgrade(b"key", data), upgrade


def reason(data: bytes, encoding: str = "utf-8") -> str:
    """Return why a pickle is left; it is left byte for byte."""
    written, upgrade = upgraded(data, encoding)
    assert written is data
    assert (upgrade.upgraded, upgrade.unchanged, upgrade.with_globals) == (0, 0, 0)
    [(key, why)] = upgrade.left
    assert key == b"key"
    return why


def typed(value: object) -> object:
    """Return a value with the type of each part beside it: True is not 1 and 1.0 is not 1."""
    if isinstance(value, dict):
        return (type(value), [(typed(k), typed(v)) for k, v in value.items()])
    if isinstance(value, (list, tuple, collections.deque)):
        return (type(value), [typed(part) for part in value])
    return (type(value), repr(value) if isinstance(value, float) else value)


def test_every_case_has_its_value() -> None:
    """The cases that Python 2 made are those that are looked at here."""
    assert set(MADE_BY_PYTHON_2) == {*PLAIN_CASES, *GLOBAL_CASES, *CYCLES}


@pytest.mark.parametrize(("name", "data"), [case for case in EACH if case[0] in PLAIN_CASES])
def test_plain_data_of_python_2(name: str, data: bytes) -> None:
    """Each protocol of both of its picklers becomes plain data that our own reader takes."""
    written, upgrade = upgraded(data)
    assert (upgrade.upgraded, upgrade.with_globals, upgrade.left_count) == (1, 0, 0)
    assert written.startswith(b"\x80\x04")
    found = loads(written)
    if name == "dict":  # in Python 2's order, which was of no meaning
        assert found == PLAIN_CASES[name]
    else:
        assert typed(found) == typed(PLAIN_CASES[name])


@pytest.mark.parametrize(("name", "data"), [case for case in EACH if case[0] in GLOBAL_CASES])
def test_values_of_the_standard_library(name: str, data: bytes) -> None:
    """Any unpickler of Python 3 reads them as they were; counted, because ours refuses them."""
    written, upgrade = upgraded(data)
    assert (upgrade.upgraded, upgrade.with_globals, upgrade.left_count) == (1, 1, 0)
    assert typed(pickle.loads(written)) == typed(GLOBAL_CASES[name])
    with pytest.raises(UnsafeRecord):
        loads(written)


@pytest.mark.parametrize(("name", "data"), EACH)
def test_every_case_with_str_as_bytes(name: str, data: bytes) -> None:
    """With "bytes" each case is rewritten as well, and what holds text as bytes says so."""
    written, upgrade = upgraded(data, "bytes")
    assert upgrade.upgraded == 1
    if name == "text":
        assert loads(written) == "résumé".encode()


def test_a_deque_and_a_defaultdict_keep_what_they_are() -> None:
    """The greatest length of the one and the factory of the other."""
    for data in MADE_BY_PYTHON_2["deque"]:
        short, long = pickle.loads(upgraded(data)[0])
        assert (short.maxlen, long.maxlen) == (3, None)
    for data in MADE_BY_PYTHON_2["default"]:
        assert pickle.loads(upgraded(data)[0]).default_factory is list


def test_shared_parts_stay_shared() -> None:
    """One list under two names is one list, and what holds itself still does."""
    for data in MADE_BY_PYTHON_2["shared"]:
        first, second = loads(upgraded(data)[0])  # type: ignore[misc]
        assert first is second
    for data in MADE_BY_PYTHON_2["list in itself"]:
        found: Any = loads(upgraded(data)[0])
        assert found[0] == 1
        assert found[1] is found
    for data in MADE_BY_PYTHON_2["dict in itself"]:
        found = loads(upgraded(data)[0])
        assert found["me"] is found
    for data in MADE_BY_PYTHON_2["list in its tuple"]:
        [inside] = found = loads(upgraded(data)[0])
        assert inside == (found, "in a tuple")
        assert inside[0] is found


def tangled() -> tuple[Any, ...]:
    """Return a tuple that leads back to itself by many lists, a dict and another tuple."""
    parts: list[Any] = [[] for _ in range(50)]
    whole = (*parts, {}, ([],))
    for part in parts:
        part += [whole, len(parts), whole]
    whole[50]["whole"] = whole
    whole[51][0].append(whole)
    return whole


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_a_tuple_that_leads_back_to_itself(protocol: int) -> None:
    """It is one tuple again, by whichever way it is reached, in a pickle of linear length."""
    data = pickle.dumps(tangled(), protocol)
    written, upgrade = upgraded(data)
    assert upgrade.left == []
    found: Any = loads(written)
    assert len(found) == 52
    assert all(part[0] is part[2] is found for part in found[:50])
    assert found[50]["whole"] is found[51][0][0] is found
    assert len(written) < 2000


@given(PLAIN, st.integers(0, 2))
def test_plain_data_pickled_for_python_2(value: object, protocol: int) -> None:
    """What Python 3 writes for Python 2 comes back as it was, and is plain."""
    written, upgrade = upgraded(pickle.dumps(value, protocol))
    assert (upgrade.upgraded, upgrade.with_globals, upgrade.left) == (1, 0, [])
    found = loads(written)
    assert found == value
    assert type(found) is type(value)


@given(PLAIN, st.integers(3, 5))
def test_what_python_3_wrote_stays(value: object, protocol: int) -> None:
    """Byte for byte; only the sets of protocol 3, which name a class there, are rewritten."""
    data = pickle.dumps(value, protocol)
    written, upgrade = upgraded(data)
    assert upgrade.left == []
    assert upgrade.upgraded + upgrade.unchanged == 1
    assert loads(written) == value
    assert (written is data) == bool(upgrade.unchanged)
    if protocol > 3:
        assert upgrade.unchanged == 1


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_values_and_classes_that_python_3_wrote(protocol: int) -> None:
    """Dates stay as they are, and are counted as what `open_shelf` refuses; classes are left."""
    data = pickle.dumps([dt.date(2020, 1, 2), bytearray(b"a"), {1}], protocol)
    written, upgrade = upgraded(data)
    assert written is data
    assert (upgrade.upgraded, upgrade.unchanged, upgrade.with_globals) == (0, 1, 1)
    assert reason(pickle.dumps(ValueError("a"), protocol)) == "holds the class builtins.ValueError"


def test_an_ordered_dict_with_attributes_is_left() -> None:
    """What else than its items it has is not dropped, and neither is a date's time zone."""
    assert "attributes" in reason(b"ccollections\nOrderedDict\n((ltR}U\x01aNsb.")
    zoned = b"cdatetime\ntime\n(U\x06\x01\x02\x03\x00\x00\x00cpytz\n_UTC\n(tRtR."
    assert reason(zoned) == "holds the class pytz._UTC"


@pytest.mark.parametrize("number", range(256))
@pytest.mark.parametrize("form", [b"S'\\x%02x'\n", b"U\x01%c", b"T\x01\x00\x00\x00%c"])
def test_old_text_in_each_way(form: bytes, number: int) -> None:
    """Any byte of a `str` is a character of Latin-1, also in a key, or a byte where asked for."""
    data = b"}" + (form % number) * 2 + b"s."
    text, raw = chr(number), bytes([number])
    assert loads(upgraded(data, "latin-1")[0]) == {text: text}
    assert loads(upgraded(data, "bytes")[0]) == {raw: raw}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"''", b""),
        (b'"it\'s"', b"it's"),
        (rb"'\x00\xfF\\\''", b"\x00\xff\\'"),
        (rb"'\a\b\f\n\r\t\v'", b"\a\b\f\n\r\t\v"),
        (rb"'\0\12\1234\777'", b"\0\nS4\xff"),
        (rb"'\q\\x41'", b"\\q\\x41"),
        (b"'\xe9'", b"\xe9"),
    ],
)
def test_quoted_text(line: bytes, expected: bytes) -> None:
    """The escapes of Python 2's `repr`, and each other that its reader knew."""
    assert loads(upgraded(b"S" + line + b"\n.", "bytes")[0]) == expected


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"S'\\x4'\n.", "escape"),
        (b"S'a\\'\n.", "escape"),
        (b"S'a\n.", "quotes"),
        (b"S'\n.", "quotes"),
        (b"Sa\n.", "quotes"),
        (b"V\\u12\n.", "escape"),
        (b"V\\U00110000\n.", "escape"),
        (b"X\x02\x00\x00\x00\xff\xfe.", "UTF-8"),
        (b"I010\n.", "integer"),
        (b"I1_0\n.", "integer"),
        (b"L0x1L\n.", "integer"),
        (b"L" + b"9" * 4301 + b"L\n.", "4301 digits"),
        (b"F1_0\n.", "float"),
        (b"F1.#INF\n.", "float"),
        (b"F" + b"9" * 1001 + b"\n.", "float"),
        (b"X\xff\xff\xff\xffabc.", "cut short"),
        (b"\x8d" + b"\xff" * 8 + b".", "cut short"),
        (b"\x8b\xff\xff\xff\xff.", "cut short"),
        (b"N0.", "nothing on the stack"),
        (b"Nt.", "no mark"),
        (b"N1.", "no mark"),
        (b"}Na.", "no list"),
        (b"]NNs.", "no dict"),
        (b"]]}s.", "no dict"),
        (b"(Nd.", "without its value"),
        (b"}(Nu.", "without its value"),
        (b"}]Ns.", "no hash"),
        (b"(]\x91.", "no hash"),
        (b"h\x07.", "memo entry"),
        (b"g99999999999\n.", "memo index"),
        (b"p-1\n.", "memo index"),
        (b"\x09.", "opcode 0x09"),
        (b"\x06.", "protocol 6"),
        (b"N.N.", "2 bytes follow"),
        (b"c__builtin__\nset\nNR.", "no tuple"),
        (b"c__builtin__\nset\n(NtR.", "no list"),
        (b"N)R.", "cannot be called"),
        (b"c__builtin__\nlist\n)R.", "cannot be called"),
        (b"c__builtin__\nset\n)\x81.", "has none"),
        (b"cuuid\nUUID\n)\x81.", "without its state"),
        (b"cuuid\nUUID\n)\x81}(U\x03intJ\xff\xff\xff\xffub.", "128 bits"),
        (b"cuuid\nUUID\n)\x81}b.", "more than its number"),
        (b"cdatetime\ndate\n(U\x04\x07\xe4\x0d\x01tR.", "wrong arguments"),
        (b"cdatetime\ndatetime\n(U\x04\x07\xe4\x01\x01tR.", "4 bytes of state"),
        (b"cdatetime\ntimedelta\n(L9999999999L\nK\x00K\x00tR.", "wrong arguments"),
        (b"cdecimal\nDecimal\n(U\x03abctR.", "wrong arguments"),
        (b"cfractions\nFraction\n(U\x051e999tR.", "no fraction"),
        (b"cfractions\nFraction\n(U\x031/0tR.", "no fraction"),
        (b"c_codecs\nencode\n(Vabc\nVutf-16\ntR.", "Latin-1"),
        (b"ccollections\ndeque\n(]I-1\ntR.", "no length"),
        (b"ccollections\nOrderedDict\n(((lltR.", "no pair"),
    ],
)
def test_damage(data: bytes, why: str) -> None:
    """It is left as it is, and the reason says what is wrong."""
    assert why in reason(b"\x80\x02" + data if data[0] != 6 else b"\x80" + data)


@pytest.mark.parametrize(
    "data", [b"", b"text, no pickle", b"17", b"[1, 2]", b"\x00" * 40, b"One sentence.", b".", b"S."]
)
def test_no_pickle(data: bytes) -> None:
    """Values of a plain database are left, and called what they are."""
    assert reason(data).startswith("no pickle")


def test_a_pickle_cut_short() -> None:
    """Wherever it is cut, it is left: every prefix of a real one."""
    for variants in MADE_BY_PYTHON_2.values():
        for data in variants:
            for end in range(len(data)):
                assert reason(data[:end])


@pytest.mark.parametrize("name", EVIL)
def test_hostile_pickles_run_nothing(name: str) -> None:
    """They are left, with the name of what they ask for; nothing is imported, nothing runs."""
    upgraded(MADE_BY_PYTHON_2["dates"][0])  # has loaded the modules of our own
    data, before = EVIL[name], set(sys.modules)
    copyreg.add_extension("tests.registry.test_plain", "witness", 0x7F01)
    try:
        assert reason(data).startswith("holds ")
    finally:
        copyreg.remove_extension("tests.registry.test_plain", "witness", 0x7F01)
    assert RAN == []
    assert set(sys.modules) == before


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"cantigravity\nfly\n.", "antigravity.fly"),
        (b"(iantigravity\nFly\n.", "antigravity.Fly"),
        (b"(cantigravity\nFly\no.", "antigravity.Fly"),
        (b"ccopy_reg\n_reconstructor\n(cantigravity\nFly\nc__builtin__\nobject\nNtR.", "Fly"),
        (b"\x80\x04\x8c\x0bantigravity\x8c\x03fly\x93.", "antigravity.fly"),
        (b"c__builtin__\neval\n(S'1'\ntR.", "__builtin__.eval"),
        (b"cposix\nsystem\n(S'true'\ntR.", "posix.system"),
        (b"c__builtin__\nint\n.", "builtins.int"),
        (b"(lc__builtin__\nint\na.", "builtins.int"),
        (b"c" + b"m" * 10_000_000 + b"\nC\n.", "m" * 100 + "..."),
        (b"cm\n\x1b[2J\n.", r"m.\x1b[2J"),
        (b"cpytz\n_UTC\n(tR.", "pytz._UTC"),
    ],
)
def test_classes_are_named_and_left(data: bytes, named: str) -> None:
    """No module of a class is imported, and its name is shown within limits."""
    why = reason(data)
    assert named in why
    assert len(why) < 200
    assert "antigravity" not in sys.modules


def test_two_keys_that_become_one() -> None:
    """Rather than lose a value, a dict whose keys are the same text in Python 3 is left."""
    both = b"U\x02\xc3\xa9%bX\x02\x00\x00\x00\xc3\xa9"
    assert "two keys of a dict" in reason(b"}(%bNu." % (both % b"N"))
    assert "two keys of a set" in reason(b"c__builtin__\nset\n((%bltR." % (both % b""))
    in_tuples = b"}((U\x02\xc3\xa9tN(X\x02\x00\x00\x00\xc3\xa9tNu."
    assert "two keys of a dict" in reason(in_tuples)
    assert upgraded(in_tuples, "latin-1")[1].upgraded == 1
    assert upgraded(in_tuples, "bytes")[1].upgraded == 1


def test_text_that_does_not_decode() -> None:
    """The record is left, and the reason shows the bytes; a datetime's state is no text."""
    assert reason(b"(lU\x02\xff\xfea.") == r"holds a str that is no utf-8: '\xff\xfe'"
    assert reason(b"}U\x01\xffNs.", "ascii") == r"holds a str that is no ascii: '\xff'"
    for data in MADE_BY_PYTHON_2["dates"]:
        assert upgraded(data, "ascii")[1].upgraded == 1


@pytest.mark.parametrize("encoding", ["nothing", "zlib", "hex", "utf\0-8"])
def test_an_encoding_that_is_none(encoding: str) -> None:
    """It is refused before anything is read."""
    with pytest.raises(PlugregError, match="no text encoding") as caught:
        PickleUpgrade(encoding)
    assert caught.value.code == "encoding-unknown"
    assert PickleUpgrade("utf-16").encoding == "utf-16"


def test_what_is_left_is_named_up_to_a_hundred() -> None:
    """All are counted, the first hundred are named."""
    upgrade = PickleUpgrade()
    for number in range(250):
        upgrade(b"%d" % number, b"no pickle")
    assert upgrade.left_count == 250
    assert upgrade.left == [
        (b"%d" % number, "no pickle, or one cut short") for number in range(100)
    ]


@pytest.mark.parametrize("name", case_names("shelf-py27"))
def test_shelves_of_python_2(name: str) -> None:
    """Each record of a real shelf reads in Python 3 as the unpickler there would have read it."""
    upgrade = PickleUpgrade("latin-1")
    records = expected_records(name)
    for key, value in records.items():
        written = upgrade(key, value)
        found = pickle.loads(written)
        assert typed(found) == typed(pickle.loads(value, encoding="latin-1"))
        if b"bytearray" not in value:
            assert loads(written) == found
    assert upgrade.upgraded == len(records) == 40
    assert 0 < upgrade.with_globals < 40
    strict = PickleUpgrade()
    for key, value in records.items():
        strict(key, value)
    assert strict.upgraded + strict.left_count == 40
    assert all("is no utf-8" in why for _, why in strict.left)


@pytest.mark.parametrize("name", [n for n in case_names("shelf-py3") if "py3" in n])
def test_shelves_of_python_3(name: str) -> None:
    """Records that Python 3 wrote hold the same afterwards, and none is left."""
    upgrade = PickleUpgrade()
    for key, value in expected_records(name).items():
        assert typed(pickle.loads(upgrade(key, value))) == typed(pickle.loads(value))
    assert upgrade.left == []


def test_open_shelf_reads_what_was_upgraded(tmp_path: Any) -> None:
    """The whole way: records of a Python 2 shelf in a store of ours, read as a shelf."""
    upgrade = PickleUpgrade()
    with open_shelf(tmp_path / "new") as shelf:
        for name in PLAIN_CASES:
            shelf.dict[name.encode()] = upgrade(name.encode(), MADE_BY_PYTHON_2[name][0])
        assert {name: shelf[name] for name in PLAIN_CASES} == PLAIN_CASES


@pytest.mark.parametrize(
    "data",
    [
        b"(" * 200_000 + b"l" + b"l" * 199_999 + b".",
        b")" + b"\x85" * 200_000 + b".",
        b"(" * 200_000 + b"N" + b"\x91" * 200_000 + b".",
        b"}" + b"N}" * 100_000 + b"s" * 100_000 + b".",
    ],
)
def test_deep_nesting(data: bytes) -> None:
    """Many thousand levels are no more than as many nodes: no recursion."""
    written, upgrade = upgraded(data)
    assert upgrade.upgraded == 1
    if b"\x85" not in data and b"\x91" not in data:  # so deep, those cannot be hashed
        require_plain(written)
    assert len(written) < 3 * len(data) + 10


def test_sharing_does_not_multiply_the_work() -> None:
    """Sixty times `t = (t, t)` as a key would be hashed for ages; here each tuple is met once."""
    doubled = b"N" + b"2\x86" * 60
    written, upgrade = upgraded(b"}" + doubled + b"Ns.")
    assert upgrade.upgraded == 1
    assert len(written) < 400
    assert "out of all proportion" in reason(
        b"(l" + b"Na" * 1000 + b"q\x00" + b"0c__builtin__\nset\nh\x00\x85R" * 5000 + b"."
    )
    text = b"V" + b"x" * 50_000 + b"\nq\x00"
    assert "out of all proportion" in reason(
        text + b"0c_codecs\nencode\nh\x00Vlatin1\n\x86R" * 5000 + b"."
    )
    assert len(upgraded(b"(" + text + b"h\x00" * 50_000 + b"l.")[0]) < 250_000


@pytest.mark.parametrize(
    "data",
    [
        b"Nr\xff\xff\xff\x7f.",
        b"Np2147483647\n.",
        b"\x80\x04Nr\xff\xff\xff\x7f.",
        b"\x8a\xff" + b"\x01" * 255 + b".",
        b"X\xff\xff\xff\xff.",
        b"\x8e" + b"\x00" * 7 + b"\x7f.",
        b"\x96" + b"\x00" * 7 + b"\x7f.",
        b"\x95" + b"\xff" * 8 + b"N.",
    ],
)
def test_lengths_and_indexes_that_lie(data: bytes) -> None:
    """No memory is taken for what is only said to be there, and none of it is written."""
    tracemalloc.start()
    try:
        written, upgrade = upgraded(data)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    if upgrade.upgraded:
        loads(written)


def test_an_immutable_in_itself() -> None:
    """No pickler can write one; made by hand, it is damage."""
    own = b"csets\nImmutableSet\n)\x81q\x000h\x00\x85q\x010h\x00}h\x01Ns\x85b."
    assert "in itself" in reason(own)


def mutated(random_: random.Random, sources: list[bytes]) -> bytes:
    """Return a pickle with some bytes changed, dropped, repeated, or taken from another."""
    data = bytearray(random_.choice(sources))
    for _ in range(random_.choice([1, 1, 1, 2, 5])):
        at, kind = random_.randrange(len(data) + 1), random_.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = random_.randrange(256)
        elif kind == 1:
            del data[at : at + random_.randrange(4)]
        elif kind == 2:
            data[at:at] = data[at : at + random_.randrange(9)]
        else:
            other = random_.choice(sources)
            start = random_.randrange(len(other))
            data[at:at] = other[start : start + random_.randrange(12)]
    return bytes(data) if random_.randrange(4) else bytes(data).rstrip(b".") + b"."


def as_python_reads(data: bytes, encoding: str) -> str:
    """Return what CPython's unpickler in Python makes of a pickle, or "" if that fails.

    The one in C would take gigabytes for a mutated memo index.
    """
    try:
        return repr(pickle._loads(data, encoding=encoding))  # type: ignore[attr-defined]
    except Exception:  # no `sets` in Python 3, a date's state as text, a decimal as bytes
        return ""


def fuzz(count: int, seed: int) -> collections.Counter[str]:
    """Upgrade `count` mutated pickles; check that what is rewritten reads as it would have."""
    random_ = random.Random(seed)
    sources = [data for _, data in EACH] + list(EVIL.values())
    outcomes: collections.Counter[str] = collections.Counter()
    for _ in range(count):
        data = mutated(random_, sources)
        encoding = random_.choice(["utf-8", "latin-1", "bytes"])
        written, upgrade = upgraded(data, encoding)
        assert upgrade.upgraded + upgrade.unchanged + upgrade.left_count == 1
        outcomes["left" if upgrade.left else "globals" if upgrade.with_globals else "plain"] += 1
        if upgrade.left:
            assert written is data
        else:
            found = pickle.loads(written) if upgrade.with_globals else loads(written)
            expected = as_python_reads(data, encoding)
            assert expected in ("", repr(found))
            outcomes["compared"] += bool(expected)
    return outcomes


def test_mutated_pickles() -> None:
    """Each is rewritten as what reads in Python 3, or left: no other outcome, and no error."""
    outcomes = fuzz(4_000, 1)
    assert min(outcomes[kind] for kind in ("left", "globals", "plain", "compared")) > 100
    assert RAN == []
