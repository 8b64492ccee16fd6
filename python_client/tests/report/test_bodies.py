from __future__ import annotations

import json
import re

from hypothesis import example, given
from hypothesis import strategies as st

from ldp_client.report.bodies import lines
from ldp_client.report.words import visible
from ldp_testing.json_texts import json_texts

WHITE = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")|[\t\n\r ]+', re.DOTALL)


@given(body=json_texts())
@example(body=b'{"a": {"b": [], "c": {}}, "d": [1, 2.50, "\\u00e9\\ud800", 12345678901234567890]}')
def test_spreading_out_changes_white_space_only(body: bytes) -> None:
    """Without white space, what is shown is the body, token by token."""
    shown = "\n".join(lines(body, whole=True)).encode()

    assert WHITE.sub(rb"\1", shown).decode() == visible(WHITE.sub(rb"\1", body).decode())


def test_a_long_body_is_spread_over_lines() -> None:
    """Objects and lists are indented, empty ones are not torn apart."""
    body = json.dumps({"order": 1, "items": [{"sku": "x" * 60}], "none": [], "no": {}})

    assert lines(body.encode(), whole=True) == [
        "{",
        '  "order": 1,',
        '  "items": [',
        "    {",
        f'      "sku": "{"x" * 60}"',
        "    }",
        "  ],",
        '  "none": [],',
        '  "no": {}',
        "}",
    ]


def test_a_short_body_stays_on_its_line() -> None:
    """What fits into a line is shown as it was sent."""
    assert lines(b'{"a":1.10,"a":2}', whole=False) == ['{"a":1.10,"a":2}']


@given(body=st.binary(max_size=300))
@example(body=b"\xff" * 100)
@example(body=b"[" * 100_000)
def test_any_bytes_are_shown_as_printable_lines(body: bytes) -> None:
    """A body that is no JSON, or no text, is shown all the same and obeyed by no terminal."""
    shown = lines(body, whole=False)

    assert all(line.isprintable() for line in shown)
    assert len(shown) <= 31


def test_a_large_body_is_cut_with_a_word_on_it() -> None:
    """With -v only the beginning is shown, and how much there is."""
    body = json.dumps(["x" * 500] * 1000).encode()
    shown = lines(body, whole=False)

    assert len(shown) == 31
    assert shown[-1] == "… 504.0 kB in all; -vv shows everything"
    assert len(lines(body, whole=True)) == 1002
