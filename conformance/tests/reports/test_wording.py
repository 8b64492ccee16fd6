from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_conformance.reports.wording import counted, cut, cut_end, duration, instant, short, visible

TEXTS = st.text(st.characters() | st.sampled_from("\n\t\x1b\u202e\ud800\ufffe\u2028\x85"))


@given(text=TEXTS)
def test_what_is_shown_is_safe(text: str) -> None:
    """No control, direction mark, surrogate or noncharacter is left, and once is enough."""
    shown = visible(text)

    assert all(
        each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs", "Zl", "Zp"}
        for each in shown
    )
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff") & set(
        shown
    )
    assert visible(shown) == shown
    assert shown.encode("utf-8").decode("utf-8") == shown


@given(text=TEXTS, lines=st.integers(1, 5), characters=st.integers(1, 60))
def test_a_text_is_cut_with_a_note_or_whole(text: str, lines: int, characters: int) -> None:
    """What is left out is told, to the character; what is told of is no beginning of its own."""
    beginning = cut(text, lines=lines, characters=characters)
    end = cut_end(text, lines=lines, characters=characters)

    assert beginning == visible(text.rstrip("\n")) or "cut here" in beginning.splitlines()[-1]
    assert end == visible(text.rstrip("\n")) or "before, cut here" in end.split("\n")[0]
    assert beginning.count("\n") <= lines + 1
    assert "\n" not in short(text, characters)


def test_the_note_tells_how_much_is_cut() -> None:
    """The number of characters that are not shown stands behind, or before, what is."""
    text = "".join(f"{i:03}\n" for i in range(100))

    assert cut(text, lines=2) == "000\n001\n… 393 more characters, cut here"
    assert cut_end(text, lines=2) == "… 392 characters before, cut here\n098\n099"
    assert short("one\ntwo") == "one…"
    assert short("x" * 9, 4) == "xxxx…"


@pytest.mark.parametrize(
    ("duration_ms", "words"),
    [(0, "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (59_900, "59.9 s"), (125_400, "2 min 5 s")],
)
def test_a_duration_reads_well(duration_ms: int, words: str) -> None:
    """Milliseconds, seconds or minutes, whichever is short."""
    assert duration(duration_ms) == words


def test_numbers_and_instants_read_well() -> None:
    """Thousands are parted, nouns are in number, instants are ISO 8601 if there is one."""
    assert counted(1, "check") == "1 check"
    assert counted(2_000, "check") == "2,000 checks"
    assert counted(2, "clause was", "clauses were") == "2 clauses were"
    assert instant(1_795_450_000_000) == "2026-11-23T16:06:40Z"
    assert instant(10**20) == ""
