"""Values that implementations get wrong; blind chance finds most of them too late or never."""

from __future__ import annotations

from typing import Final

#: Texts that can be sent as they are, each for a reason of its own.
TEXTS: Final = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\t\r\n",
    "\x1b[31m",
    "\x7f\x80\x9f",
    "\u0085",
    "\u2028\u2029",
    "\ufeff",
    "\ufffe\uffff",
    "\ufffd",
    "\u00e9",
    "e\u0301",
    "\u202e\u05d0",
    "\U0001f600",
    "\U0010ffff",
    "\U0001f468\u200d\U0001f469",
    "\\",
    '"',
    "\\u0041",
    "\\ud800",
    "</script>",
    "{{",
    "%s%n",
    "null",
    "true",
    "1e400",
    "__proto__",
    "constructor",
    "data:,",
    "H4sIAAAAAAAA",
    "x" * 1_025,
    "\u20ac" * 400,
)
#: Halves of surrogate pairs, which JSON can hold as escapes and UTF-8 cannot hold at all.
LONE_SURROGATES: Final = ("\ud800", "\udfff", "a\ud83d", "\udc00\ud800")
#: Integers that every language holds.
SAFE_INTEGERS: Final = (0, 1, -1, 255, 2**31, -(2**31), 2**32, 2**53 - 1, -(2**53 - 1))
#: Integers that doubles do not hold.
LARGE_INTEGERS: Final = (2**53, 2**53 + 1, -(2**53) - 1, 2**63, 2**64, 10**30)
#: Numbers with a fraction or an exponent.
FRACTIONS: Final = (0.5, -0.5, 0.1, 1.1, 1e-7, 1e21, 1e22, 5e-324, 1.7976931348623157e308)
#: Values that are easily taken for one another.
EMPTY: Final[tuple[object, ...]] = (None, False, 0, "", [], {})
#: JSON texts of values that not every parser reads alike.
LITERALS: Final = (
    "-0",
    "-0.0",
    "1.0",
    "1E+2",
    "1e400",
    "-1e400",
    "9007199254740993",
    "1" + "0" * 400,
    '"\\ud800"',
    '"\\u0000"',
    '"\\/"',
    '{"a": 1, "a": 2}',
    '{"": {"": {}}}',
    "NaN",
    "-Infinity",
    "01",
    "+1",
    ".5",
    "1.",
    "'a'",
    "True",
    "[1,]",
    "{a: 1}",
    '"\t"',
    "",
)
#: What is put into a text to break it.
SNIPPETS: Final = (
    "\ufeff",
    "\u0085",
    "\u2028",
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    ",",
    ":",
    "0",
    "-",
    "null",
    "\n",
    "//",
    "\\u0000",
    "\\ud800",
)
#: How deep a value is nested at most that every parser has to follow.
DEEP: Final = 48
