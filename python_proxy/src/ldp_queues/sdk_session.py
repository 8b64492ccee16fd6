"""One process's way to AWS: one SDK session, and a client for each service and time limit.

The SDK's defaults suit batch jobs: 60 s to connect, 60 s to read, three attempts, which hang for
minutes where a caller waits and repeat sends. Here every call is one attempt with limits of its
own. Read timeouts belong to a client, so there is one client for each that is used; after the
first of its service, a client costs about 2 ms of CPU and shares the session's credentials.

The session is botocore's, the core of boto3: boto3 itself would add a tenth to the proxy's cold
start (`make bench`) and nothing that is used here.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

from ldp_queues.sdk_errors import About, service_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.client import BaseClient
    from botocore.session import Session

    from ldp_queues.sdk_errors import Dialect

#: The longest that connecting may take; a host that is there answers in a fraction of it.
CONNECT_TIMEOUT_S = 2
#: How much longer than the wait that was asked for an answer may take.
READ_GRACE_S = 3


class SdkSession:
    """The session and the clients that everything in one process shares; safe among threads."""

    def __init__(
        self, region: str | None, *, clock_ms: Callable[[], int], dialect: Dialect
    ) -> None:
        """Prepare, without a call over the network.

        Args:
            region: The region of all that is called; None for AWS_REGION, then the SDK's chain.
            clock_ms: The local clock, epoch milliseconds.
            dialect: What to call errors that arise here.

        Raises:
            ServiceError: The profile that is named does not exist, or a file cannot be parsed.
        """
        self.clock_ms = clock_ms
        self._asked_region = region or os.environ.get("AWS_REGION")
        self._clients: dict[tuple[str, int], BaseClient] = {}
        self._lock = Lock()
        self._session = self._new_session(dialect)

    @property
    def region(self) -> str | None:
        """The region in use, or None if none is known."""
        region: str | None = self._session.get_config_variable("region")
        return region

    def client(
        self, dialect: Dialect, wait_s: int = 0, settings: Mapping[str, Any] | None = None
    ) -> BaseClient:
        """The client of a service whose read timeout suits a call that waits so long.

        Args:
            dialect: The service.
            wait_s: How long the service may take before it begins to answer, in whole seconds.
            settings: More of the SDK's settings for it; always the same for one service.

        Raises:
            ServiceError: The SDK cannot be set up.
        """
        # The cache is read without the lock, since building a client is what is not safe among
        # threads; using one is.
        key = (dialect.service, wait_s)
        return self._clients.get(key) or self._build(key, dialect, settings or {})

    @contextmanager
    def asking(self, about: About, dialect: Dialect) -> Iterator[None]:
        """Raise the SDK's errors in the block as errors of this package.

        After an error of credentials the next call looks for credentials afresh, since the SDK
        never reads its files again by itself: so a long session goes on once its user logged in.

        Raises:
            ServiceError: The block raised an error of the SDK's.
        """
        try:
            with service_errors(about, dialect):
                yield
        except dialect.credentials:
            self.close()
            self._session = self._new_session(dialect)
            raise

    def close(self) -> None:
        """Close the idle connections; a later call opens its own."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _build(
        self, key: tuple[str, int], dialect: Dialect, settings: Mapping[str, Any]
    ) -> BaseClient:
        with self.asking(self._about_setup(), dialect), self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(key[1], dialect, settings)
            return self._clients[key]

    def _new_session(self, dialect: Dialect) -> Session:
        with service_errors(self._about_setup(), dialect):
            session = botocore.session.get_session()
            session.get_scoped_config()  # says now if the profile that is named does not exist
            if self._asked_region is not None:
                session.set_config_variable("region", self._asked_region)
            return session

    def _new_client(self, wait_s: int, dialect: Dialect, settings: Mapping[str, Any]) -> BaseClient:
        config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=wait_s + READ_GRACE_S,
            # An older SDK refuses a setting that it does not know.
            **{name: value for name, value in settings.items() if name in Config.OPTION_DEFAULTS},
        )
        service = dialect.service
        try:
            return self._session.create_client(service, config=config)
        except ValueError as exc:  # botocore's for an endpoint URL that is none
            raise dialect.other(
                f"the SDK cannot be set up: {exc}",
                hint=f"Check AWS_ENDPOINT_URL_{service.upper()} and AWS_ENDPOINT_URL.",
            ) from exc

    def _about_setup(self) -> About:
        return About("setting up the SDK", "this machine", self.clock_ms)
