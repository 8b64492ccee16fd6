from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_client.report import words


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(0, "0 B"), (999, "999 B"), (1_204, "1.2 kB"), (5_900_000, "5.9 MB")],
)
def test_sizes_are_told_in_decimal_units(size_bytes: int, text: str) -> None:
    """A size has a unit that a person reads at a glance."""
    assert words.size(size_bytes) == text


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [(-5, "0 ms"), (999, "999 ms"), (4_210, "4.2 s"), (591_000, "9 min 51 s")],
)
def test_durations_are_told_in_one_or_two_units(duration_ms: int, text: str) -> None:
    """A length of time is as exact as it matters, and never negative."""
    assert words.duration(duration_ms) == text


@given(text=st.text(st.characters()))
def test_foreign_text_is_one_line_that_no_terminal_obeys(text: str) -> None:
    """Whatever an event says, only printable characters are shown."""
    assert words.visible(text).isprintable()


def test_escapes_are_those_of_json() -> None:
    """What is not shown can be read, and copied into JSON."""
    text = "\x1b[2J\u202e\ud800\U000e0001\n"

    assert words.visible(text) == "\\u001b[2J\\u202e\\ud800\\udb40\\udc01\\u000a"
    assert json.loads(f'"{words.visible(text)}"') == text


@given(text=st.text(), limit=st.integers(1, 20))
def test_clipped_text_keeps_the_limit(text: str, limit: int) -> None:
    """A text within the limit stays; a longer one ends in an ellipsis."""
    clipped = words.clipped(text, limit)

    assert len(clipped) <= limit
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))
