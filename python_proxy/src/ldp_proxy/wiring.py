"""A configuration, put together to a proxy that talks to SQS.

Nothing is asked of AWS here, but whether a fallback function could ever answer; what costs time is
the SDK, which belongs to the init phase.
"""

from __future__ import annotations

import math
import time
from random import SystemRandom
from threading import Thread
from typing import TYPE_CHECKING

from ldp_proxy.config import Replies
from ldp_proxy.errors import SdkError
from ldp_proxy.invoke import Channel, Proxy
from ldp_proxy.loop import Pace
from ldp_proxy.reply_queues import ReplyQueue, SharedReplies
from ldp_queues.addresses import QueueAddress
from ldp_queues.bodies import MAX_WAIT_S
from ldp_queues.errors import ServiceError
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection, wall_clock_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_proxy.absence import Fallback
    from ldp_proxy.claims import ClaimChecks
    from ldp_proxy.config import Config
    from ldp_proxy.reply_queues import ReplyQueues


def connect_proxy(config: Config) -> Proxy:
    """The proxy that a configuration describes, with the SQS clients of its first calls built.

    Raises:
        SdkError: The SDK cannot be set up.
        ConfigError: The fallback function cannot be one.
    """
    # Drawn from the system, since environments restored from one snapshot would share a seed.
    pace = Pace(wall_clock_ms, time.sleep, SystemRandom().random)
    try:
        connection = SqsConnection(config.region)
        channel = _channel(config, connection, pace)
        return Proxy(channel, pace, _fallback(config, connection, pace))
    except ServiceError as exc:
        raise SdkError(str(exc), hint=exc.hint) from exc


def _fallback(config: Config, connection: SqsConnection, pace: Pace) -> Fallback | None:
    """The fallback function, if there is one, checked (EXC-25, EXC-26)."""
    if config.fallback is None:
        return None
    from ldp_proxy.fallback import FallbackFunction  # noqa: PLC0415 - only who uses it pays for it

    fallback = FallbackFunction(connection.session, config.fallback)
    fallback.check(pace.pause)
    return fallback


def _channel(config: Config, connection: SqsConnection, pace: Pace) -> Channel:
    connection.client()
    requests = SqsQueue(connection, config.request_url)
    claims = _claims(config, connection, pace)
    if config.reply_url is None:
        return Channel(requests, claims=claims)
    window_s = config.start_within_s
    connection.client(MAX_WAIT_S if window_s is None else min(MAX_WAIT_S, math.ceil(window_s)))
    if config.replies is Replies.DEDICATED:
        return Channel(requests, _dedicated(requests, config.reply_url, pace), window_s, claims)
    queue = ReplyQueue(config.reply_url, requests.beside(config.reply_url))
    return Channel(requests, SharedReplies(queue), window_s, claims)


def _dedicated(requests: SqsQueue, base_url: str, pace: Pace) -> ReplyQueues:
    # Imported late, so that only who uses them pays for them on a cold start.
    from ldp_proxy.dedicated import DedicatedReplies, Means  # noqa: PLC0415
    from ldp_queues.sqs_admin import SqsAdmin  # noqa: PLC0415

    admin = SqsAdmin(requests.connection)
    means = Means(admin, requests.beside, pace, SystemRandom(), _aside)
    return DedicatedReplies(QueueAddress.parse(base_url), means)


def _aside(work: Callable[[], None]) -> None:
    Thread(target=work, daemon=True).start()


def _claims(config: Config, connection: SqsConnection, pace: Pace) -> ClaimChecks | None:
    if config.bucket is None:
        return None
    # Imported only where a bucket is configured: nobody else pays for it in the cold start.
    from ldp_proxy.claims import ClaimChecks  # noqa: PLC0415
    from ldp_queues.s3 import S3Store  # noqa: PLC0415

    account = QueueAddress.parse(config.request_url).account
    store = S3Store(connection.session, config.bucket.name, account)
    store.warm()
    return ClaimChecks(config.bucket, store, pace)
