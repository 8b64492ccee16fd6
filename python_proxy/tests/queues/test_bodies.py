from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ldp_queues.bodies import check_body, check_receive, check_visibility
from ldp_queues.errors import MessageTooLarge, QueueRefusedMessage


def _is_taken(char: str) -> bool:
    """SendMessage's own list: #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF."""
    code = ord(char)
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


def test_every_character_is_judged_as_sqs_documents_it() -> None:
    """All code points that the API reference lists are taken, and each other one is refused."""
    every = [chr(code) for code in range(0x110000)]
    taken = "".join(filter(_is_taken, every))

    assert check_body(taken, limit_bytes=len(taken) * 4) == len(taken.encode())
    for char in itertools.filterfalse(_is_taken, every):
        with pytest.raises(QueueRefusedMessage):
            check_body(char)


@given(st.text(st.characters(exclude_categories=()), min_size=1))
@example("ok \x00 not")
@example("pair \ud83d\ude00 of surrogates")
def test_a_text_is_taken_if_all_its_characters_are(body: str) -> None:
    """A text is refused for its first forbidden character, whose position is told."""
    forbidden = [(position, char) for position, char in enumerate(body) if not _is_taken(char)]
    if not forbidden:
        assert check_body(body) == len(body.encode())
        return
    with pytest.raises(QueueRefusedMessage) as caught:
        check_body(body)
    told = str(caught.value)

    assert any(f"U+{ord(char):04X} at position {position}" in told for position, char in forbidden)


def test_an_empty_text_is_refused() -> None:
    """SQS answers MissingParameter to an empty body."""
    with pytest.raises(QueueRefusedMessage, match="empty"):
        check_body("")


@given(st.text(st.sampled_from("aé€😀"), min_size=1), st.integers(1, 40))
def test_the_limit_counts_utf8_bytes(body: str, limit_bytes: int) -> None:
    """A text over the limit is refused with its size and the limit."""
    size_bytes = len(body.encode())
    if size_bytes <= limit_bytes:
        assert check_body(body, limit_bytes) == size_bytes
        return
    with pytest.raises(MessageTooLarge) as caught:
        check_body(body, limit_bytes)

    assert (caught.value.size_bytes, caught.value.limit_bytes) == (size_bytes, limit_bytes)


@pytest.mark.parametrize("arguments", [(21, 0, 1), (-1, 0, 1), (0, 43_201, 1), (0, 0, 11)])
def test_a_receive_out_of_range_is_a_bug(arguments: tuple[int, int, int]) -> None:
    """Arguments that SQS does not take raise ValueError; the bounds themselves pass."""
    check_receive(0, 0, 1)
    check_receive(20, 43_200, 10)
    with pytest.raises(ValueError, match="SQS takes"):
        check_receive(*arguments)


def test_a_visibility_out_of_range_is_a_bug() -> None:
    """The name of the argument is told."""
    with pytest.raises(ValueError, match="visibility_s is -1"):
        check_visibility(-1)
