"""The table of hostile pickles: made to run something, to hang, to fill memory, or to confuse.

What they call, and how they hide it, is what is known of attacks on scanners of pickles (Fickling,
Picklescan): here it is all the same, since no name is judged and none is looked up.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import marshal
import struct
import zipfile
import zlib

from plugreg.plain import dumps
from plugreg.record_walk import MAX_RECORD_BYTES, MAX_VALUES

WITNESS = b"tests.hostile.witness"
# Extension codes that a test registers for `witness` and `Witness`.
CODE, CLASS_CODE = 0x7F01, 0xF7
DEEP = 1_000_000
_TOUCH = b"S'touch ran'\n"
_WRITE = b'S\'open("ran", "w")\'\n'


def text(value: bytes) -> bytes:
    """Return the opcode for a short text."""
    return b"\x8c" + bytes([len(value)]) + value


def doubled(opcode: bytes, levels: int) -> bytes:
    """Return opcodes for tuples of which each holds the one before it twice."""
    return b"\x80\x04K\x01\x94" + b"".join(
        b"0(" + b"h" + bytes([n]) + b"h" + bytes([n]) + opcode + b"\x94" for n in range(levels)
    )


def deep(opcode: bytes, levels: int) -> bytes:
    """Return opcodes for tuples in one another."""
    return b"\x80\x04" + b"(" * levels + b")" + opcode * levels


def called(module: bytes, name: bytes, argument: bytes = _TOUCH) -> bytes:
    """Return a pickle that calls a function with one argument."""
    return b"c" + module + b"\n" + name + b"\n(" + argument + b"tR."


_GLOBAL = b"c" + WITNESS + b"\n"
# Every way to name something, and to use it: UnsafeRecord, and nothing ran.
EVIL: dict[str, bytes] = {
    "GLOBAL and REDUCE": _GLOBAL + b"witness\n(tR.",
    "GLOBAL alone": _GLOBAL + b"witness\n.",
    "STACK_GLOBAL": b"\x80\x04" + text(WITNESS) + text(b"witness") + b"\x93)R.",
    "STACK_GLOBAL of memo": b"\x80\x04" + text(WITNESS) + b"\x94" + text(b"witness")
    + b"\x94h\x00h\x01\x93)R.",
    "INST": b"(i" + WITNESS + b"\nWitness\n.",
    "OBJ": b"(" + _GLOBAL + b"Witness\no.",
    "NEWOBJ": _GLOBAL + b"Witness\n)\x81.",
    "NEWOBJ_EX": b"\x80\x04" + _GLOBAL + b"Witness\n)}\x92.",
    "BUILD": _GLOBAL + b"Witness\n)\x81}b.",
    "EXT1": b"\x80\x02\x82" + bytes([CLASS_CODE]) + b")R.",
    "EXT2": b"\x80\x02\x83" + struct.pack("<H", CODE) + b")R.",
    "EXT4": b"\x80\x02\x84" + struct.pack("<i", CODE) + b")R.",
    "EXT1 far behind": b"\x80\x02(" + b"K\x01" * 5000 + b"\x82" + bytes([CLASS_CODE]) + b")Rl.",
    "GLOBAL behind text": b"(lp0\nS'a\\nb'\np1\na" + _GLOBAL + b"witness\n(tR.",
    "GLOBAL in a frame": b"\x80\x04\x95\x10" + bytes(7) + _GLOBAL + b"witness\n)R.",
    "after a dict": b"}" + _GLOBAL + b"witness\n)R.",
}  # fmt: skip
WITHOUT_GLOBAL = {
    "PERSID": b"Pid\n.",
    "BINPERSID": b"K\x01Q.",
    "BYTEARRAY8": b"\x80\x05\x96" + struct.pack("<Q", 1) + b"a.",
    "NEXT_BUFFER": b"\x80\x05\x97.",
    "READONLY_BUFFER": b"\x80\x05C\x01a\x98.",
    "REDUCE of text": b"\x8c\x01a)R.",
    "BUILD of a dict": b"}}b.",
}
# What scanners' lists of dangerous names have, or lack, and tricks that hide a name from them.
ATTACKS = {
    "os.system": called(b"os", b"system"),
    "posix.system": called(b"posix", b"system"),
    "nt.system": called(b"nt", b"system"),
    "builtins.eval": called(b"builtins", b"eval", _WRITE),
    "builtins.exec": called(b"builtins", b"exec", _WRITE),
    "__builtin__.eval": called(b"__builtin__", b"eval", _WRITE),
    "builtins.__import__": called(b"builtins", b"__import__", b"S'this'\n"),
    "builtins.open": called(b"builtins", b"open", b"S'ran'\nS'w'\n"),
    "subprocess.Popen": called(b"subprocess", b"Popen", b"(S'touch'\nS'ran'\nl"),
    "subprocess.check_output": called(b"subprocess", b"check_output", b"(S'touch'\nS'ran'\nl"),
    "importlib.import_module": called(b"importlib", b"import_module", b"S'this'\n"),
    "runpy.run_path": called(b"runpy", b"run_path", b"S'ran.py'\n"),
    "pip.main": called(b"pip", b"main", b"(S'install'\nS'.'\nl"),
    "pip._internal.main": called(b"pip._internal", b"main", b"(S'install'\nS'.'\nl"),
    "timeit.timeit": called(b"timeit", b"timeit", b"S'open(\"ran\", \"w\")'\nS'pass'\n"),
    "code.interact": called(b"code", b"interact", b""),
    "bdb.Bdb.run": b"\x80\x04" + text(b"bdb") + text(b"Bdb.run") + b"\x93)R.",
    "cProfile.run": called(b"cProfile", b"run", _WRITE),
    "profile.runctx": called(b"profile", b"runctx", _WRITE + b"}}"),
    "trace.Trace.run": b"\x80\x04" + text(b"trace") + text(b"Trace.run") + b"\x93)R.",
    "pty.spawn": called(b"pty", b"spawn", _TOUCH),
    "commands.getoutput": called(b"commands", b"getoutput"),
    "webbrowser.open": called(b"webbrowser", b"open", b"S'http://127.0.0.1:9/'\n"),
    "socket.create_connection": called(b"socket", b"create_connection", b"(S'127.0.0.1'\nI9\nt"),
    "urllib.request.urlopen": called(b"urllib.request", b"urlopen", b"S'http://127.0.0.1:9/'\n"),
    "shutil.rmtree": called(b"shutil", b"rmtree", b"S'ran'\n"),
    "pydoc.pipepager": called(b"pydoc", b"pipepager", b"S''\n" + _TOUCH),
    "pydoc.locate": called(b"pydoc", b"locate", b"S'os.system'\n"),
    "operator.attrgetter": called(b"operator", b"attrgetter", b"S'system'\n"),
    "functools.partial": b"cfunctools\npartial\n(cos\nsystem\n" + _TOUCH + b"tR.",
    "types.CodeType": b"ctypes\nCodeType\n(I0\nI0\nI0\nI0\nI0\nI0\nC\x01S(tR.",
    "marshal.loads": called(b"marshal", b"loads", b"C\x01N"),
    "pickle.loads": called(b"pickle", b"loads", b"C\x16cos\nsystem\n(S'touch'\ntR."),
    "_pickle.Unpickler": called(b"_pickle", b"Unpickler", b"N"),
    "dill._dill._load_type": called(b"dill._dill", b"_load_type", b"S'CodeType'\n"),
    "joblib.load": called(b"joblib", b"load", b"S'ran'\n"),
    "torch.load": called(b"torch", b"load", b"S'ran'\n"),
    "numpy runstring": called(b"numpy.testing._private.utils", b"runstring", _WRITE + b"}"),
    "ctypes.CDLL": called(b"ctypes", b"CDLL", b"S'libc.so.6'\n"),
    "atexit.register": b"catexit\nregister\n(cos\nsystem\n" + _TOUCH + b"tR.",
    "signal.signal": called(b"signal", b"signal", b"I15\nI1\n"),
    "sys.modules": b"csys\nmodules\n.",
    "copyreg._reconstructor": b"ccopy_reg\n_reconstructor\n(c__builtin__\nobject\nc__builtin__\n"
    b"object\nNtR.",
    "copyreg.add_extension": called(b"copyreg", b"add_extension", b"S'os'\nS'system'\nI9\n"),
    "plugreg's own reader": called(b"plugreg.plain", b"unpickled", b"C\x02N."),
    "plugreg's registry": b"cplugreg.registry\nRegistry.open\n(S'ran'\ntR.",
    "a module beside the catalog": called(b"ran", b"anything", b""),
    "a dotted name by way of a harmless module": b"\x80\x04" + text(b"pathlib")
    + text(b"os.system") + b"\x93" + text(b"touch ran") + b"\x85R.",
    "two names, the first one harmless": b"ccollections\nOrderedDict\n)R0"
    + called(b"os", b"system"),
    "a name in letters that look like others": "c\u043es\nsystem\n(S'touch ran'\ntR.".encode(),
    "a name with a byte that is no text": b"cos\xff\nsystem\n)R.",
    "a name behind ten thousand harmless opcodes": b"N0" * 10_000 + called(b"os", b"system"),
    "a name behind a nested pickle": b"C\x02N.0" + called(b"os", b"system"),
    "a call, and damage behind it": called(b"os", b"system")[:-1] + b"\xff\xff",
    "a call, and no end": called(b"os", b"system")[:-1],
    "a call between two frames": b"\x80\x04\x95\x02" + b"\0" * 7 + b"N0" + called(b"os", b"system"),
    "a call in a text that lies about its length": b"X\x04\0\0\0abcd" + called(b"os", b"system"),
    "a call below a mark that is popped": b"(" + called(b"os", b"system")[:-1] + b"1N.",
    "a call whose result is dropped": called(b"os", b"system")[:-1] + b"0}.",
    "a call in the value of a record": b"\x80\x04}(" + text(b"schema") + b"K\x02" + text(b"name")
    + called(b"os", b"system")[:-1] + b"u.",
    "a call in a key of a record": b"}" + called(b"os", b"system")[:-1] + b"K\x01s.",
    "a state that is set": b"(ios\n_Environ\n}b.",
    "a tuple of state and slots": _GLOBAL + b"Witness\n)\x81N}\x86b.",
}  # fmt: skip
# Made to hang, to crash or to eat memory.
ENDLESS = {
    "doubled tuples as a key": doubled(b"t", 60)[:-1] + b"\x94}h\x3cNs.",
    "doubled tuples in a set": doubled(b"t", 60) + b"\x8f(h\x3c\x90.",
    "doubled tuples in a frozenset": doubled(b"t", 60) + b"(h\x3c\x91.",
    "doubled tuples in a dict": doubled(b"t", 60) + b"(h\x3cNd.",
    "many keys of many parts": b"\x80\x04(" + b"N" * 10_000 + b"t\x94("
    + b"}h\x00Ns" * 30_000 + b"l.",
    "a large number as a key, often": b"\x80\x04\x8b\x40\x42\x0f\x00" + b"\x01" * 1_000_000
    + b"\x94}(" + b"h\x00N" * 200_000 + b"u.",
    "a number of many digits, often": b"(L" + b"9" * 20_000 + b"L\np0\n}("
    + b"g0\nN" * 2_000_000 + b"u0.",
    "triples": b"\x80\x04K\x01\x94" + b"h\x00h\x00h\x00\x87\x94" + b"".join(
        (b"h" + bytes([n])) * 3 + b"\x87\x94" for n in range(1, 100)
    ) + b"}h\x40Ns.",
    "deep tuples as a key": b"}" + deep(b"t", DEEP) + b"Ns.",
    "deep tuples of one": b"}" + b")" + b"\x85" * DEEP + b"Ns.",
    "deep frozensets": deep(b"\x91", DEEP) + b".",
    "deep tuples alone": deep(b"t", DEEP) + b".",
    "a giant memo": b"K\x01r\xff\xff\xff\x7f0K\x01.",
    "a large memo": b"K\x01r\x00\x00\x40\x00.",
    "a giant memo in digits": b"K\x01p134217728\n.",
    "a memo beyond all": b"K\x01p99999999999999999999\n.",
    "a giant memo with tuples": b"))\x86r\xff\xff\xff\x7f.",
    "a memo of millions of digits": b"))\x86p" + b"9" * 3_000_000 + b"\n.",
    "millions of digits": b"I" + b"9" * 3_000_000 + b"\n.",
    "millions of digits of a long": b"L" + b"9" * 3_000_000 + b"L\n.",
    "a length beyond the data": b"\x8e" + b"\xff" * 7 + b"\x7fa.",
    "a frame beyond the data": b"\x80\x04\x95" + b"\xff" * 7 + b"\x7fN.",
    "a long beyond the data": b"\x8b\xff\xff\xff\x7f.",
    "a bytearray beyond the data": b"\x80\x05\x96" + b"\xff" * 4 + b"\0\0\0\0a.",
}  # fmt: skip
# Lists in one another, which `open_shelf` gives to those who asked for them.
NESTED = {
    "deep lists": b"]" * DEEP + b"a" * (DEEP - 1) + b".",
    "deep lists by marks": b"(" * DEEP + b"l" * DEEP + b".",
    "deep dicts": b"}" + b"K\x01}" * DEEP + b"s" * DEEP + b".",
}
# More than any project needs.
TOO_LARGE = {
    "too many bytes": dumps({"summary": "x" * MAX_RECORD_BYTES}),
    "a text many times": b"\x80\x04](X\x00\x00\x10\x00" + b"x" * 2**20 + b"\x94"
    + b"h\x00" * 16 + b"e.",
    "too many values": b"](" + b"N" * (MAX_VALUES + 1) + b"e.",
    "too many lists": b"(" * 11_000 + b"l" * 11_000 + b".",
    "too many opcodes": b"\x80\x04" * 900_000 + b"}.",
    "a memo of too many": b"]r\x00\x00\x0f\x00.",
}  # fmt: skip
FOREIGN = {
    "a tuple": dumps((1, 2)),
    "an empty tuple": dumps({"a": ()}),
    "a set": dumps({"a": {1}}),
    "a frozenset": dumps({"a": frozenset({1})}),
    "a number as a key": dumps({1: "a"}),
    "None as a key": dumps({"a": {None: "a"}}),
    "a number that cannot be printed": dumps({"schema": 1 << 100_000}),
}


def _laughs() -> bytes:
    """Return lists of lists of the list before, ten times each: a billion of them."""
    return b"\x80\x04](\x8c\x03lole\x94" + b"".join(
        b"](" + b"h" + bytes([n]) + (b"h" + bytes([n])) * 9 + b"e\x94" for n in range(9)
    ) + b"."  # fmt: skip


def _colliding() -> bytes:
    """Return a dict of a hundred thousand numbers that all have the same hash."""
    return dumps({n * (2**61 - 1): None for n in range(1, 3000)})


def _zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.pkl", called(b"os", b"system"))
    return file.getvalue()


# Of other shapes, other encodings, and damaged.
ODD = {
    "a billion laughs": _laughs(),
    "numbers that collide as keys": _colliding(),
    "a list that holds itself": b"]\x94h\x00a.",
    "a dict that holds itself": b"}\x94" + text(b"a") + b"h\x00s.",
    "a project that holds a list for its name": dumps({"schema": 2, "name": ["a"]}),
    "a project of a later plugreg": dumps({"schema": 10**9, "name": "bad"}),
    "a project of a schema below all": dumps({"schema": -1}),
    "a project with True for its schema": dumps({"schema": True}),
    "a project of nothing": dumps({}),
    "None": dumps(None),
    "a text": dumps("bad"),
    "a surrogate": dumps({"schema": 2, "name": "\ud800"}),
    "two values for one pickle": b"K\x01K\x02.",
    "text that is no UTF-8": b"\x8c\x02\xff\xfe.",
    "a protocol of the future": b"\x80\x09K\x01.",
    "nothing": b"",
    "only an end": b".",
    "a mark left open": b"(.",
    "a memo that was never made": b"h\x07.",
    "a key without a value": b"}K\x01s.",
    "cut in a length": b"X\xff\xff",
    "cut in a text": dumps({"name": "x" * 100})[:40],
    "cut before its end": dumps({"name": "x"})[:-1],
    "zeros": bytes(40),
    "noise": bytes(range(255, 127, -1)) * 8,
    "text": b"text, no pickle",
    "marshal": marshal.dumps({"name": "bad", "code": compile("open('ran', 'w')", "ran", "exec")}),
    "JSON": json.dumps({"schema": 2, "name": "bad"}).encode(),
    "JSON deep": b"[" * 100_000,
    "gzip": gzip.compress(called(b"os", b"system")),
    "a gzip bomb": gzip.compress(bytes(64 * 2**20)),
    "zlib": zlib.compress(called(b"os", b"system")),
    "bzip2": bz2.compress(called(b"os", b"system")),
    "xz": lzma.compress(called(b"os", b"system")),
    "zip": _zipped(),
    "encrypted, as Fernet does": b"gAAAAABl" + b"Q" * 96 + b"==",
    "YAML": b"!!python/object/apply:os.system ['touch ran']\n",
    "a pickle of Python 2": b"(dp0\nS'name'\np1\nVbad\np2\ns.",
    "protocol 0 with raw escapes": b"V\\u00\n.",
    "a float of a million digits": b"F" + b"1" * 1_000_000 + b"\n.",
    "an integer that is none": b"Iabc\n.",
    "a string that is not closed": b"S'open\n.",
    "a record and something behind it": dumps({"schema": 2}) + called(b"os", b"system"),
}
PICKLES = {**EVIL, **WITHOUT_GLOBAL, **ATTACKS, **ENDLESS, **NESTED, **TOO_LARGE, **FOREIGN, **ODD}
