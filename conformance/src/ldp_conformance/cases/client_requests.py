"""What the suite sends to a client: whole requests, made for one purpose each, and how they go.

The suite plays the proxy and the caller.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases import payloads
from ldp_conformance.cases.client_values import Sent
from ldp_conformance.cases.on_stage import OnStage

if TYPE_CHECKING:
    from ldp_conformance.ports.setups import ClientSetup
    from ldp_conformance.witness import WitnessQueue

FUNCTION_ARN: Final = "arn:aws:lambda:eu-west-1:123456789012:function:conformance"


class ClientRequests(OnStage):
    """One side of a check's view of a client: what it can be sent."""

    @property
    def setup(self) -> ClientSetup:
        """How the client was started."""
        setup: ClientSetup = self.stage.setup  # type: ignore[assignment] # a client's stage has one
        return setup

    @property
    def has_exact_numbers(self) -> bool:
        """Whether the handler's JSON tells 1 from 1.0; the manifest says so."""
        return self.manifest.has_exact_numbers

    def queue_of(self, name: str) -> WitnessQueue:
        """The queue of this name, made if there is none."""
        try:
            return self.witness.queue(name)
        except KeyError:
            return self.witness.create_queue(name)

    def request(
        self, do: str = "echo", *, nonce: str | None = None, answer_in_s: float = 30.0, **more: Any
    ) -> dict[str, Any]:
        """A whole request that asks the handler for something; change it as you like.

        Args:
            do: What the handler is to do.
            nonce: The event's; None for a fresh one.
            answer_in_s: How long the caller waits.
            more: Further members of the event.
        """
        now_ms = self.witness.now_ms()
        event = {"do": do, "nonce": nonce or self.fresh("nonce"), **more}
        return {
            "version": "1.0",
            "kind": "request",
            "requestId": self.uuid(),
            "replyTo": self.reply_queue.url,
            "sentAtMs": now_ms,
            "answerByMs": now_ms + round(answer_in_s * 1000),
            "oneWay": False,
            "maxReplyBytes": 1_048_576,
            "acceptEncodings": ["text", "base64", "gzip+base64", "s3"],
            "context": self._context(now_ms + round(answer_in_s * 1000) + 1000),
            "payload": payloads.text(json.dumps(event)),
        }

    def one_way(self, do: str = "echo", **more: Any) -> dict[str, Any]:
        """A whole request that nobody waits for the answer of."""
        request = self.request(do, **more)
        for name in ("replyTo", "answerByMs", "maxReplyBytes", "acceptEncodings"):
            del request[name]
        return request | {"oneWay": True}

    def in_start_window(
        self, do: str = "echo", *, start_in_s: float = 20.0, **more: Any
    ) -> dict[str, Any]:
        """A whole request whose handler may be started only after an `accepted`, in time."""
        request = self.request(do, **more)
        return request | {"startByMs": self.witness.now_ms() + round(start_in_s * 1000)}

    def _context(self, deadline_ms: int) -> dict[str, Any]:
        return {
            "awsRequestId": self.uuid(),
            "functionName": "conformance",
            "functionVersion": "$LATEST",
            "invokedFunctionArn": FUNCTION_ARN,
            "memoryLimitInMb": 128,
            "logGroupName": "/aws/lambda/conformance",
            "logStreamName": "2026/11/23/[$LATEST]5f3a1c0de9b84a7c",
            "deadlineMs": deadline_ms,
        }

    def send(self, request: dict[str, Any] | str) -> Sent:
        """Put a request, or any text, into the request queue."""
        body = request if isinstance(request, str) else json.dumps(request, ensure_ascii=True)
        envelope = request if isinstance(request, dict) else {}
        event = self.event_of(envelope)
        sent = Sent(
            message_id=self.requests.send(body),
            request_id=str(envelope.get("requestId", "")),
            nonce=str(event.get("nonce", "")),
            body=body,
            at_ms=self.witness.now_ms(),
        )
        self.sent_texts.append(body)
        return sent

    @staticmethod
    def event_of(request: dict[str, Any]) -> dict[str, Any]:
        """The event of a request whose payload is text; empty for another."""
        payload = request.get("payload")
        if not isinstance(payload, dict) or payload.get("encoding") != "text":
            return {}
        try:
            event = texts.loads(payload["data"])
        except (KeyError, TypeError, ValueError):
            return {}
        return event if isinstance(event, dict) else {}
