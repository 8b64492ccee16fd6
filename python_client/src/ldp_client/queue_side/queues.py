"""The two queues of a client and its bucket, as the engine sees them, and as AWS has them.

A reply queue is named, never addressed: its URL is rebuilt from the configured response queue's
own, whatever host the request's `replyTo` names (SEC-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ldp_queues.addresses import QueueAddress
from ldp_queues.bodies import MAX_BODY_BYTES
from ldp_queues.errors import QueueAccessDenied, QueueError, QueueNotFound
from ldp_queues.s3 import S3Store
from ldp_queues.sqs import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.config import ClientConfig
    from ldp_client.queue_side.aws_clock import AwsClock
    from ldp_queues.ports import Incoming, Outgoing
    from ldp_queues.sqs import QueueSettings, SqsQueue
    from ldp_wire.claims import Bucket

    Problem = Callable[[str, str], None]


class Queues(Protocol):
    """Where requests come from and replies go; every call can raise a `QueueError`."""

    @property
    def requests(self) -> Incoming:
        """The request queue."""

    def replies(self, name: str) -> Outgoing:
        """The reply queue of that name, which was found to be trusted (SEC-2)."""


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What the start-up check learned, or has to assume.

    Attributes:
        max_message_bytes: The most that the response queue takes.
        leaves_bad_messages: The request queue has a redrive policy that takes them (SES-30).
    """

    max_message_bytes: int = MAX_BODY_BYTES
    leaves_bad_messages: bool = False


class SqsQueues:
    """A client's queues in SQS and its bucket, over one session; safe among threads.

    Args:
        config: Their names, and the region.
        clock: Is told of quick answers.

    Attributes:
        requests: The request queue.
        store: The payload bucket; None if none is configured.

    Raises:
        QueueError: The SDK cannot be set up.
    """

    def __init__(self, config: ClientConfig, clock: AwsClock) -> None:
        responses = config.response_queue_url
        self._responses = None if responses is None else QueueAddress.parse(responses)
        self._has_dedicated_replies = config.has_dedicated_replies
        self.requests = connect(
            config.request_queue_url,
            region=config.region,
            clock_ms=clock.local_ms,
            on_answer=clock.observe,
            warm=True,
        )
        self.store = None if config.bucket is None else self._store(config, config.bucket)

    def _store(self, config: ClientConfig, bucket: Bucket) -> S3Store:
        """The payload bucket, which is asked for nothing yet: its first use tells what is wrong."""
        account = QueueAddress.parse(config.request_queue_url).account
        return S3Store(self.requests.connection.session, bucket.name, account)

    def replies(self, name: str) -> SqsQueue:
        """The reply queue of that name, beside the response queue.

        Raises:
            ValueError: No response queue is configured, so that no queue is trusted.
        """
        if self._responses is None:
            raise ValueError("no response queue is configured")
        return self.requests.beside(self._responses.sibling(name).url)

    def check(self, problem: Problem) -> QueueFacts:
        """Ask for the attributes of both queues, so that what is wrong is told before any event.

        Few roles may ask, so a refusal is no error; nor is a network that comes back, which
        only is told.

        Args:
            problem: Is told a message and a hint.

        Raises:
            QueueError: The request queue does not exist, or the credentials are wrong.
        """
        requests = _settings(self.requests, problem)
        responses = self._response_settings(problem)
        if responses is not None and responses.has_redrive_policy:
            problem(
                "The response queue has a redrive policy, which takes answers away before their "
                "proxy gets them.",
                "Remove it: an answer on a shared queue may be received a hundred times (SQS-2).",
            )
        return QueueFacts(
            MAX_BODY_BYTES if responses is None else responses.maximum_message_size_bytes,
            requests is not None and requests.has_redrive_policy,
        )

    def _response_settings(self, problem: Problem) -> QueueSettings | None:
        """What the response queue is like, if it is there: with dedicated replies it need not be.

        Which replies the proxies have is told by each request only, so that a response queue that
        does not exist is a mistake or none at all.
        """
        if self._responses is None or self._has_dedicated_replies:
            return None
        try:
            return _settings(self.replies(self._responses.name), problem)
        except QueueNotFound:
            problem(
                f"The response queue {self._responses.name} does not exist.",
                "If all proxies have dedicated replies, set LAMBDA_PROXY_REPLY=dedicated here too; "
                "if not, correct LAMBDA_PROXY_RESP_QUEUE_URL.",
            )
            return None


def _settings(queue: SqsQueue, problem: Problem) -> QueueSettings | None:
    try:
        return queue.settings()
    except QueueAccessDenied:
        return None
    except QueueError as exc:
        if not exc.transient:
            raise
        problem(str(exc), exc.hint)
        return None
