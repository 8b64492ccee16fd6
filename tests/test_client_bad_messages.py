"""Messages that are no valid requests: none reaches a handler, none is lost, none ends a client."""

from __future__ import annotations

import base64
import gzip
import json
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import Encoding, HandlerError, Inline, RequestId, Response
from ldp_wire.exchange import Answer
from ldp_wire.limits import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ldp_testing.client_stage import ClientStage
    from ldp_wire.envelopes import Request

    Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bad:
    """A way in which a request is bad input.

    Attributes:
        name: Of the test.
        spoil: Makes it so.
        requirement: What it breaks.
        answered: Whether its caller is told (SES-31).
    """

    name: str
    spoil: Callable[[Members], None]
    requirement: str
    answered: bool = True


def _payload(encoding: str, data: str) -> Callable[[Members], None]:
    def spoil(members: Members) -> None:
        members["payload"] = {"encoding": encoding, "data": data}

    return spoil


def _set(name: str, value: object) -> Callable[[Members], None]:
    def spoil(members: Members) -> None:
        members[name] = value

    return spoil


def _reply_to(host: str, account: str, more: str) -> Callable[[Members], None]:
    def spoil(members: Members) -> None:
        name = members["replyTo"].rpartition("/")[2]
        members["replyTo"] = f"http://{host}/{account}/{name}{more}"

    return spoil


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


BOMB = gzip.compress(b" " * (MAX_PAYLOAD_BYTES + 1))

BAD = [
    Bad("another major version", _set("version", "2.0"), "ENV-10"),
    Bad("no version", lambda members: members.pop("version"), "ENV-7", answered=False),
    Bad("an unknown kind", _set("kind", "demand"), "ENV-10"),
    Bad("a missing context", lambda members: members.pop("context"), "ENV-15"),
    Bad("a request ID of other characters", _set("requestId", "../x"), "ENV-13", answered=False),
    Bad("a queue of another account", _reply_to("h", "999999999999", ""), "SEC-2", answered=False),
    Bad("a queue of another name", _reply_to("h", "123456789012", "-x"), "SEC-2", answered=False),
    Bad("an unknown encoding", _payload("rot13", "x"), "PAY-11"),
    Bad("damaged gzip", _payload("gzip+base64", _packed(b"\x1f\x8bnonsense")), "PAY-11"),
    Bad("truncated gzip", _payload("gzip+base64", _packed(gzip.compress(b"{}")[:-4])), "PAY-11"),
    Bad("a gzip bomb", _payload("gzip+base64", _packed(BOMB)), "PAY-10"),
]


def _spoiled(request: Request, bad: Bad) -> str:
    members: Members = json.loads(encode(request))
    bad.spoil(members)
    return json.dumps(members)


