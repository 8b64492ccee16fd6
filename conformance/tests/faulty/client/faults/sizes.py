"""Faults in sizes, and in what a client says where nothing fits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from faulty.client.answers import Answers
from faulty.client.faults.registry import fault
from faulty.client.payloads import Payloads, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from faulty.client.exchange import Exchange
    from faulty.client.runtime import Outcome


@fault(
    "always-compresses",
    "PAY-7",
    red={"client.payload.simplest-form": "the result is not sent as text"},
    green=("client.payload.next-form",),
)
class AlwaysCompresses(Payloads):
    """It compresses what would fit as text."""

    def forms(self, data: bytes) -> tuple[str, ...]:
        return ("gzip+base64", *super().forms(data))


@fault(
    "never-compresses",
    "PAY-7",
    red={
        "client.payload.next-form": "the answer is the error Client.ResultTooLarge: A message for",
        "client.payload.largest-result": "the answer is the error Client.ResultTooLarge: A",
    },
    green=("client.payload.simplest-form",),
)
class NeverCompresses(Payloads):
    """It goes to the bucket, or fails, where gzip would fit."""

    def forms(self, data: bytes) -> tuple[str, ...]:
        return tuple(form for form in super().forms(data) if form != "gzip+base64")


@fault(
    "counts-characters",
    "PAY-8",
    red={"client.payload.bytes-not-characters": "the message has"},
    green=("client.payload.smaller-queue",),
)
class CountsCharacters(Payloads):
    """It counts characters where SQS counts bytes."""

    def size(self, body: str) -> int:
        return len(body)


@fault(
    "ignores-max-reply-bytes",
    "PAY-8",
    red={"client.payload.bytes-not-characters": "the message has"},
    green=("client.payload.smaller-queue",),
)
class IgnoresMaxReplyBytes(Payloads):
    """It does not look at the largest message that the reply queue takes."""

    def allowed(self, _exchange: Exchange) -> int:
        return 1_048_576


@fault(
    "forgets-the-envelope",
    "PAY-8",
    red={"client.payload.exact-fit": "the answer is no error"},
    green=("client.payload.smaller-queue",),
)
class ForgetsTheEnvelope(Payloads):
    """It measures the payload, and not the message around it."""

    def size(self, body: str) -> int:
        envelope = json.loads(body)
        payload = envelope.get("payload") or envelope["error"]["payload"]
        return len(payload["data"].encode())


@fault(
    "counts-too-much",
    "PAY-7",
    "PAY-8",
    red={
        "client.payload.exact-fit": "the answer is the error Client.ResultTooLarge: A message for"
    },
    green=("client.payload.smaller-queue",),
)
class CountsTooMuch(Payloads):
    """It keeps a kilobyte of the limit for itself."""

    def size(self, body: str) -> int:
        return super().size(body) + 1024


@fault(
    "drops-large-results",
    "PAY-9",
    "ERR-12",
    red={"client.payload.error-too-large": "no response came"},
    green=("client.payload.smaller-queue",),
)
class DropsLargeResults(Answers):
    """It deletes a request whose result is too large, and says nothing to its caller."""

    def body(self, exchange: Exchange, outcome: Outcome) -> str:
        body = super().body(exchange, outcome)
        return "" if "Client.ResultTooLarge" in body else body

    def send_and_settle(self, exchange: Exchange, body: str) -> None:
        if body:
            super().send_and_settle(exchange, body)
        else:
            self.port.settling.discard(exchange, "its result is too large")


@fault(
    "names-no-limit",
    "ERR-12",
    "ERR-2",
    red={"client.payload.noise-fits-nowhere": "the message does not name the limit of"},
    green=("client.payload.smaller-queue",),
)
class NamesNoLimit(Answers):
    """It says that a result is too large, and not what the limit is."""

    def own_failure(self, frozen: Any, kind: str, message: str) -> str:
        if kind == "Client.ResultTooLarge":
            message = "The result is too large."
        return super().own_failure(frozen, kind, message)


@fault(
    "calls-failures-its-own-way",
    "ERR-1",
    "ERR-11",
    "ERR-12",
    "ERR-13",
    red={
        "client.error.types": "the error has no type that is known",
        "client.payload.noise-fits-nowhere": "the error is of another type",
        "client.payload.smaller-queue": "the error is of another type",
        "client.payload.missing-object": "a request with an object that is not there: the error i",
    },
    green=("client.error.unserialisable",),
)
class CallsFailuresItsOwnWay(Answers):
    """It has names of its own for its failures."""

    def own_failure(self, frozen: Any, kind: str, message: str) -> str:
        return super().own_failure(frozen, kind.replace("Client.", "DebugClient."), message)


@fault(
    "has-no-words",
    "ERR-2",
    red={"client.error.types": "the message says nothing"},
    green=("client.error.discretion",),
)
class HasNoWords(Answers):
    """Its failures have a type and no message."""

    def own_failure(self, frozen: Any, kind: str, _message: str) -> str:
        return super().own_failure(frozen, kind, "")


@fault(
    "unpacks-without-end",
    "PAY-10",
    red={"client.payload.too-large-event": "of event: the answer is no error"},
    green=("client.payload.beyond-lambda",),
)
class UnpacksWithoutEnd(Payloads):
    """It has no limit for what it decodes."""

    limit_bytes = 1 << 40


@fault(
    "ignores-accept-encodings",
    "PAY-12",
    red={
        "client.payload.only-accepted-forms": "the answer is no error",
        "client.payload.claim-last": "the result is in another form",
    },
    green=("client.start.answers",),
)
class IgnoresAcceptEncodings(Payloads):
    """It answers in forms that the proxy cannot read."""

    def may(self, encoding: str, _exchange: Exchange) -> bool:
        return encoding != "s3" or bool(self.port.settings.bucket)


@fault(
    "cuts-large-results",
    "PAY-9",
    "PAY-2",
    red={
        "client.payload.error-too-large": "the error is of another type",
        "client.payload.beyond-lambda": "the answer is no error",
    },
    green=("client.payload.smaller-queue",),
)
class CutsLargeResults(Payloads):
    """It sends as much of a large result as fits."""

    def encode(
        self, data: bytes, exchange: Exchange, body_of: Callable[[dict[str, Any]], str]
    ) -> str:
        try:
            return super().encode(data, exchange, body_of)
        except TooLargeError:
            head = data[: self.allowed(exchange) // 8].decode(errors="ignore")
            return body_of({"encoding": "text", "data": head})


@fault(
    "refuses-large-events",
    "PAY-10",
    "PAY-1",
    red={
        "client.payload.largest-event": "the answer is the error Client.BadRequest: The request i"
    },
    green=("client.payload.no-utf-8",),
)
class RefusesLargeEvents(Payloads):
    """It takes no more than six million bytes."""

    limit_bytes = 6_000_000
