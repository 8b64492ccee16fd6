"""One process's way to SQS: one SDK session, and a client for each time limit.

The SDK's defaults suit batch jobs: 60 s to connect, 60 s to read, three attempts, which hang for
minutes where a caller waits and repeat sends. Here every call is one attempt with limits of its
own. Read timeouts belong to a client, so there is one client for each that is used; after the
first, a client costs about 2 ms of CPU and shares the session's credentials.

The session is botocore's, the core of boto3: boto3 itself would add a tenth to the proxy's cold
start (`make bench`) and nothing that is used here.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config

from ldp_queues.bodies import MAX_WAIT_S
from ldp_queues.errors import QueueCredentialsError, QueueError
from ldp_queues.sqs_answers import About
from ldp_queues.sqs_errors import queue_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.session import Session
    from types_boto3_sqs import SQSClient

#: The longest that connecting may take; a host that is there answers in a fraction of it.
CONNECT_TIMEOUT_S = 2
#: How much longer than the wait that was asked for an answer may take.
READ_GRACE_S = 3

_NS_PER_MS = 1_000_000


def wall_clock_ms() -> int:
    """The local clock, epoch milliseconds."""
    return time.time_ns() // _NS_PER_MS


class SqsConnection:
    """The session and the clients that the queues of one process share; safe among threads."""

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
        self._asked_region = region or os.environ.get("AWS_REGION")
        self._clients: dict[int, SQSClient] = {}
        self._lock = Lock()
        self._session = self._new_session()
        if warm:
            self.warm()

    @property
    def region(self) -> str | None:
        """The region in use, or None if none is known."""
        region: str | None = self._session.get_config_variable("region")
        return region

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
        # The cache is read without the lock, since building a client is what is not safe among
        # threads; using one is.
        return self._clients.get(wait_s) or self._build(wait_s)

    @contextmanager
    def asking(self, about: About) -> Iterator[None]:
        """Raise the SDK's errors in the block as errors of this package.

        After an error of credentials the next call looks for credentials afresh, since the SDK
        never reads its files again by itself: so a long session goes on once its user logged in.

        Raises:
            QueueError: The block raised an error of the SDK's.
        """
        try:
            with queue_errors(about):
                yield
        except QueueCredentialsError:
            self._start_over()
            raise

    def close(self) -> None:
        """Close the idle connections; a later call opens its own."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _build(self, wait_s: int) -> SQSClient:
        with self.asking(self._about_setup()), self._lock:
            if wait_s not in self._clients:
                self._clients[wait_s] = self._new_client(wait_s)
            return self._clients[wait_s]

    def _start_over(self) -> None:
        self.close()
        self._session = self._new_session()

    def _new_session(self) -> Session:
        with queue_errors(self._about_setup()):
            session = botocore.session.get_session()
            session.get_scoped_config()  # says now if the profile that is named does not exist
            if self._asked_region is not None:
                session.set_config_variable("region", self._asked_region)
            return session

    def _new_client(self, wait_s: int) -> SQSClient:
        config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=wait_s + READ_GRACE_S,
        )
        try:
            return cast("SQSClient", self._session.create_client("sqs", config=config))
        except ValueError as exc:  # botocore's for an endpoint URL that is none
            raise QueueError(
                f"the SDK cannot be set up: {exc}",
                hint="Check AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL.",
            ) from exc

    def _about_setup(self) -> About:
        return About("setting up the SDK", "this machine", self.clock_ms)