def _kept(folder: Path) -> list[Members]:
    files = sorted((folder / "state" / "bad").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    return [json.loads(file.read_text()) for file in files]


@pytest.fixture
def request_(clients: ClientStage) -> Request:
    """A request that would be valid."""
    return clients.caller.request(clients.switchboard.event())


def test_bad_messages_of_every_sort_are_kept_and_answered_where_they_can_be(
    clients: ClientStage,
) -> None:
    """Each is recorded, deleted, and told to a caller who can be (SES-29..31, SEC-1..3, SEC-7)."""
    client = clients.client()
    by_body = {}
    for number, bad in enumerate(BAD):
        request = clients.caller.request(clients.switchboard.event())
        request = replace(request, request_id=RequestId(f"bad-{number}"))
        by_body[_spoiled(request, bad)] = (bad, request)
    for body in by_body:
        clients.caller.requests.send(body)
    for _ in by_body:
        client.wait_for("notice", kind="bad-message")
    clients.caller.wait_until_requests_left(0)

    kept = {message["body"]: message for message in _kept(client.folder)}
    assert kept.keys() == by_body.keys()
    for body, (bad, _) in by_body.items():
        assert kept[body]["requirement"] == bad.requirement, bad.name
        assert kept[body]["reason"]
    answered = {request.request_id for bad, request in by_body.values() if bad.answered}
    assert _refusals(clients) == answered
    clients.switchboard.assert_quiet()
    assert clients.caller.invoke({"n": 1}).result() == {"n": 1}


def _refusals(clients: ClientStage) -> set[RequestId]:
    """The requests that lie refused in the response queue."""
    refused = set()
    while messages := clients.caller.replies.receive(wait_s=0, visibility_s=60, max_messages=10):
        for message in messages:
            response = decode(message.body)
            assert isinstance(response, Response)
            assert isinstance(response.result, HandlerError)
            assert response.result.error_type == "Client.BadRequest"
            refused.add(response.request_id)
            clients.caller.replies.delete(message.receipt)
    return refused


@pytest.mark.parametrize(
    "body", ["no JSON", "[]", "{}", '{"version": "1.0"', "\u2028", '{"kind": "request"}']
)
def test_what_is_no_envelope_is_kept_as_it_is(clients: ClientStage, body: str) -> None:
    """Text that nobody sent as a request is written down and deleted (SES-30)."""
    client = clients.client()
    clients.caller.requests.send(body)
    notice = client.wait_for("notice", kind="bad-message")
    clients.caller.wait_until_requests_left(0)

    (kept,) = _kept(client.folder)
    assert kept["body"] == body
    assert kept["requirement"].startswith("ENV-")
    assert str(client.folder / "state" / "bad") in notice["message"]
    assert clients.tap.calls("SendMessage") == []


def test_a_reply_in_the_request_queue_is_bad_input(clients: ClientStage) -> None:
    """Queues that were mixed up are recognised (ENV-10)."""
    client = clients.client()
    request = clients.caller.request({})
    assert request.terms is not None
    result = Inline(Encoding.TEXT, "1")
    response = Response(request.request_id, request.terms.answer_by_ms, result)
    clients.caller.requests.send(encode(response))

    notice = client.wait_for("notice", kind="bad-message")
    assert "which queue is which" in notice["message"]
    clients.caller.wait_until_requests_left(0)


def test_the_proxy_of_a_bad_request_fails_at_once(clients: ClientStage) -> None:
    """A caller hears what is wrong instead of waiting for its deadline (SES-31, ERR-13)."""
    clients.client()
    request = clients.caller.request(clients.switchboard.event())
    payload = Inline(Encoding.GZIP_BASE64, _packed(b"nonsense"))
    exchange = clients.caller.send(replace(request, payload=payload))
    outcome = exchange.outcome()

    assert isinstance(outcome, Answer)
    assert outcome.error is not None
    assert outcome.error.error_type == "Client.BadRequest"
    assert "gzip" in outcome.error.error_message
    clients.switchboard.assert_quiet()


def test_an_answer_goes_to_the_clients_own_endpoint(clients: ClientStage) -> None:
    """The host that a request names is never called (SEC-1)."""
    clients.client()
    request = clients.caller.request({"n": 1})
    assert request.terms is not None
    name = clients.caller.response_queue
    elsewhere = f"http://192.0.2.1/123456789012/{name}"
    exchange = clients.caller.send(
        replace(request, terms=replace(request.terms, reply_to=elsewhere))
    )

    assert exchange.result() == {"n": 1}
    (send,) = clients.tap.calls("SendMessage")
    assert send.parameters["QueueUrl"] == clients.caller.response_url


def test_a_redrive_policy_takes_bad_messages_away(clients: ClientStage) -> None:
    """Where SQS moves bad messages by itself, a client leaves them alone (SES-30)."""
    clients.caller.request_url, dead_letters = clients.server.create_queue_with_redrive(1)
    clients.caller.requests = clients.caller.requests.beside(clients.caller.request_url)
    client = clients.client()
    clients.caller.requests.send("no JSON")
    client.wait_for("notice", kind="bad-message")

    assert clients.tap.calls("DeleteMessage") == []
    clients.caller.request_url = dead_letters
    clients.caller.wait_until_requests_left(1)
