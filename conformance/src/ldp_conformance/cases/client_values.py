"""What went to a client, what came from it, and how often its handler ran, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ldp_conformance.witness import Message


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was sent.

    Attributes:
        message_id: Its message.
        request_id: Its `requestId`; empty if it is no envelope.
        nonce: The nonce of its event; empty if it has none.
        body: The text of the message.
        at_ms: When it was sent, epoch milliseconds.
    """

    message_id: str
    request_id: str
    nonce: str
    body: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A message of the client's that is an envelope.

    Attributes:
        envelope: What it says.
        message: The message.
    """

    envelope: dict[str, Any]
    message: Message


@dataclass(frozen=True, slots=True)
class HandlerError:
    """The error that a client answered with.

    Attributes:
        type: `errorType`.
        message: `errorMessage`.
        body: The error body that is passed on to the caller.
    """

    type: str
    message: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the handler, as it told it.

    Attributes:
        began_ms: When it began, epoch milliseconds.
        ended_ms: When it ended; None if it has not, or its process died.
        pid: Its process.
    """

    began_ms: int
    ended_ms: int | None
    pid: int
