"""Bytes through a hosted function under the real awslambdaric, which is told to pass them on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldp_client.local_lambda import LocalLambda
from ldp_testing.function_zips import EXACT_BYTES, function_zip
from ldp_testing.local_functions import ON_AWSLAMBDARIC

if TYPE_CHECKING:
    from collections.abc import Iterator

EXACT_ECHO = (
    EXACT_BYTES
    + """
    def handler(event, context):
        return event
"""
)


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLambda]:
    """A function that returns the bytes of its event."""
    path = function_zip(tmp_path_factory.mktemp("exact") / "f.zip", EXACT_ECHO)
    with LocalLambda(ON_AWSLAMBDARIC, path) as function:
        yield function


@pytest.mark.parametrize(
    "event",
    [
        b'{"a":1.10,"a":2,"s":"\\ud800",  "z":"\\/", "n":12345678901234567890}',
        b'"\xe2\x80\xa8\xef\xbf\xbf"',
        b"[" * 200 + b"]" * 200,
        b" 1E400\n",
    ],
)
def test_events_and_results_pass_byte_for_byte(exact: LocalLambda, event: bytes) -> None:
    """Duplicate names, `1.10`, lone surrogates, white space and depth survive both ways."""
    result = exact.invoke(event)

    assert (result.status, result.function_error, result.payload) == (200, None, event)


@settings(deadline=None, max_examples=50)
@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_any_json_passes_byte_for_byte(exact: LocalLambda, value: object) -> None:
    """Whatever the event says, its bytes reach the handler and come back."""
    event = json.dumps(value).encode()

    assert exact.invoke(event).payload == event


@pytest.mark.parametrize("size", [6_291_456, 6_291_556])
def test_the_largest_payloads_pass_each_way(exact: LocalLambda, size: int) -> None:
    """6 MiB, and the service's limit to the byte."""
    event = b'"' + b"x" * (size - 2) + b'"'

    assert exact.invoke(event).payload == event
