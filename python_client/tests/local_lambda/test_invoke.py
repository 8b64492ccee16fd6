from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_client.local_lambda import (
    InvalidParameterValue,
    InvalidRequestContent,
    InvocationType,
    InvokeOptions,
    RequestTooLarge,
)
from ldp_client.local_lambda.invoke import check_event, check_options, new_trace_id

SYNC, ASYNC = InvocationType.REQUEST_RESPONSE, InvocationType.EVENT

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values.filter(lambda value: "Infinity" not in json.dumps(value)), st.booleans())
def test_any_json_text_passes_unchanged(value: object, ascii_only: bool) -> None:  # noqa: FBT001
    """What is JSON in UTF-8 is an event, byte for byte."""
    text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "ignore")

    assert check_event(text, SYNC) == text


@pytest.mark.parametrize(
    "event",
    [
        b'{"a":1.10,"a":2, "a" : 1E400}',
        b'"\\ud800"',
        b"1" * 5000,
        b" \r\n\t1 ",
        b'"\xe2\x80\xa8"',
        b"[" * 200 + b"]" * 200,
    ],
)
def test_unusual_json_is_json(event: bytes) -> None:
    """Duplicate names, lone surrogates, long numbers, white space and depth pass."""
    assert check_event(event, SYNC) == event


def test_events_too_deep_to_check_pass() -> None:
    """Depth is the runtime's business; the checker's own limit is not Lambda's."""
    event = b"[" * 100_000 + b"]" * 100_000

    assert check_event(event, SYNC) == event


@pytest.mark.parametrize(
    "event",
    [
        b"{",
        b"NaN",
        b"-Infinity",
        b"'a'",
        b"1 2",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf1",
        b'"\n"',
        b" ",
    ],
)
def test_what_is_no_json_is_refused(event: bytes) -> None:
    """The service parses events before it invokes, and so does this."""
    with pytest.raises(InvalidRequestContent, match="Could not parse request body into json"):
        check_event(event, SYNC)


def test_no_payload_is_an_empty_object() -> None:
    """An invoke without a payload delivers `{}`."""
    assert check_event(b"", SYNC) == b"{}"


@pytest.mark.parametrize(("kind", "limit"), [(SYNC, 6_291_556), (ASYNC, 1_048_576)])
def test_events_end_at_the_limit(kind: InvocationType, limit: int) -> None:
    """The limit itself passes and one byte more does not."""
    event = b'"' + b"x" * (limit - 2) + b'"'

    assert check_event(event, kind) == event
    with pytest.raises(RequestTooLarge, match=str(limit)):
        check_event(event + b" ", kind)


@pytest.mark.parametrize(
    "options",
    [
        InvokeOptions(),
        InvokeOptions(client_context='{"custom":{}}'),
        InvokeOptions(client_context=json.dumps("x" * 2683)),
        InvokeOptions(tenant_id="blue/green:1@a b"),
    ],
)
def test_right_options_pass(options: InvokeOptions) -> None:
    """Client context up to 3,583 bytes of base64, tenants in Lambda's grammar."""
    check_options(options)


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (InvokeOptions(client_context="{"), InvalidRequestContent),
        (InvokeOptions(client_context=json.dumps("x" * 2684)), InvalidParameterValue),
        (InvokeOptions(tenant_id=""), InvalidParameterValue),
        (InvokeOptions(tenant_id="a\nb"), InvalidParameterValue),
        (InvokeOptions(tenant_id="x" * 257), InvalidParameterValue),
    ],
)
def test_wrong_options_are_refused(options: InvokeOptions, refusal: type[Exception]) -> None:
    """What Lambda would refuse is refused before anything runs."""
    with pytest.raises(refusal):
        check_options(options)


def test_trace_ids_are_new_each_time() -> None:
    """A trace header has X-Ray's form and repeats never."""
    one, two = new_trace_id(), new_trace_id()

    assert one != two
    assert one.startswith("Root=1-")
    assert one.endswith(";Sampled=0")
