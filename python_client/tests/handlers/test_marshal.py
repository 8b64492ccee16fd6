"""Held against awslambdaric's marshaller: the same values, the same bytes, the same complaints."""

from __future__ import annotations

import collections
import json
import math
from decimal import Decimal
from typing import Any

import pytest
from awslambdaric.lambda_runtime_exception import FaultException
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller
from hypothesis import example, given
from hypothesis import strategies as st

from ldp_client.handlers.faults import Fault, FaultType
from ldp_client.handlers.marshal import BYTES, JSON, Encoder, marshal, unmarshal
from ldp_testing.json_texts import json_texts

Point = collections.namedtuple("Point", "x y")  # noqa: PYI024 - simplejson knows it by its shape

_NO_SURROGATES = st.characters(exclude_categories=["Cs"])
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(_NO_SURROGATES, max_size=8)
    | st.binary(max_size=4)
    | st.sampled_from([object, {1, 2}, 1j, Point(1, 2)])
)
_KEYS = st.text(_NO_SURROGATES, max_size=4) | st.integers() | st.none() | st.tuples(st.integers())
_RESULTS = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


def theirs(result: Any, version: str) -> tuple[bytes, str] | str:
    """What awslambdaric makes of a result: bytes and media type, or its complaint."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_EXECUTION_ENV", f"AWS_Lambda_python{version}")
        marshaller = LambdaMarshaller()
    try:
        encoded, content_type = marshaller.marshal_response(result)
    except FaultException as fault:
        return f"{fault.exception_type}: {fault.msg}"
    return encoded if isinstance(encoded, bytes) else encoded.encode(), content_type


def ours(result: object, version: str) -> tuple[bytes, str] | str:
    """The same of ours."""
    try:
        return marshal(result, Encoder(ensure_ascii=version == "3.11"))
    except Fault as fault:
        return f"{fault.type.value}: {fault}"


@pytest.mark.parametrize("version", ["3.11", "3.12"])
@given(result=_RESULTS)
@example(result=b"\xff\x00")
@example(result=[math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("-Infinity")])
@example(result=Decimal("1.10"))
@example(result=2**5000)
@example(result={"é": "\u2028\ufffe😀"})
def test_results_are_encoded_byte_for_byte_as_in_lambda(version: str, result: Any) -> None:
    """Any result gives the bytes, the media type or the complaint of awslambdaric (PAY-2)."""
    assert ours(result, version) == theirs(result, version)


@pytest.mark.parametrize("version", ["3.11", "3.12"])
def test_a_circle_is_refused_as_in_lambda(version: str) -> None:
    """A list that holds itself is a MarshalError with awslambdaric's words."""
    circle: list[object] = []
    circle.append(circle)

    assert ours(circle, version) == theirs(circle, version)
    assert "Runtime.MarshalError" in str(ours(circle, version))


@given(text=st.text(st.characters()))
@example(text="\ud800")
@example(text="\ud83d\ude00 as two")
def test_a_lone_surrogate_ends_nothing(text: str) -> None:
    """Where awslambdaric would die, the result is valid JSON of the same value."""
    body, content_type = marshal({"text": text}, Encoder(ensure_ascii=False))

    assert content_type == JSON
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert json.loads(body)["text"] == paired


@given(event=json_texts() | st.binary(max_size=20))
@example(event=b"NaN")
@example(event=b"")
@example(event=b"\xef\xbb\xbf{}")
@example(event=b"[" * 100_000)
@example(event=b"1" * 5000)
def test_events_are_decoded_as_in_lambda(event: bytes) -> None:
    """Any bytes give the value or the complaint of awslambdaric (PAY-1)."""
    try:
        expected = repr(LambdaMarshaller().unmarshal_request(event))
    except FaultException as fault:
        expected = f"{fault.exception_type}: {fault.msg}"
    try:
        got = repr(unmarshal(event, JSON))
    except Fault as fault:
        got = f"{fault.type.value}: {fault}"

    assert got == expected


def test_an_event_of_another_media_type_stays_bytes() -> None:
    """Only `application/json` is parsed."""
    assert unmarshal(b"{", "application/json; charset=utf-8") == b"{"


def test_bytes_are_posted_as_they_are() -> None:
    """A handler that returns bytes decides about every one of them (PAY-2)."""
    assert marshal(b"\x00\xff", Encoder()) == (b"\x00\xff", BYTES)


def test_fault_types_are_lambdas() -> None:
    """Each fault type is one that awslambdaric has."""
    known = {value for name, value in vars(FaultException).items() if name.isupper()}

    assert {fault.value for fault in FaultType} <= known
