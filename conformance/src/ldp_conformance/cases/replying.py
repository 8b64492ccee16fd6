"""The client's half of a check of proxies: replies to its requests, right ones and strange ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ldp_conformance import texts
from ldp_conformance.cases import payloads
from ldp_conformance.cases.on_stage import OnStage
from ldp_conformance.check import NonConformance

if TYPE_CHECKING:
    from ldp_conformance.witness import Message, WitnessQueue


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the proxy's that the suite took.

    Attributes:
        envelope: What it says; it is valid.
        message: The message that it came in.
    """

    envelope: dict[str, Any]
    message: Message

    @property
    def id(self) -> str:
        """`requestId`."""
        request_id: str = self.envelope["requestId"]
        return request_id

    @property
    def answer_by_ms(self) -> int:
        """`answerByMs`, of a request that somebody waits for."""
        return self._instant("answerByMs")

    @property
    def start_by_ms(self) -> int:
        """`startByMs`, of a request with a start window."""
        return self._instant("startByMs")

    def _instant(self, name: str) -> int:
        if name not in self.envelope:
            raise NonConformance(f"the request has no {name}", came=json.dumps(self.envelope))
        return int(self.envelope[name])


class Replying(OnStage):
    """The verbs of a case by which the suite plays the client, its rivals, and their mistakes."""

    def reply_queue_of(self, request: Request) -> WitnessQueue:
        """The queue that a request names in `replyTo`."""
        return self.witness.queue(request.envelope["replyTo"].rpartition("/")[2])

    def put(self, request: Request, reply: dict[str, Any] | str) -> str:
        """Put an envelope, or any text, into a request's reply queue; the message's ID."""
        text = reply if isinstance(reply, str) else json.dumps(reply)
        return self.reply_queue_of(request).send(text)

    def head(self, request: Request, kind: str) -> dict[str, Any]:
        """What every reply to a request begins with."""
        return {
            "version": "1.0",
            "kind": kind,
            "requestId": request.id,
            "answerByMs": request.answer_by_ms,
        }

    def response(self, request: Request, body: bytes | dict[str, Any]) -> dict[str, Any]:
        """The response with this result: its bytes, or the payload object that they are in."""
        payload = payloads.text(body.decode()) if isinstance(body, bytes) else body
        return self.head(request, "response") | {"payload": payload}

    def respond(self, request: Request, body: bytes | dict[str, Any] = b"{}") -> str:
        """Answer a request with a result; the message's ID."""
        return self.put(request, self.response(request, body))

    def failure(self, request: Request, body: bytes) -> dict[str, Any]:
        """The response with this error body."""
        told = texts.loads(body)
        error = {
            "errorType": told["errorType"],
            "errorMessage": told["errorMessage"],
            "payload": payloads.text(body.decode()),
        }
        return self.head(request, "response") | {"error": error}

    def respond_error(self, request: Request, body: bytes) -> str:
        """Answer a request with an error body; the message's ID."""
        return self.put(request, self.failure(request, body))

    def client(self, instance: str | None = None) -> dict[str, Any]:
        """What a client says of itself; None for an instance that no other is."""
        return {"instanceId": instance or self.uuid(), "name": "conformance"}

    def accept(self, request: Request, instance: str | None = None) -> str:
        """Accept a request; the message's ID."""
        envelope = self.head(request, "accepted") | {"client": self.client(instance)}
        return self.put(request, envelope)

    def decline(self, request: Request, reason: str = "filtered") -> str:
        """Decline a request; the message's ID."""
        envelope = self.head(request, "declined") | {"client": self.client(), "reason": reason}
        return self.put(request, envelope)

    def foreign(self, kind: str = "response", *, awaited_s: float = 60.0) -> dict[str, Any]:
        """A reply to a request that this proxy never sent.

        Args:
            kind: Its kind.
            awaited_s: For how long its `answerByMs` says that it is still awaited.
        """
        head = {
            "version": "1.0",
            "kind": kind,
            "requestId": self.uuid(),
            "answerByMs": self.witness.now_ms() + round(awaited_s * 1000),
        }
        if kind == "response":
            return head | {"payload": payloads.text('"foreign"')}
        reason = {"reason": "filtered"} if kind == "declined" else {}
        return head | {"client": self.client()} | reason
