"""Faults in what a request says."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Invocation, Running


@fault(
    "byte-order-mark",
    "ENV-1",
    red={"proxy.request.valid": "is not valid"},
    green=("proxy.wait.too-short",),
)
class ByteOrderMark(Proxy):
    """It writes a byte order mark before a request."""

    def write(self, envelope: dict[str, Any]) -> str:
        return "\ufeff" + super().write(envelope)


@fault(
    "twice-the-same-name",
    "ENV-3",
    red={"proxy.request.valid": "is not valid"},
    green=("proxy.wait.too-short",),
)
class TwiceTheSameName(Proxy):
    """It writes a member of a request twice."""

    def write(self, envelope: dict[str, Any]) -> str:
        return super().write(envelope).replace("{", '{"kind":"request",', 1)


@fault(
    "large-integer",
    "ENV-4",
    red={"proxy.request.valid": "is not valid"},
    green=("proxy.wait.too-short",),
)
class LargeInteger(Proxy):
    """It writes an integer that a double cannot hold."""

    def waiting_members(self, running: Running) -> dict[str, Any]:
        return super().waiting_members(running) | {"later": 2**60 + 1}


@fault(
    "raw-noncharacters",
    "ENV-5",
    red={"proxy.request.valid": "Proxy.QueueError"},
    green=("proxy.request.version",),
)
class RawNoncharacters(Proxy):
    """It does not escape U+FFFE and U+FFFF, which SQS refuses."""

    def write(self, envelope: dict[str, Any]) -> str:
        return json.dumps(envelope, ensure_ascii=False)


@fault("version-1.1", "ENV-7", red={"proxy.request.version": "the version is another"})
class Version11(Proxy):
    """It says that its requests are of version 1.1."""

    version = "1.1"


@fault(
    "version-2",
    "ENV-7",
    "ENV-10",
    red={"proxy.request.valid": "/version"},
    green=("proxy.wait.too-short",),
)
class Version2(Proxy):
    """It says that its requests are of version 2.0."""

    version = "2.0"


@fault(
    "reserved-name",
    "ENV-12",
    red={"proxy.request.version": "/environment is there"},
    green=("proxy.wait.too-short",),
)
class ReservedName(Proxy):
    """It uses a reserved name."""

    def waiting_members(self, running: Running) -> dict[str, Any]:
        return super().waiting_members(running) | {"environment": {}}


@fault("one-id-for-all", "EXC-1", red={"proxy.request.new-id": "two requests have one ID"})
class OneIdForAll(Proxy):
    """It has one request ID for all of its requests."""

    def request_id(self, invocation: Invocation) -> str:
        del invocation
        return "3b241101-e2bb-4255-8caf-4136c566a962"


@fault("id-of-lambda", "EXC-1", red={"proxy.request.new-id": "is Lambda's own"})
class IdOfLambda(Proxy):
    """It takes Lambda's ID of the invocation for its own."""

    def request_id(self, invocation: Invocation) -> str:
        return str(invocation.context["awsRequestId"])


@fault("counted-ids", "EXC-1", red={"proxy.request.new-id": "is no random UUID"})
class CountedIds(Proxy):
    """It counts its requests."""

    def request_id(self, invocation: Invocation) -> str:
        del invocation
        return f"request-{len(self.finished)}"


