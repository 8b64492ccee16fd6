"""One process's way to SQS: the SDK session, and clients for quick calls and for long polls."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ldp_queues.bodies import MAX_WAIT_S
from ldp_queues.sdk_errors import date_of
from ldp_queues.sdk_session import SdkSession
from ldp_queues.sqs_answers import check_headers
from ldp_queues.sqs_errors import SQS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from types_boto3_sqs import SQSClient

    from ldp_queues.sdk_errors import About

_Answer = TypeVar("_Answer", bound="Mapping[str, Any]")

_NS_PER_MS = 1_000_000


def wall_clock_ms() -> int:
    """The local clock, epoch milliseconds."""
    return time.time_ns() // _NS_PER_MS


class SqsConnection:
    """What the queues of one process share; safe among threads.

    Attributes:
        session: The SDK's session, which other services can share.
        clock_ms: The local clock, epoch milliseconds.
        on_answer: Is told of each quick call that SQS answered.
    """

    def __init__(
        self,
        region: str | None = None,
        *,
        clock_ms: Callable[[], int] = wall_clock_ms,
        on_answer: Callable[[int, int, int], None] | None = None,
        warm: bool = False,
    ) -> None:
        """Prepare, without a call over the network.

        Args:
            region: The region of the queues; None for AWS_REGION, then the SDK's own chain.
            clock_ms: The local clock, epoch milliseconds.
            on_answer: Is told of each quick call that SQS answered: the `Date` of the answer
                (epoch milliseconds, whole seconds), the local clock before and after. From it
                the offset of the local clock can be estimated.
            warm: Build the clients that are surely used now rather than at the first call.

        Raises:
            QueueCredentialsError: The profile that is named does not exist.
            QueueError: The SDK cannot be set up (with `warm`; else the first call says so).
        """
        self.clock_ms = clock_ms
        self.on_answer = on_answer
        self.session = SdkSession(region, clock_ms=clock_ms, dialect=SQS)
        if warm:
            self.warm()

    @property
    def region(self) -> str | None:
        """The region in use, or None if none is known."""
        return self.session.region

    def warm(self) -> None:
        """Build the two clients that every session uses: for quick calls and for the longest poll.

        In a Lambda function this belongs to the init phase, which has more CPU and is not waited
        for by a caller.

        Raises:
            QueueError: The SDK cannot be set up, say for want of a region.
        """
        self.client()
        self.client(MAX_WAIT_S)

    def client(self, wait_s: int = 0) -> SQSClient:
        """The client whose read timeout suits a call that waits so long.

        Args:
            wait_s: 0 for quick calls, else the wait of a receive, up to 20 seconds.

        Raises:
            QueueError: The SDK cannot be set up.
        """
        return cast("SQSClient", self.session.client(SQS, wait_s))

    def quick(self, about: About, ask: Callable[[SQSClient], _Answer]) -> tuple[_Answer, int]:
        """Make a call that does not wait, and tell when SQS answered.

        Args:
            about: What the call is about.
            ask: Makes the call.

        Returns:
            The answer and its `Date`, epoch milliseconds; the local clock's time if it has none.

        Raises:
            QueueError: The call failed.
        """
        client = self.client()
        before_ms = self.clock_ms()
        with self.asking(about):
            answer = ask(client)
        after_ms = self.clock_ms()
        date_ms = date_of(check_headers(answer, about))
        if date_ms is None:
            return answer, after_ms
        if self.on_answer is not None:
            self.on_answer(date_ms, before_ms, after_ms)
        return answer, date_ms

    @contextmanager
    def asking(self, about: About) -> Iterator[None]:
        """Raise the SDK's errors in the block as errors of this package.

        Raises:
            QueueError: The block raised an error of the SDK's.
        """
        with self.session.asking(about, SQS):
            yield

    def close(self) -> None:
        """Close the idle connections; a later call opens its own."""
        self.session.close()
