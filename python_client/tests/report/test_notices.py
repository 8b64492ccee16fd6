from __future__ import annotations

import re

import pytest

from ldp_client.report.notices import advice
from ldp_wire.actions import Notice, NoticeKind
from ldp_wire.envelopes import RequestId


@pytest.mark.parametrize("kind", NoticeKind)
def test_each_kind_has_a_sentence_and_what_to_do_next(kind: NoticeKind) -> None:
    """Nothing is told that leaves a developer without a next step."""
    words = advice(Notice(kind, RequestId("r-1")))

    assert words.sentence.endswith(".")
    assert words.next.endswith(".")


def test_sentences_differ() -> None:
    """No two kinds read the same."""
    sentences = {advice(Notice(kind, None)).sentence for kind in NoticeKind}

    assert len(sentences) == len(NoticeKind)


def test_what_ends_by_itself_is_told_with_its_end() -> None:
    """A clock time for now, and how long that is."""
    sentence = advice(Notice(NoticeKind.HELD, None), 61_000).sentence

    assert re.fullmatch(r"The event is held until \d\d:\d\d:\d\d, for 1 min 1 s\.", sentence)


def test_a_detail_completes_the_sentence() -> None:
    """What the core knows more closely stands behind a colon."""
    words = advice(Notice(NoticeKind.SEND_FAILED, None, "the token has expired."))

    assert words.sentence == "A reply could not be sent: the token has expired."