@fault("seconds", "ENV-6", red={"proxy.request.sent-at": "ms away from the sending"})
class Seconds(Proxy):
    """It writes the time of sending in seconds."""

    def envelope(
        self, invocation: Invocation, running: Running, payload: dict[str, Any], now_ms: int
    ) -> dict[str, Any]:
        return super().envelope(invocation, running, payload, now_ms // 1000)


@fault(
    "wrong-reply-queue",
    "ENV-18",
    red={"proxy.request.reply-to": "names another queue"},
    green=("proxy.wait.too-short",),
)
class WrongReplyQueue(Proxy):
    """It names another queue than the one that it listens to."""

    def reply_to(self, running: Running) -> str:
        del running
        return self.settings.request_url


@fault(
    "modest",
    "ENV-20",
    red={
        "proxy.request.max-reply-bytes": "not what the queue takes",
        "proxy.dedicated.settings": "not what the queue takes",
    },
)
class Modest(Proxy):
    """It asks for smaller replies than its queue takes."""

    def max_reply_bytes(self) -> int:
        return 262_144


@fault("always-s3", "ENV-19", red={"proxy.request.encodings": "s3 is listed without a bucket"})
class AlwaysS3(Proxy):
    """It asks for claim checks that it cannot collect."""

    def accept_encodings(self) -> list[str]:
        return ["text", "base64", "gzip+base64", "s3"]


@fault("never-s3", "ENV-19", red={"proxy.request.encodings-s3": "s3 is not listed"})
class NeverS3(Proxy):
    """It does not say that it can collect claim checks."""

    def accept_encodings(self) -> list[str]:
        return ["text", "base64", "gzip+base64"]


@fault(
    "without-text",
    "ENV-19",
    red={"proxy.request.encodings": "/acceptEncodings"},
    green=("proxy.wait.too-short",),
)
class WithoutText(Proxy):
    """It does not ask for text."""

    def accept_encodings(self) -> list[str]:
        return ["gzip+base64"]


@fault("another-name", "ENV-21", red={"proxy.request.context": "functionName is another"})
class AnotherName(Proxy):
    """It gives the function its own name."""

    def context(self, invocation: Invocation) -> dict[str, Any]:
        return super().context(invocation) | {"functionName": "proxy"}


@fault("another-deadline", "ENV-21", red={"proxy.request.context": "ms away from the deadline"})
class AnotherDeadline(Proxy):
    """It makes up the handler's deadline."""

    def context(self, invocation: Invocation) -> dict[str, Any]:
        return super().context(invocation) | {"deadlineMs": invocation.deadline_ms + 60_000}


@fault("no-client-context", "ENV-21", red={"proxy.request.client-context": "no clientContext"})
class NoClientContext(Proxy):
    """It forgets the caller's client context."""

    def context(self, invocation: Invocation) -> dict[str, Any]:
        told = super().context(invocation)
        return {name: value for name, value in told.items() if name != "clientContext"}


@fault(
    "tidied-client-context",
    "ENV-22",
    red={"proxy.request.client-context-text": "is another text"},
    green=("proxy.request.client-context",),
)
class TidiedClientContext(Proxy):
    """It parses the client context and writes it again."""

    def context(self, invocation: Invocation) -> dict[str, Any]:
        told = dict(super().context(invocation))
        if "clientContext" in told:
            told["clientContext"] = json.dumps(json.loads(told["clientContext"]))
        return told


@fault("attributes", "SQS-11", red={"proxy.request.no-attributes": "has the attribute version"})
class Attributes(Proxy):
    """It gives its messages a message attribute."""

    def sqs(self, operation: str, *, wait_s: float = 0.0, **request: Any) -> dict[str, Any]:
        if operation == "SendMessage":
            value = {"DataType": "String", "StringValue": "1.0"}
            request["MessageAttributes"] = {"version": value}
        return super().sqs(operation, wait_s=wait_s, **request)


@fault("drains-first", "EXC-9", red={"proxy.request.first": "came before the request"})
class DrainsFirst(Proxy):
    """It empties the reply queue before it sends."""

    def send_request(self, invocation: Invocation, running: Running) -> None:
        self.receive(running.reply_url, 1)
        super().send_request(invocation, running)


@fault("purges-first", "EXC-9", red={"proxy.request.first": "came before the request"})
class PurgesFirst(Proxy):
    """It purges the reply queue before it sends."""

    def send_request(self, invocation: Invocation, running: Running) -> None:
        self.sqs("PurgeQueue", QueueUrl=running.reply_url)
        super().send_request(invocation, running)


@fault("leaks-variables", "SEC-5", red={"proxy.request.no-secrets": "is in the request"})
class LeaksVariables(Proxy):
    """It puts its environment variables into the request."""

    def waiting_members(self, running: Running) -> dict[str, Any]:
        return super().waiting_members(running) | {"variables": dict(os.environ)}
