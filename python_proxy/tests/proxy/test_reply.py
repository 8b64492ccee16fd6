from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_proxy.reply import ErrorParts, Reply, ReplyError, error_parts, reply_of
from ldp_testing.json_texts import json_texts
from ldp_wire.envelopes import ClaimCheck
from ldp_wire.errors import LocalProtocolError
from ldp_wire.exchange import Answer, Outcome

SHORT = ReplyError("Short", "short form")


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (
            '{"errorType":"E","errorMessage":"m","stackTrace":["a\\n  b","c"],"requestId":"r"}',
            ErrorParts("E", "m", ["a\n  b", "c"]),
        ),
        (  # Node's
            '{"errorType":"Error","errorMessage":"m","trace":["Error: m","    at x"]}',
            ErrorParts("Error", "m", ["Error: m", "    at x"]),
        ),
        (  # Go's
            '{"errorType":"E","errorMessage":"m","stackTrace":[{"path":"a.go","line":1}]}',
            ErrorParts("E", "m", ['{"path": "a.go", "line": 1}']),
        ),
        ('{"errorMessage":"m"}', ErrorParts("Short", "m", [])),
        ('{"errorMessage":null,"errorType":7}', ErrorParts("7", "null", [])),
        ('{"errorType":"E","stackTrace":"a","trace":"b"}', ErrorParts("E", "short form", [])),
        ('{"errorType":"\\ud83d\\ude00\\ud83d"}', ErrorParts("\U0001f600\ufffd", "short form", [])),
        ('["E"]', ErrorParts("Short", "short form", [])),
        ("no JSON", ErrorParts("Short", "short form", [])),
        ("[" * 100_000, ErrorParts("Short", "short form", [])),
        ("", ErrorParts("Short", "short form", [])),
    ],
)
def test_type_message_and_stack_survive(body: str, parts: ErrorParts) -> None:
    """ERR-15: what a managed runtime can pass on is taken from the body, else the short form."""
    assert error_parts(body.encode(), SHORT) == parts


@given(member=st.sampled_from(["errorType", "errorMessage", "stackTrace"]), value=json_texts())
def test_parts_are_always_well_formed(member: str, value: bytes) -> None:
    """ERR-15: whatever an error body holds, its parts are text that can be encoded."""
    parts = error_parts(b'{"%s":%s}' % (member.encode(), value), SHORT)

    "".join([parts.type, parts.message, *parts.trace]).encode()


@pytest.mark.parametrize("outcome", [None, Answer(ClaimCheck("abc", "k", 1, "0" * 64))])
def test_there_is_no_reply_without_an_answer(outcome: Outcome | None) -> None:
    """A reply is made of an exchange that is over, by an answer that the proxy can open."""
    with pytest.raises(LocalProtocolError):
        reply_of(outcome)


def test_a_receipt_stays_with_its_reply() -> None:
    """The handle of the message that brought an answer goes with it."""
    assert reply_of(Answer(b"1"), "h-1") == Reply(b"1", None, "h-1")
