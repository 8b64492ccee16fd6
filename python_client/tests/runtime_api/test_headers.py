from __future__ import annotations

import json

import h11
from hypothesis import given
from hypothesis import strategies as st

from ldp_client.runtime_api import Invocation
from ldp_client.runtime_api.headers import next_headers


def test_required_headers_stand_alone_when_nothing_else_is_known() -> None:
    """None and empty texts are left out, as Lambda leaves them out."""
    invocation = Invocation("r-1", 1718072241165, "arn:aws:lambda:x", b"{}", trace_id="")

    assert next_headers(invocation) == (
        ("Content-Type", b"application/json"),
        ("Lambda-Runtime-Aws-Request-Id", b"r-1"),
        ("Lambda-Runtime-Deadline-Ms", b"1718072241165"),
        ("Lambda-Runtime-Invoked-Function-Arn", b"arn:aws:lambda:x"),
    )


def test_optional_headers_follow_when_known() -> None:
    """Trace, client context, identity, tenant and attempt nonce have a header each."""
    invocation = Invocation(
        "r-1",
        1,
        "arn",
        b"{}",
        trace_id="Root=1-2-3",
        tenant_id="blue",
        invocation_id="n-1",
        client_context='{"custom":{}}',
        cognito_identity='{"cognitoIdentityId":"c"}',
    )

    assert next_headers(invocation)[4:] == (
        ("Lambda-Runtime-Trace-Id", b"Root=1-2-3"),
        ("Lambda-Runtime-Client-Context", b'{"custom":{}}'),
        ("Lambda-Runtime-Cognito-Identity", b'{"cognitoIdentityId":"c"}'),
        ("Lambda-Runtime-Aws-Tenant-Id", b"blue"),
        ("Lambda-Runtime-Invocation-Id", b"n-1"),
    )


def test_pretty_printed_client_context_keeps_its_meaning() -> None:
    """Line breaks between JSON tokens become spaces, since a header is one line."""
    value = {"custom": {"ключ": "значение"}}
    pretty = json.dumps(value, indent=2, ensure_ascii=False)
    headers = dict(next_headers(Invocation("r", 1, "arn", b"{}", client_context=pretty)))

    assert json.loads(headers["Lambda-Runtime-Client-Context"]) == value


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_text_makes_a_legal_header(context: str, trace_id: str) -> None:
    """Neither control characters nor lone surrogates make an illegal header line."""
    invocation = Invocation("r", 1, "arn", b"", client_context=context, trace_id=trace_id)
    headers = [(name.encode(), value) for name, value in next_headers(invocation)]

    h11.Response(status_code=200, headers=headers)
