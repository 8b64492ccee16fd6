"""How a port is started for a check: its surroundings and its options, as values.

Checks with equal setups share one live process, unless they ask for one of their own. What a setup
becomes, variables and words of a command, is decided in `subject`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Feature(Enum):
    """What a port may leave out; its manifest declares what it has."""

    GZIP = "gzip"  #: PAY-4, beyond reading it: answers compressed
    S3 = "s3"  #: claim checks
    ACCEPTED = "accepted"  #: the start window, for clients
    REPORT = "report"  #: a failing handler's error is the answer (SES-18)
    HOLD = "hold"  #: a failing handler's event is kept, to be run again (SES-18)
    JOURNAL = "journal"  #: memory that survives a crash (SES-24)
    V0 = "v0"  #: existing proxies of version 0
    ONE_WAY = "one-way"  #: for proxies: LAMBDA_PROXY_MODE=notify
    SHARED = "shared"  #: for proxies: one response queue for all
    DEDICATED = "dedicated"  #: for proxies: reply queues of their own
    START_WINDOW = "start-window"  #: for proxies: LAMBDA_PROXY_START_WITHIN_S
    VERBATIM = "verbatim"  #: for proxies: the runtime passes errors and client contexts as they are
    FALLBACK = "fallback"  #: for proxies: another function answers where nobody is there


@dataclass(frozen=True, slots=True)
class ClientSetup:
    """How a client is started.

    Attributes:
        lease_s: LAMBDA_PROXY_LEASE_S; short, so that a run is.
        has_bucket: Whether LAMBDA_PROXY_PAYLOAD_BUCKET names a bucket.
        has_response_queue: Whether LAMBDA_PROXY_RESP_QUEUE_URL is given; without it the client
            is in one-way mode.
        on_error: `report` or `hold`.
        v0_errors: `hold` or `report`.
        tracing_level: LAMBDA_PROXY_TRACING_LEVEL; None for the port's own.
    """

    lease_s: int = 2
    has_bucket: bool = False
    has_response_queue: bool = True
    on_error: str = "report"
    v0_errors: str = "hold"
    tracing_level: str | None = None


@dataclass(frozen=True, slots=True)
class ProxySetup:
    """How a proxy is started.

    Attributes:
        timeout_s: The function's timeout.
        reply: LAMBDA_PROXY_REPLY: `shared` or `dedicated`.
        is_one_way: Whether LAMBDA_PROXY_MODE is `notify`.
        start_within_s: LAMBDA_PROXY_START_WITHIN_S; None for no start window.
        fallback: LAMBDA_PROXY_FALLBACK_FUNCTION, with LAMBDA_PROXY_WHEN_ABSENT=fallback; None for
            an error.
        has_bucket: Whether LAMBDA_PROXY_PAYLOAD_BUCKET names a bucket.
        variables: Further variables, or other values for those above; a value of None removes one.
    """

    timeout_s: int = 20
    reply: str = "shared"
    is_one_way: bool = False
    start_within_s: int | None = None
    fallback: str | None = None
    has_bucket: bool = False
    variables: tuple[tuple[str, str | None], ...] = ()


Setup = ClientSetup | ProxySetup
