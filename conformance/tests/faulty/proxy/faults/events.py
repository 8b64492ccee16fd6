"""Faults in how an event is written down."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import CallFailed, ProxyError
from faulty.proxy.exchange import Outcome
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Invocation, Running


@fault(
    "tidied-events",
    "PAY-1",
    red={"proxy.event.bytes": "became"},
    green=("proxy.start.exchange", "proxy.answer.bytes"),
)
class TidiedEvents(Proxy):
    """It parses an event and writes it again."""

    def write_payload(self, encoding: str, event: bytes, request_id: str) -> dict[str, Any]:
        tidy = json.dumps(json.loads(event)).encode()
        return super().write_payload(encoding, tidy, request_id)


@fault(
    "always-gzip",
    "PAY-7",
    red={"proxy.event.bytes": "it travels as", "proxy.event.to-the-limit": "travels as gzip"},
    green=("proxy.event.gzip",),
)
class AlwaysGzip(Proxy):
    """It compresses small events, too."""

    def forms(self, event: bytes) -> list[str]:
        return ["gzip+base64", *super().forms(event)]


@fault(
    "never-gzip",
    "PAY-7",
    red={"proxy.event.gzip": "EventTooLarge", "proxy.event.bytes-not-characters": "EventTooLarge"},
    green=("proxy.event.bytes",),
)
class NeverGzip(Proxy):
    """It does not compress."""

    def forms(self, event: bytes) -> list[str]:
        return [name for name in super().forms(event) if name != "gzip+base64"]


@fault(
    "counts-characters",
    "PAY-8",
    red={"proxy.event.bytes-not-characters": "QueueError"},
    green=("proxy.event.gzip", "proxy.event.to-the-limit"),
)
class CountsCharacters(Proxy):
    """It counts characters where SQS counts bytes."""

    def size_of(self, body: str) -> int:
        return len(body)


@fault(
    "old-limit",
    "PAY-8",
    red={"proxy.event.to-the-limit": "not as text"},
    green=("proxy.event.gzip",),
)
class OldLimit(Proxy):
    """It believes that SQS takes 256 KiB."""

    largest_message = 262_144

    def max_reply_bytes(self) -> int:
        return 1_048_576


@fault(
    "deaf-to-limits",
    "PAY-8",
    red={"proxy.event.queue-limit": "QueueError"},
    green=("proxy.event.to-the-limit",),
)
class DeafToLimits(Proxy):
    """It does not make a message smaller that the queue refuses for its size."""

    def send_request(self, invocation: Invocation, running: Running) -> None:
        self.send(self.fitting(invocation, running, self.largest_message), running)


@fault("too-large-untold", "ERR-4", red={"proxy.event.too-large": "does not name LAMBDA_PROXY"})
class TooLargeUntold(Proxy):
    """It does not say what lifts the limit."""

    def fitting(self, invocation: Invocation, running: Running, limit: int) -> str:
        try:
            return super().fitting(invocation, running, limit)
        except ProxyError as error:
            raise ProxyError(error.error_type, f"The limit is {limit} bytes.") from error


@fault("too-large-dropped", "PAY-9", red={"proxy.event.too-large": "got a result"})
class TooLargeDropped(Proxy):
    """It drops what is too large, and says that all is well."""

    def exchange(self, invocation: Invocation) -> Outcome:
        try:
            return super().exchange(invocation)
        except ProxyError as error:
            if error.error_type == "Proxy.EventTooLarge":
                return Outcome(b"null")
            raise


class _OtherKey(Proxy):
    pattern = ""
    replacement = ""

    def put_object(self, key: str, body: bytes) -> None:
        super().put_object(re.sub(self.pattern, self.replacement, key), body)

    def claim_check(self, event: bytes, request_id: str) -> dict[str, Any]:
        claim = super().claim_check(event, request_id)
        return claim | {"key": re.sub(self.pattern, self.replacement, claim["key"])}


@fault("flat-keys", "PAY-13", red={"proxy.claim.event": "the key has another form"})
class FlatKeys(_OtherKey):
    """It stores events under keys without the request ID."""

    pattern = "/request/[^/]+"


@fault("keys-of-answers", "PAY-13", red={"proxy.claim.event": "the key has another form"})
class KeysOfAnswers(_OtherKey):
    """It stores events where answers go."""

    pattern = "/request/"
    replacement = "/response/"


@fault("sends-before-it-stores", "PAY-13", red={"proxy.claim.event": "nothing lies in"})
class SendsBeforeItStores(Proxy):
    """It sends a claim check, and stores the event a little later."""

    def put_object(self, key: str, body: bytes) -> None:
        def later() -> None:
            time.sleep(0.3)
            super(SendsBeforeItStores, self).put_object(key, body)

        threading.Thread(target=later).start()


@fault("everything-stored", "PAY-7", red={"proxy.claim.only-if-needed": "travels as s3"})
class EverythingStored(Proxy):
    """It stores whatever comes, where there is a bucket."""

    def forms(self, event: bytes) -> list[str]:
        return ["s3"] if self.settings.bucket else super().forms(event)


@fault("storage-is-a-queue", "ERR-11", red={"proxy.claim.not-stored": "not Proxy.StorageError"})
class StorageIsAQueue(Proxy):
    """It takes a refusal of the bucket for one of the queue."""

    def put_object(self, key: str, body: bytes) -> None:
        try:
            super().put_object(key, body)
        except CallFailed as failure:
            raise ProxyError("Proxy.QueueError", f"Something failed: {failure}") from failure
