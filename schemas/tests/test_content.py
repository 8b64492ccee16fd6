"""What an envelope's values say beyond its schema: payloads decode, texts are short."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_schemas.judge import judge
from ldp_testing.envelopes import Members, payloads

LARGEST_PAYLOAD = 6_291_556
EXAMPLES = Path(__file__).parents[1] / "v1" / "examples"
REQUEST: Members = json.loads((EXAMPLES / "request/valid/minimal.json").read_text("utf-8"))
RESPONSE: Members = json.loads((EXAMPLES / "response/valid/minimal.json").read_text("utf-8"))
ERROR: Members = json.loads((EXAMPLES / "response/valid/error.json").read_text("utf-8"))


def _said(text: str) -> list[tuple[str, str, str]]:
    """Judge a text, and give each finding as pointer, reason and requirements."""
    return [
        (finding.pointer, finding.reason, " ".join(finding.requirements)) for finding in judge(text)
    ]


def _with_payload(payload: Members) -> str:
    return json.dumps({**REQUEST, "payload": payload})


def _packed(body: bytes) -> str:
    return base64.b64encode(gzip.compress(body, mtime=0)).decode()


@pytest.mark.parametrize("name", ["environment", "signature"])
def test_reserved_names_are_found_in_version_1_0_only(name: str) -> None:
    """A reserved name is found in version 1.0; a later minor version may define it (ENV-12)."""
    found = _said(json.dumps({**RESPONSE, name: None}))

    assert found == [(f"/{name}", "is there, but reserved in version 1.0", "ENV-12")]
    assert _said(json.dumps({**RESPONSE, name: None, "version": "1.1"})) == []


@pytest.mark.parametrize(
    ("payload", "reason", "requirements"),
    [
        (
            {"encoding": "text", "data": "\ud800"},
            "holds half of a surrogate pair: no UTF-8",
            "PAY-3",
        ),
        ({"encoding": "gzip+base64", "data": ""}, "is gzip data that is cut off", "PAY-4 PAY-11"),
        (
            {"encoding": "gzip+base64", "data": _packed(b"{}")[:-8]},
            "is gzip data that is cut off",
            "PAY-4 PAY-11",
        ),
        (
            {"encoding": "gzip+base64", "data": _packed(b"{}")[:-8] + "AAAAAAA="},
            "is no gzip data: incorrect",
            "PAY-4 PAY-11",
        ),
        (
            {"encoding": "gzip+base64", "data": base64.b64encode(b'{"order": 1}').decode()},
            "is no gzip data: incorrect header",
            "PAY-4 PAY-11",
        ),
        (
            {"encoding": "gzip+base64", "data": base64.b64encode(b"\x1f\x8b\x08").decode()},
            "is gzip data that is cut off",
            "PAY-4 PAY-11",
        ),
        (
            {"encoding": "gzip+base64", "data": _packed(b"\xff\xfe")},
            "expands to bytes that are no UTF-8",
            "PAY-7",
        ),
        (
            {"encoding": "gzip+base64", "data": _packed(b"x" * (LARGEST_PAYLOAD + 1))},
            "decodes to more than 6291556 bytes",
            "PAY-10",
        ),
        (
            {"encoding": "gzip+base64", "data": _packed(b"\0" * 20_000_000)},
            "decodes to more than 6291556 bytes",
            "PAY-10",
        ),
    ],
    ids=[
        "text-surrogate", "empty", "cut", "checksum", "no-gzip", "header-only", "no-utf8",
        "one-too-many", "bomb",
    ],
)  # fmt: skip
def test_a_payload_that_does_not_decode_is_found(
    payload: Members, reason: str, requirements: str
) -> None:
    """A payload's data is decoded, and what is wrong with it is found at /payload/data."""
    [(pointer, found, ids)] = _said(_with_payload(payload))

    assert found.startswith(reason)
    assert (pointer, ids) == ("/payload/data", requirements)


def test_an_error_has_a_payload_too() -> None:
    """The payload of an error is decoded as any other (ENV-27)."""
    payload = {"encoding": "gzip+base64", "data": "AAAA"}
    [(pointer, _, ids)] = _said(json.dumps({**ERROR, "error": {**_error(), "payload": payload}}))

    assert (pointer, ids) == ("/error/payload/data", "PAY-4 PAY-11")


def _error() -> Members:
    error = ERROR["error"]
    assert isinstance(error, dict)
    return error


def test_gzip_data_may_have_several_members() -> None:
    """Gzip files that follow one another are one payload (RFC 1952 section 2.2)."""
    data = base64.b64encode(gzip.compress(b"[1,") + gzip.compress(b"2]")).decode()

    assert _said(_with_payload({"encoding": "gzip+base64", "data": data})) == []


def test_a_payload_may_have_exactly_the_limit_of_lambda() -> None:
    """A payload of 6,291,556 bytes is fine (PAY-10)."""
    body = b"x" * LARGEST_PAYLOAD

    assert _said(_with_payload({"encoding": "gzip+base64", "data": _packed(body)})) == []


@pytest.mark.parametrize("encoding", ["text", "base64"])
def test_a_payload_beyond_the_limit_is_found_beside_the_size(encoding: str) -> None:
    """A payload that is too large as it stands is found, beside the size of the message."""
    found = _said(_with_payload({"encoding": encoding, "data": "AAAA" * 2_097_186}))

    assert {ids for _, _, ids in found} == {"PAY-8", "PAY-10"}


def test_data_that_is_no_base64_is_found_once() -> None:
    """Data that the schema refuses is not decoded into a second finding."""
    found = _said(_with_payload({"encoding": "base64", "data": "a b"}))

    assert [(pointer, ids) for pointer, _, ids in found] == [("/payload/data", "PAY-5")]


@pytest.mark.parametrize("name", ["errorType", "errorMessage"])
def test_texts_of_an_error_are_short_and_well_formed(name: str) -> None:
    """An error's texts have at most 1,024 bytes, and no halves of surrogate pairs (ENV-28)."""
    found = [
        _said(json.dumps({**ERROR, "error": {**_error(), name: text}}))
        for text in ("ä" * 512, "ä" * 513, "\udc00")
    ]

    assert found == [
        [],
        [(f"/error/{name}", "has 1026 bytes as UTF-8, more than 1024", "ENV-28")],
        [(f"/error/{name}", "holds half of a surrogate pair", "ENV-28")],
    ]


@pytest.mark.parametrize("error", [[], None, {"payload": []}, {"errorType": 1}])
def test_an_error_that_is_none_is_only_the_schemas_business(error: object) -> None:
    """An error of the wrong shape is found by the schema, and breaks nothing."""
    found = _said(json.dumps({**ERROR, "error": error}))

    assert {pointer.split("/")[1] for pointer, _, _ in found} == {"error"}


@given(payloads(), st.sampled_from(["result", "error"]))
def test_drawn_payloads_decode(payload: Members, place: str) -> None:
    """Every payload that is drawn as valid decodes."""
    envelope = (
        {**RESPONSE, "payload": payload}
        if place == "result"
        else {**ERROR, "error": {**_error(), "payload": payload}}
    )

    assert _said(json.dumps(envelope)) == []
