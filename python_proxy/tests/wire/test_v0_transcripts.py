"""The specification's transcripts of version 0, played to a session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ldp_testing.deliveries import TRUST, Delivered, the
from ldp_testing.v0_transcripts import DEADLINE_MS, Transcript, expand, transcripts
from ldp_testing.wire_stage import new_session
from ldp_wire.actions import Returned, Send, Start
from ldp_wire.arrivals import Arrival, read
from pages import Page

TRANSCRIPTS = transcripts()
SENT_AT_MS = DEADLINE_MS - 60_000
NOW_MS = SENT_AT_MS + 5_000


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS.keys())
def test_a_transcript_is_what_a_session_does(transcript: Transcript) -> None:
    """The event is the text that was sent, and the answer is one that the proxy reads (V0-4)."""
    found = read(Delivered(transcript.request, sent_at_ms=SENT_AT_MS), TRUST)
    assert isinstance(found, Arrival)
    session = new_session()
    start = the(Start, session.receive(found, None, NOW_MS))
    assert start.event == transcript.event
    ended = session.handler_ended(found.request_id, Returned(transcript.result), NOW_MS)

    text = the(Send, ended).text
    if transcript.is_bare:
        assert text == transcript.result.decode()
    else:
        assert text != transcript.result.decode()
        assert expand(text) == expand(transcript.example) == transcript.result


def test_the_appendix_shows_a_transcript() -> None:
    """The example of a request is one that is played here."""
    appendix = Path(__file__).parents[3] / "spec" / "v1" / "v0.md"
    request, _answer = (fence.body for fence in Page.read(appendix).fences)
    shown = TRANSCRIPTS["client context and identity"]

    assert json.loads(request) == json.loads(shown.request)


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS.keys())
def test_a_transcripts_context_is_what_the_handler_is_told(transcript: Transcript) -> None:
    """Client context and identity have the names that runtimes look for (V0-2)."""
    found = read(Delivered(transcript.request), TRUST)
    assert isinstance(found, Arrival)
    context, told = found.request.context, transcript.context

    assert context.aws_request_id == transcript.aws_request_id
    assert (context.client_context is None) is ("clientContext" not in told)
    assert (context.identity is None) is ("identity" not in told)
    if context.client_context is not None and context.identity is not None:
        assert json.loads(context.client_context) == told["clientContext"]
        assert told["identity"] == {
            "cognitoIdentityId": context.identity.cognito_identity_id,
            "cognitoIdentityPoolId": context.identity.cognito_identity_pool_id,
        }
