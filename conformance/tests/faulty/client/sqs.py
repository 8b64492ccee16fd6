"""SQS, by its JSON protocol and without signatures."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

from faulty.client.part import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLOCK_CODES = (
    "RequestExpired",
    "RequestTimeTooSkewed",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
)


class SqsError(Exception):
    """A call failed.

    Args:
        code: What AWS calls it, or `Unreachable`.
        message: What AWS says.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code

    @property
    def is_gone(self) -> bool:
        """Whether there is no such queue."""
        return self.code in {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}

    @property
    def is_refusal(self) -> bool:
        """Whether the message itself is why, such as by its size."""
        return self.code.startswith("InvalidParameterValue")


class Message:
    """One message as received.

    Args:
        fields: What SQS told of it.
        got_s: When it came, by the clock that counts suspended time.
        is_surely_held: Whether its lease began just now.
    """

    def __init__(self, fields: Mapping[str, Any], got_s: float, *, is_surely_held: bool) -> None:
        self.id: str = fields["MessageId"]
        self.receipt: str = fields["ReceiptHandle"]
        self.body: str = fields["Body"]
        attributes = fields.get("Attributes") or {}
        self.receive_count = int(attributes.get("ApproximateReceiveCount", 1))
        self.sent_ms = int(attributes.get("SentTimestamp", 0))
        self.got_s = got_s
        self.is_surely_held = is_surely_held


class Sqs(Part):
    """Makes calls."""

    idle_wait_s = 20
    timeout_s = 5.0
    attributes: tuple[str, ...] = ("ApproximateReceiveCount", "SentTimestamp")

    def call(
        self, operation: str, parameters: Mapping[str, Any], timeout_s: float = timeout_s
    ) -> tuple[dict[str, Any], int]:
        """Make one call; what came, and the date of the answer in epoch milliseconds."""
        begun = self.port.clock.local_ms()
        try:
            status, date, data = self.exchange(
                json.dumps(parameters), self.headers(operation), timeout_s
            )
        except (OSError, HTTPException) as error:
            raise SqsError("Unreachable", type(error).__name__) from None
        date_ms = _epoch_ms(date)
        if date_ms:
            self.port.clock.learn(date_ms, begun, self.port.clock.local_ms())
        answer = _object(data)
        if status != 200:
            self.refused(operation, answer, date_ms)
        return answer, date_ms

    def exchange(
        self, body: str, headers: dict[str, str], timeout_s: float
    ) -> tuple[int, str, bytes]:
        """One HTTP request: status, date and body."""
        host = self.port.settings.sqs_endpoint.partition("://")[2].rstrip("/")
        connection = HTTPConnection(host, timeout=timeout_s)
        try:
            connection.request("POST", "/", body.encode(), headers)
            response = connection.getresponse()
            return response.status, response.getheader("Date") or "", response.read()
        finally:
            connection.close()

    def headers(self, operation: str) -> dict[str, str]:
        """What goes with a call; the signature is none, and only the sender can be told by it."""
        key, region = self.port.settings.access_key, self.port.settings.region
        clock_s = self.port.clock.local_ms() / 1000
        return {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"AmazonSQS.{operation}",
            "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(clock_s)),
            "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/sqs/aws4_request"
            ", SignedHeaders=host, Signature=none",
        }

    def refused(self, operation: str, answer: Mapping[str, Any], date_ms: int) -> None:
        """Turn a refusal into an error, and tell the developer of a wrong clock."""
        code = str(answer.get("__type", "Unknown")).rpartition("#")[2]
        if code in _CLOCK_CODES and date_ms:
            off_s = round((self.port.clock.local_ms() - date_ms) / 1000)
            self.tell_clock(off_s)
        raise SqsError(code, f"{operation} was refused")

    def tell_clock(self, off_s: int) -> None:
        """Say that the clock is off (SQS-14)."""
        way = "ahead of" if off_s > 0 else "behind"
        self.port.log.say(
            f"AWS refuses our calls: the clock of this machine is {abs(off_s)} s {way} that of"
            " AWS; set the clock"
        )

    def receive(self, wait_s: int, limit: int = 1) -> list[Message]:
        """Wait for messages of the request queue, and lease them."""
        lease_s = self.port.settings.lease_s
        parameters = self.receive_parameters(wait_s, limit, lease_s)
        answer, date_ms = self.call("ReceiveMessage", parameters, wait_s + 10)
        clock = self.port.clock
        age_ms = clock.now_ms() - date_ms if date_ms else 0
        held = age_ms < (lease_s + 2) * 1000
        rows = answer.get("Messages") or []
        return [Message(row, clock.boot_s(), is_surely_held=held) for row in rows]

    def receive_parameters(self, wait_s: int, limit: int, lease_s: int) -> dict[str, Any]:
        """What a receive asks for."""
        return {
            "QueueUrl": self.port.settings.request_url,
            "MaxNumberOfMessages": limit,
            "WaitTimeSeconds": wait_s,
            "VisibilityTimeout": lease_s,
            "MessageSystemAttributeNames": list(self.attributes),
        }

    def send(self, url: str, body: str) -> int:
        """Send a message; when SQS stored it, epoch milliseconds, 0 if it does not say."""
        return self.call("SendMessage", self.send_parameters(url, body))[1]

    def send_parameters(self, url: str, body: str) -> dict[str, Any]:
        """What a send consists of."""
        return {"QueueUrl": url, "MessageBody": body}

    def delete(self, receipt: str) -> None:
        """Delete a request."""
        self.call(
            "DeleteMessage",
            {"QueueUrl": self.port.settings.request_url, "ReceiptHandle": receipt},
        )

    def hide(self, receipt: str, seconds: int) -> None:
        """Set for how long a request is hidden from now on."""
        self.call(
            "ChangeMessageVisibility",
            {
                "QueueUrl": self.port.settings.request_url,
                "ReceiptHandle": receipt,
                "VisibilityTimeout": seconds,
            },
            2.0,
        )

    def has_redrive(self) -> bool:
        """Whether the request queue moves what is received too often to another."""
        try:
            answer, _ = self.call(
                "GetQueueAttributes",
                {
                    "QueueUrl": self.port.settings.request_url,
                    "AttributeNames": ["RedrivePolicy"],
                },
            )
        except SqsError:
            return False
        return bool((answer.get("Attributes") or {}).get("RedrivePolicy"))


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _epoch_ms(date: str) -> int:
    from email.utils import mktime_tz, parsedate_tz  # noqa: PLC0415 - quick to start without

    parsed = parsedate_tz(date)
    return int(mktime_tz(parsed) * 1000) if parsed else 0
