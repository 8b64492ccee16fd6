"""The interface over SQS: what each verb asks of the API, and what it makes of the answer.

It never retries: how long an exchange may take is decided by its caller. Session, clients and
time limits are `sdk_session`'s; what the SDK raises is mapped in `sdk_errors` and `sqs_errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ldp_queues.addresses import region_of
from ldp_queues.bodies import MAX_BODY_BYTES, check_body, check_receive, check_visibility
from ldp_queues.ports import Message, Stored
from ldp_queues.sdk_errors import About
from ldp_queues.sqs_answers import check_emptiness, check_headers, expecting
from ldp_queues.sqs_connection import SqsConnection, wall_clock_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """The attributes of a queue that matter to an exchange.

    Attributes:
        maximum_message_size_bytes: The most that one message may have.
        visibility_s: How long a received message is hidden where a receive does not say.
        has_redrive_policy: Whether messages that are received too often go to another queue.
    """

    maximum_message_size_bytes: int
    visibility_s: int
    has_redrive_policy: bool


class SqsQueue:
    """One queue in SQS; safe among threads. It is both `Outgoing` and `Incoming`."""

    def __init__(
        self, connection: SqsConnection, url: str, *, limit_bytes: int = MAX_BODY_BYTES
    ) -> None:
        """Name a queue, without a call over the network.

        Args:
            connection: The process's way to SQS.
            url: The queue's URL.
            limit_bytes: The most UTF-8 bytes that a text may have; the queue's
                MaximumMessageSize or less.
        """
        self.connection = connection
        self.url = url
        self.limit_bytes = limit_bytes

    def beside(self, url: str, *, limit_bytes: int = MAX_BODY_BYTES) -> SqsQueue:
        """Another queue over the same connection."""
        return SqsQueue(self.connection, url, limit_bytes=limit_bytes)

    def send(self, body: str) -> Stored:
        """Store a text; see `Outgoing.send`."""
        about = self._about("SendMessage", size_bytes=check_body(body, self.limit_bytes))
        answer, stored_at_ms = self.connection.quick(
            about, lambda sqs: sqs.send_message(QueueUrl=self.url, MessageBody=body)
        )
        with expecting(about):
            return Stored(answer["MessageId"], stored_at_ms)

    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        """Bring messages; see `Incoming.receive`. The answer may take 3 s longer than the wait."""
        check_receive(wait_s, visibility_s, max_messages)
        about = self._about("ReceiveMessage")
        client = self.connection.client(wait_s)
        with self.connection.asking(about):
            answer = client.receive_message(
                QueueUrl=self.url,
                WaitTimeSeconds=wait_s,
                VisibilityTimeout=visibility_s,
                MaxNumberOfMessages=max_messages,
                MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            )
        check_headers(answer, about)
        if "Messages" not in answer:
            check_emptiness(answer, about)
        with expecting(about):
            return [_message(raw) for raw in answer.get("Messages", ())]

    def delete(self, receipt: str) -> None:
        """Delete a message; see `Incoming.delete`."""
        self.connection.quick(
            self._about("DeleteMessage"),
            lambda sqs: sqs.delete_message(QueueUrl=self.url, ReceiptHandle=receipt),
        )

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        """Keep a message invisible or release it; see `Incoming.change_visibility`."""
        check_visibility(visibility_s)
        self.connection.quick(
            self._about("ChangeMessageVisibility"),
            lambda sqs: sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=visibility_s
            ),
        )

    def settings(self) -> QueueSettings:
        """Ask for the queue's attributes, for a check at start-up.

        Raises:
            QueueNotFound: There is no such queue.
            QueueAccessDenied: `sqs:GetQueueAttributes` is not allowed, which few roles need.
            QueueError: The call failed.
        """
        about = self._about("GetQueueAttributes")
        answer, _ = self.connection.quick(
            about,
            lambda sqs: sqs.get_queue_attributes(
                QueueUrl=self.url,
                AttributeNames=["MaximumMessageSize", "VisibilityTimeout", "RedrivePolicy"],
            ),
        )
        with expecting(about):
            return _settings(answer["Attributes"])

    def _about(self, operation: str, size_bytes: int = 0) -> About:
        place = f"{self.url} (region {self.connection.region})"
        return About(operation, place, self.connection.clock_ms, size_bytes)


def connect(
    url: str,
    *,
    region: str | None = None,
    clock_ms: Callable[[], int] = wall_clock_ms,
    on_answer: Callable[[int, int, int], None] | None = None,
    warm: bool = False,
) -> SqsQueue:
    """A first queue with a connection of its own, which `SqsQueue.beside` shares with others.

    Args:
        url: The queue's URL.
        region: Its region; None for the one in its URL, then AWS_REGION, then the SDK's chain.
        clock_ms: The local clock, epoch milliseconds.
        on_answer: See `SqsConnection`.
        warm: See `SqsConnection`.

    Raises:
        QueueError: See `SqsConnection`.
    """
    connection = SqsConnection(
        region or region_of(url), clock_ms=clock_ms, on_answer=on_answer, warm=warm
    )
    return SqsQueue(connection, url)


def _message(raw: Mapping[str, Any]) -> Message:
    attributes = raw["Attributes"]
    return Message(
        message_id=raw["MessageId"],
        receipt=raw["ReceiptHandle"],
        body=raw["Body"],
        receive_count=int(attributes["ApproximateReceiveCount"]),
        sent_at_ms=int(attributes["SentTimestamp"]),
    )


def _settings(attributes: Mapping[Any, str]) -> QueueSettings:
    return QueueSettings(
        maximum_message_size_bytes=int(attributes["MaximumMessageSize"]),
        visibility_s=int(attributes["VisibilityTimeout"]),
        has_redrive_policy=bool(attributes.get("RedrivePolicy")),
    )
