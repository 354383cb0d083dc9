"""Pickles that CPython 2.7.18 made: what each case holds is in `test_old_pickles.py`.

Made with `pickle.dumps(value, 0)` and `cPickle.dumps(value, protocol)` of 0, 1 and 2, in this
order; the two often write the same at protocol 0, and then it stands here once.
"""

from __future__ import annotations

MADE_BY_PYTHON_2: dict[str, tuple[bytes, ...]] = {
    "text": (
        b"S'r\\xc3\\xa9sum\\xc3\\xa9'\np0\n.",
        b"S'r\\xc3\\xa9sum\\xc3\\xa9'\np1\n.",
        b"U\x08r\xc3\xa9sum\xc3\xa9q\x01.",
        b"\x80\x02U\x08r\xc3\xa9sum\xc3\xa9q\x01.",
    ),
    "quotes": (
        b"S'a\\'b\"c\\\\d\\n\\t\\x00\\x1b'\np0\n.",
        b"S'a\\'b\"c\\\\d\\n\\t\\x00\\x1b'\np1\n.",
        b"U\x0ba'b\"c\\d\n\t\x00\x1bq\x01.",
        b"\x80\x02U\x0ba'b\"c\\d\n\t\x00\x1bq\x01.",
    ),
    "unicode": (
        b"Vr\xe9sum\xe9 \\u005c \\u000a \\u20ac \\U0001f600\np0\n.",
        b"Vr\xe9sum\xe9 \\u005c \\u000a \\u20ac \\U0001f600\np1\n.",
        b"X\x15\x00\x00\x00r\xc3\xa9sum\xc3\xa9 \\ \n \xe2\x82\xac \xf0\x9f\x98\x80q\x01.",
        b"\x80\x02X\x15\x00\x00\x00r\xc3\xa9sum\xc3\xa9 \\ \n \xe2\x82\xac \xf0\x9f\x98\x80q\x01.",
    ),
    "numbers": (
        (
            b"(lp0\nI0\naI-1\naI255\naI256\naI65536\naI2147483647\naI-2147483648\naI10995"
            b"11627776\naL1000000000000000000000000000000L\naL-10000000000000000000000000"
            b"00000L\naL5L\naI01\naI00\naNa."
        ),
        (
            b"(lp1\nI0\naI-1\naI255\naI256\naI65536\naI2147483647\naI-2147483648\naI10995"
            b"11627776\naL1000000000000000000000000000000L\naL-10000000000000000000000000"
            b"00000L\naL5L\naI01\naI00\naNa."
        ),
        (
            b"]q\x01(K\x00J\xff\xff\xff\xffK\xffM\x00\x01J\x00\x00\x01\x00J\xff\xff\xff"
            b"\x7fJ\x00\x00\x00\x80I1099511627776\nL1000000000000000000000000000000L\nL-1"
            b"000000000000000000000000000000L\nL5L\nI01\nI00\nNe."
        ),
        (
            b"\x80\x02]q\x01(K\x00J\xff\xff\xff\xffK\xffM\x00\x01J\x00\x00\x01\x00J\xff"
            b"\xff\xff\x7fJ\x00\x00\x00\x80I1099511627776\n\x8a\r\x00\x00\x00@\xea\xedtF"
            b"\xd0\x9c,\x9f\x0c\x8a\r\x00\x00\x00\xc0\x15\x12\x8b\xb9/c\xd3`\xf3\x8a\x01"
            b"\x05\x88\x89Ne."
        ),
    ),
    "floats": (
        b"(lp0\nF1.5\naF-0.0\naFinf\naF0.1\na.",
        b"(lp1\nF1.5\naF-0\naFinf\naF0.10000000000000001\na.",
        (
            b"]q\x01(G?\xf8\x00\x00\x00\x00\x00\x00G\x80\x00\x00\x00\x00\x00\x00\x00G\x7f"
            b"\xf0\x00\x00\x00\x00\x00\x00G?\xb9\x99\x99\x99\x99\x99\x9ae."
        ),
        (
            b"\x80\x02]q\x01(G?\xf8\x00\x00\x00\x00\x00\x00G\x80\x00\x00\x00\x00\x00\x00"
            b"\x00G\x7f\xf0\x00\x00\x00\x00\x00\x00G?\xb9\x99\x99\x99\x99\x99\x9ae."
        ),
    ),
    "tuples": (
        b"(lp0\n(ta(I1\ntp1\na(I1\nI2\ntp2\na(I1\nI2\nI3\ntp3\na(I1\nI2\nI3\nI4\ntp4\na.",
        b"(lp1\n(ta(I1\ntp2\na(I1\nI2\ntp3\na(I1\nI2\nI3\ntp4\na(I1\nI2\nI3\nI4\ntp5\na.",
        b"]q\x01()(K\x01tq\x02(K\x01K\x02tq\x03(K\x01K\x02K\x03tq\x04(K\x01K\x02K\x03K\x04tq\x05e.",
        (
            b"\x80\x02]q\x01()K\x01\x85q\x02K\x01K\x02\x86q\x03K\x01K\x02K\x03\x87q\x04(K"
            b"\x01K\x02K\x03K\x04tq\x05e."
        ),
    ),
    "dict": (
        b"(dp0\nS'a'\np1\nI1\nsI3\n(dp2\nS'c'\np3\nNssVb\np4\n(lp5\nF2.5\nas.",
        b"(dp1\nS'a'\nI1\nsI3\n(dp2\nS'c'\nNssVb\n(lp3\nF2.5\nas.",
        (
            b"}q\x01(U\x01aK\x01K\x03}q\x02U\x01cNsX\x01\x00\x00\x00b]q\x03G@\x04\x00\x00"
            b"\x00\x00\x00\x00au."
        ),
        (
            b"\x80\x02}q\x01(U\x01aK\x01K\x03}q\x02U\x01cNsX\x01\x00\x00\x00b]q\x03G@\x04"
            b"\x00\x00\x00\x00\x00\x00au."
        ),
    ),
    "sets": (
        (
            b"(lp0\nc__builtin__\nset\np1\n((lp2\nS'a'\np3\naI2\natp4\nRp5\nac__builtin__"
            b"\nfrozenset\np6\n((lp7\nS'b'\np8\natp9\nRp10\na."
        ),
        (
            b"(lp1\nc__builtin__\nset\np2\n((lp3\nS'a'\naI2\natRp4\nac__builtin__\nfrozen"
            b"set\np5\n((lp6\nS'b'\natRp7\na."
        ),
        (
            b"]q\x01(c__builtin__\nset\nq\x02(]q\x03(U\x01aK\x02etRq\x04c__builtin__\nfro"
            b"zenset\nq\x05(]q\x06U\x01batRq\x07e."
        ),
        (
            b"\x80\x02]q\x01(c__builtin__\nset\nq\x02]q\x03(U\x01aK\x02e\x85Rq\x04c__buil"
            b"tin__\nfrozenset\nq\x05]q\x06U\x01ba\x85Rq\x07e."
        ),
    ),
    "sets module": (
        (
            b"(lp0\nccopy_reg\n_reconstructor\np1\n(csets\nSet\np2\nc__builtin__\nobject"
            b"\np3\nNtp4\nRp5\n((dp6\nS'a'\np7\nI01\nsI2\nI01\nstp8\nbag1\n(csets\nImmuta"
            b"bleSet\np9\ng3\nNtp10\nRp11\n((dp12\nI3\nI01\nsNtp13\nba."
        ),
        (
            b"(lp1\nccopy_reg\n_reconstructor\np2\n(csets\nSet\np3\nc__builtin__\nobject"
            b"\np4\nNtRp5\n((dp6\nS'a'\nI01\nsI2\nI01\nstbag2\n(csets\nImmutableSet\np7\n"
            b"g4\nNtRp8\n((dp9\nI3\nI01\nsNtba."
        ),
        (
            b"]q\x01(ccopy_reg\n_reconstructor\nq\x02(csets\nSet\nq\x03c__builtin__\nobje"
            b"ct\nq\x04NtRq\x05(}q\x06(U\x01aI01\nK\x02I01\nutbh\x02(csets\nImmutableSet"
            b"\nq\x07h\x04NtRq\x08(}q\tK\x03I01\nsNtbe."
        ),
        (
            b"\x80\x02]q\x01(csets\nSet\nq\x02)\x81q\x03}q\x04(U\x01a\x88K\x02\x88u\x85bc"
            b"sets\nImmutableSet\nq\x05)\x81q\x06}q\x07K\x03\x88sN\x86be."
        ),
    ),
    "shared": (
        b"(lp0\n(lp1\nS'x'\np2\naag1\na.",
        b"(lp1\n(lp2\nS'x'\naag2\na.",
        b"]q\x01(]q\x02U\x01xah\x02e.",
        b"\x80\x02]q\x01(]q\x02U\x01xah\x02e.",
    ),
    "list in itself": (
        b"(lp0\nI1\nag0\na.",
        b"(lp1\nI1\nag1\na.",
        b"]q\x01(K\x01h\x01e.",
        b"\x80\x02]q\x01(K\x01h\x01e.",
    ),
    "list in its tuple": (
        b"(lp0\n(g0\nS'in a tuple'\np1\ntp2\na.",
        b"(lp1\n(g1\nS'in a tuple'\np2\ntp3\na.",
        b"]q\x01(h\x01U\nin a tupleq\x02tq\x03a.",
        b"\x80\x02]q\x01h\x01U\nin a tupleq\x02\x86q\x03a.",
    ),
    "dict in itself": (
        b"(dp0\nS'me'\np1\ng0\ns.",
        b"(dp1\nS'me'\np2\ng1\ns.",
        b"}q\x01U\x02meq\x02h\x01s.",
        b"\x80\x02}q\x01U\x02meq\x02h\x01s.",
    ),
    "dates": (
        (
            b"(lp0\ncdatetime\ndatetime\np1\n(S'\\x07\\xdb\\x02\\x1c\\x17;:\\x01\\xe2@'\n"
            b"p2\ntp3\nRp4\nacdatetime\ndate\np5\n(S'\\x07\\xcf\\x0c\\x1f'\np6\ntp7\nRp8"
            b"\nacdatetime\ntime\np9\n(S'\\x01\\x02\\x03\\x00\\x00\\x04'\np10\ntp11\nRp12"
            b"\nacdatetime\ntimedelta\np13\n(I-1\nI2\nI3\ntp14\nRp15\na."
        ),
        (
            b"(lp1\ncdatetime\ndatetime\np2\n(S'\\x07\\xdb\\x02\\x1c\\x17;:\\x01\\xe2@'\n"
            b"tRp3\nacdatetime\ndate\np4\n(S'\\x07\\xcf\\x0c\\x1f'\ntRp5\nacdatetime\ntim"
            b"e\np6\n(S'\\x01\\x02\\x03\\x00\\x00\\x04'\ntRp7\nacdatetime\ntimedelta\np8"
            b"\n(I-1\nI2\nI3\ntRp9\na."
        ),
        (
            b"]q\x01(cdatetime\ndatetime\nq\x02(U\n\x07\xdb\x02\x1c\x17;:\x01\xe2@tRq\x03"
            b"cdatetime\ndate\nq\x04(U\x04\x07\xcf\x0c\x1ftRq\x05cdatetime\ntime\nq\x06(U"
            b"\x06\x01\x02\x03\x00\x00\x04tRq\x07cdatetime\ntimedelta\nq\x08(J\xff\xff"
            b"\xff\xffK\x02K\x03tRq\te."
        ),
        (
            b"\x80\x02]q\x01(cdatetime\ndatetime\nq\x02U\n\x07\xdb\x02\x1c\x17;:\x01\xe2@"
            b"\x85Rq\x03cdatetime\ndate\nq\x04U\x04\x07\xcf\x0c\x1f\x85Rq\x05cdatetime\nt"
            b"ime\nq\x06U\x06\x01\x02\x03\x00\x00\x04\x85Rq\x07cdatetime\ntimedelta\nq"
            b"\x08J\xff\xff\xff\xffK\x02K\x03\x87Rq\te."
        ),
    ),
    "decimals": (
        (
            b"(lp0\ncdecimal\nDecimal\np1\n(S'-1.50'\np2\ntp3\nRp4\nacfractions\nFraction"
            b"\np5\n(S'-1/3'\np6\ntp7\nRp8\na."
        ),
        (
            b"(lp1\ncdecimal\nDecimal\np2\n(S'-1.50'\ntRp3\nacfractions\nFraction\np4\n(S"
            b"'-1/3'\ntRp5\na."
        ),
        (
            b"]q\x01(cdecimal\nDecimal\nq\x02(U\x05-1.50tRq\x03cfractions\nFraction\nq"
            b"\x04(U\x04-1/3tRq\x05e."
        ),
        (
            b"\x80\x02]q\x01(cdecimal\nDecimal\nq\x02U\x05-1.50\x85Rq\x03cfractions\nFrac"
            b"tion\nq\x04U\x04-1/3\x85Rq\x05e."
        ),
    ),
    "complex": (
        b"c__builtin__\ncomplex\np0\n(F1.5\nF-2.0\ntp1\nRp2\n.",
        b"c__builtin__\ncomplex\np1\n(F1.5\nF-2\ntRp2\n.",
        (
            b"c__builtin__\ncomplex\nq\x01(G?\xf8\x00\x00\x00\x00\x00\x00G\xc0\x00\x00"
            b"\x00\x00\x00\x00\x00tRq\x02."
        ),
        (
            b"\x80\x02c__builtin__\ncomplex\nq\x01G?\xf8\x00\x00\x00\x00\x00\x00G\xc0\x00"
            b"\x00\x00\x00\x00\x00\x00\x86Rq\x02."
        ),
    ),
    "bytearray": (
        b"c__builtin__\nbytearray\np0\n(V\x00\xff\np1\nS'latin-1'\np2\ntp3\nRp4\n.",
        b"c__builtin__\nbytearray\np1\n(V\x00\xff\nS'latin-1'\ntRp2\n.",
        b"c__builtin__\nbytearray\nq\x01(X\x03\x00\x00\x00\x00\xc3\xbfU\x07latin-1tRq\x02.",
        (
            b"\x80\x02c__builtin__\nbytearray\nq\x01X\x03\x00\x00\x00\x00\xc3\xbfU\x07lat"
            b"in-1\x86Rq\x02."
        ),
    ),
    "ordered": (
        (
            b"ccollections\nOrderedDict\np0\n((lp1\n(lp2\nS'b'\np3\naI1\naa(lp4\nS'a'\np5"
            b"\na(lp6\nI2\naaatp7\nRp8\n."
        ),
        (
            b"ccollections\nOrderedDict\np1\n((lp2\n(lp3\nS'b'\naI1\naa(lp4\nS'a'\na(lp5"
            b"\nI2\naaatRp6\n."
        ),
        (
            b"ccollections\nOrderedDict\nq\x01(]q\x02(]q\x03(U\x01bK\x01e]q\x04(U\x01a]q"
            b"\x05K\x02aeetRq\x06."
        ),
        (
            b"\x80\x02ccollections\nOrderedDict\nq\x01]q\x02(]q\x03(U\x01bK\x01e]q\x04(U"
            b"\x01a]q\x05K\x02aee\x85Rq\x06."
        ),
    ),
    "default": (
        (
            b"ccollections\ndefaultdict\np0\n(c__builtin__\nlist\np1\ntp2\nRp3\nS'a'\np4"
            b"\n(lp5\nI1\nas."
        ),
        b"ccollections\ndefaultdict\np1\n(c__builtin__\nlist\np2\ntRp3\nS'a'\n(lp4\nI1\nas.",
        b"ccollections\ndefaultdict\nq\x01(c__builtin__\nlist\nq\x02tRq\x03U\x01a]q\x04K\x01as.",
        (
            b"\x80\x02ccollections\ndefaultdict\nq\x01c__builtin__\nlist\nq\x02\x85Rq\x03"
            b"U\x01a]q\x04K\x01as."
        ),
    ),
    "counter": (
        b"ccollections\nCounter\np0\n((dp1\nS'a'\np2\nI2\nsS'b'\np3\nI1\nstp4\nRp5\n.",
        b"ccollections\nCounter\np1\n((dp2\nS'a'\nI2\nsS'b'\nI1\nstRp3\n.",
        b"ccollections\nCounter\nq\x01(}q\x02(U\x01aK\x02U\x01bK\x01utRq\x03.",
        b"\x80\x02ccollections\nCounter\nq\x01}q\x02(U\x01aK\x02U\x01bK\x01u\x85Rq\x03.",
    ),
    "deque": (
        (
            b"(lp0\nccollections\ndeque\np1\n((lp2\nI1\naI2\naI3\ntp3\nRp4\nag1\n((lp5\nS"
            b"'a'\np6\natp7\nRp8\na."
        ),
        b"(lp1\nccollections\ndeque\np2\n((lp3\nI1\naI2\naI3\ntRp4\nag2\n((lp5\nS'a'\natRp6\na.",
        (
            b"]q\x01(ccollections\ndeque\nq\x02(]q\x03(K\x01K\x02eK\x03tRq\x04h\x02(]q"
            b"\x05U\x01aatRq\x06e."
        ),
        (
            b"\x80\x02]q\x01(ccollections\ndeque\nq\x02]q\x03(K\x01K\x02eK\x03\x86Rq\x04h"
            b"\x02]q\x05U\x01aa\x85Rq\x06e."
        ),
    ),
    "uuid": (
        (
            b"ccopy_reg\n_reconstructor\np0\n(cuuid\nUUID\np1\nc__builtin__\nobject\np2\n"
            b"Ntp3\nRp4\n(dp5\nS'int'\np6\nL24197857161011715162171839636988778104L\nsb."
        ),
        (
            b"ccopy_reg\n_reconstructor\np1\n(cuuid\nUUID\np2\nc__builtin__\nobject\np3\n"
            b"NtRp4\n(dp5\nS'int'\np6\nL24197857161011715162171839636988778104L\nsb."
        ),
        (
            b"ccopy_reg\n_reconstructor\nq\x01(cuuid\nUUID\nq\x02c__builtin__\nobject\nq"
            b"\x03NtRq\x04}q\x05U\x03intq\x06L24197857161011715162171839636988778104L\nsb"
            b"."
        ),
        (
            b"\x80\x02cuuid\nUUID\nq\x01)\x81q\x02}q\x03U\x03intq\x04\x8a\x10xV4\x12xV4"
            b"\x12xV4\x12xV4\x12sb."
        ),
    ),
    "range": (
        b"c__builtin__\nxrange\np0\n(I1\nI9\nI2\ntp1\nRp2\n.",
        b"c__builtin__\nxrange\np1\n(I1\nI9\nI2\ntRp2\n.",
        b"c__builtin__\nxrange\nq\x01(K\x01K\tK\x02tRq\x02.",
        b"\x80\x02c__builtin__\nxrange\nq\x01K\x01K\tK\x02\x87Rq\x02.",
    ),
}
