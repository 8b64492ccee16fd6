"""Sessions, exchanges and documents in the states that tests of the core start from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from ldp_testing.deliveries import ANSWER_BY_MS, CLIENT, NOW_MS, REQUEST, arrival, kinds, the
from ldp_wire.actions import Notice, NoticeKind, Record, Returned, Send, Status
from ldp_wire.codec import decode, encode
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.exchange import ProxyExchange
from ldp_wire.failures import Failure, FailureType
from ldp_wire.replies import ReplyDesk
from ldp_wire.session import ClientSession, SessionSettings

if TYPE_CHECKING:
    from ldp_wire.actions import Action
    from ldp_wire.envelopes import Envelope, Request

ID: Final = REQUEST.request_id
KEEP_UNTIL_MS: Final = ANSWER_BY_MS + 3_600_000
SETTINGS: Final = SessionSettings(CLIENT, lease_s=20, handlers=1, max_message_bytes=1_048_576)


def new_session(settings: SessionSettings = SETTINGS) -> ClientSession:
    """A session that listens."""
    return ClientSession(settings)


def running_session(request: Request = REQUEST) -> ClientSession:
    """A session whose handler runs on a request."""
    session = new_session()
    assert kinds(session.receive(arrival(request), None, NOW_MS)) == ["Start"]
    return session


def answering_session() -> tuple[ClientSession, Send]:
    """A session whose answer is on its way, and that answer."""
    session = running_session()
    return session, the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS))


def notices_of(actions: list[Action]) -> list[NoticeKind]:
    """What the developer is told."""
    return [action.kind for action in actions if isinstance(action, Notice)]


def acts_of(actions: list[Action]) -> list[Action]:
    """Everything but what the developer is told."""
    return [action for action in actions if not isinstance(action, Notice)]


def record_of(status: Status, reason: str) -> Record:
    """What the journal has to keep of the request."""
    return Record(ID, status, reason, KEEP_UNTIL_MS)


def begun_exchange(request: Request = REQUEST, desk: ReplyDesk | None = None) -> ProxyExchange:
    """An exchange whose request is not stored yet."""
    return ProxyExchange(request, desk or ReplyDesk(), begun_ms=NOW_MS)


def stored_exchange(request: Request = REQUEST, desk: ReplyDesk | None = None) -> ProxyExchange:
    """An exchange that awaits its answer."""
    exchange = begun_exchange(request, desk)
    exchange.stored(NOW_MS)
    return exchange


def failure_of(exchange: ProxyExchange) -> FailureType:
    """How an exchange failed."""
    assert isinstance(exchange.outcome, Failure), exchange.outcome
    return exchange.outcome.type


def document_of(envelope: Envelope) -> dict[str, object]:
    """An envelope as the JSON object that it is on the wire."""
    document: dict[str, object] = json.loads(encode(envelope))
    return document


def with_members(envelope: Envelope = REQUEST, /, **members: object) -> str:
    """The text of an envelope with other members."""
    return json.dumps({**document_of(envelope), **members})


def refusal_of(text: str) -> RemoteProtocolError:
    """Why the codec refuses a text."""
    with pytest.raises(RemoteProtocolError) as caught:
        decode(text)
    return caught.value


def opened(value: object) -> dict[str, object]:
    """A member that is an object."""
    assert isinstance(value, dict)
    return value
