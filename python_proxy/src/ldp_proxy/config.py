"""The environment as a checked configuration; pure.

Client and proxy read the same names for the same things. An empty variable counts as absent,
because templates pass empty parameters on.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from ldp_proxy.errors import ConfigError
from ldp_proxy.fallback_target import FUNCTION, Running, Target, parse_target
from ldp_queues.addresses import QueueAddress, parse_bucket, region_of
from ldp_wire.claims import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUESTS: Final = "LAMBDA_PROXY_REQ_QUEUE_URL"
REPLIES: Final = "LAMBDA_PROXY_RESP_QUEUE_URL"
TRACING: Final = "LAMBDA_PROXY_TRACING_LEVEL"
MODE: Final = "LAMBDA_PROXY_MODE"
REPLY: Final = "LAMBDA_PROXY_REPLY"
START_WITHIN: Final = "LAMBDA_PROXY_START_WITHIN_S"
WHEN_ABSENT: Final = "LAMBDA_PROXY_WHEN_ABSENT"
BUCKET: Final = "LAMBDA_PROXY_PAYLOAD_BUCKET"

_PREFIX: Final = "LAMBDA_PROXY_"
_CLIENTS_OWN: Final = "LAMBDA_PROXY_LEASE_S"
_KNOWN: Final = frozenset(
    {
        REQUESTS,
        REPLIES,
        TRACING,
        MODE,
        REPLY,
        START_WITHIN,
        WHEN_ABSENT,
        FUNCTION,
        BUCKET,
        _CLIENTS_OWN,
    }
)
_MISSING: Final = "is missing; set it to the URL of the {} queue."
_SUFFIX_LENGTH: Final = 27  # of a dedicated queue's name, its hyphen included (SEC-2)
_LONGEST_BASE_NAME: Final = 80 - _SUFFIX_LENGTH  # SQS takes names of 80
_LONGEST_URL: Final = 1024 - _SUFFIX_LENGTH  # of `replyTo` (ENV-18)
_SECONDS: Final = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")
# A client has to store its `accepted` a full second before the end (SES-21), so that less than
# two leave it no time; more than Lambda's longest timeout can never end.
_SHORTEST_WINDOW_S: Final = 2
_LONGEST_WINDOW_S: Final = 5_400


class Level(Enum):
    """How much is logged."""

    INFO = "INFO"
    DEBUG = "DEBUG"  #: payloads too, cut short
    TRACE = "TRACE"  #: what the AWS SDK does besides, without what it sends


class Mode(Enum):
    """Whether the caller gets the handler's answer."""

    WAIT = "wait"
    NOTIFY = "notify"  #: one-way: the caller gets `null` once SQS has the event


class Replies(Enum):
    """Which queue replies come to."""

    SHARED = "shared"  #: the configured one, for all environments
    DEDICATED = "dedicated"  #: one that each environment makes for itself


class _WhenAbsent(Enum):
    ERROR = "error"
    FALLBACK = "fallback"


_Choice = TypeVar("_Choice", bound=Enum)


class Config(NamedTuple):
    """What the environment says.

    Attributes:
        request_url: URL of the request queue.
        reply_url: URL of the reply queue; None in one-way mode.
        region: AWS region of both.
        level: How much is logged.
        start_within_s: Length of the start window in seconds; None if there is none.
        unknown: Variables that look like the proxy's but are none, to be warned of.
        replies: Which queue replies come to; with dedicated ones `reply_url` need not exist.
        fallback: What answers when nobody accepts in time; None if an error does.
        bucket: Where payloads go that fit in no message; None if there is none.
    """

    request_url: str
    reply_url: str | None
    region: str
    level: Level = Level.INFO
    start_within_s: float | None = None
    unknown: tuple[str, ...] = ()
    replies: Replies = Replies.SHARED
    fallback: Target | None = None
    bucket: Bucket | None = None


def read_config(environment: Mapping[str, str]) -> Config:
    """Read and check the configuration.

    Args:
        environment: `os.environ`, or what stands for it.

    Raises:
        ConfigError: A variable is missing or wrong, or has no effect without another.
    """
    variables = {name: value for name, value in environment.items() if value}
    mode = _choice(variables, MODE, Mode.WAIT)
    when_absent = _choice(variables, WHEN_ABSENT, _WhenAbsent.ERROR)
    replies = _replies(variables, mode)
    requests = _queue(variables, REQUESTS, "request")
    reply_url = None if mode is Mode.NOTIFY else _reply_queue(variables, requests, replies).url
    return Config(
        request_url=requests.url,
        reply_url=reply_url,
        region=_region(variables, requests),
        level=_level(variables),
        start_within_s=_start_within_s(variables, mode),
        unknown=tuple(sorted(n for n in environment if n.startswith(_PREFIX) and n not in _KNOWN)),
        replies=replies,
        fallback=_fallback(variables, when_absent, replies, requests),
        bucket=_bucket(variables),
    )


def _replies(variables: Mapping[str, str], mode: Mode) -> Replies:
    replies = _choice(variables, REPLY, Replies.SHARED)
    if replies is Replies.DEDICATED and mode is Mode.NOTIFY:
        raise ConfigError(REPLY, f"is 'dedicated', which has no effect with {MODE}=notify.")
    return replies


def _queue(variables: Mapping[str, str], name: str, which: str) -> QueueAddress:
    url = variables.get(name)
    if url is None:
        raise ConfigError(name, _MISSING.format(which))
    try:
        address = QueueAddress.parse(url)
    except ValueError as exc:
        raise ConfigError(name, f"is wrong: {exc}.") from None
    if len(url) > _LONGEST_URL:
        raise ConfigError(name, f"has {len(url)} characters; {_LONGEST_URL} are the most.")
    return address


def _reply_queue(
    variables: Mapping[str, str], requests: QueueAddress, kind: Replies
) -> QueueAddress:
    """The reply queue, beside the request queue: elsewhere no client would answer (SEC-2)."""
    replies = _queue(variables, REPLIES, "response")
    if replies.account != requests.account:
        raise ConfigError(
            REPLIES,
            f"names the account {replies.account}, but {REQUESTS} names {requests.account}; "
            "clients answer only to the account of the request queue.",
        )
    if replies.name == requests.name:
        raise ConfigError(REPLIES, f"names the queue of {REQUESTS}; each needs one of its own.")
    regions = region_of(requests.url), region_of(replies.url)
    if None not in regions and len(set(regions)) > 1:
        raise ConfigError(REPLIES, f"is in {regions[1]}, {REQUESTS} in {regions[0]}; use one.")
    if kind is Replies.DEDICATED and len(replies.name) > _LONGEST_BASE_NAME:
        raise ConfigError(
            REPLIES,
            f"names a queue of {len(replies.name)} characters; with {REPLY}=dedicated "
            f"{_LONGEST_BASE_NAME} are the most, since names of queues are made of it.",
        )
    return replies


def _region(variables: Mapping[str, str], requests: QueueAddress) -> str:
    """The region that the URL names, else that of the function, which is where its queues are."""
    named = region_of(requests.url)
    region = named or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
    if region is None:
        raise ConfigError("AWS_REGION", "is missing; set it to the region of the queues.")
    return region


def _level(variables: Mapping[str, str]) -> Level:
    folded = {TRACING: variables[TRACING].upper()} if TRACING in variables else {}
    return _choice(folded, TRACING, Level.INFO)


def _bucket(variables: Mapping[str, str]) -> Bucket | None:
    text = variables.get(BUCKET)
    try:
        return None if text is None else Bucket(*parse_bucket(text))
    except ValueError as exc:
        raise ConfigError(BUCKET, f"is wrong: {exc}.") from None


def _start_within_s(variables: Mapping[str, str], mode: Mode) -> float | None:
    text = variables.get(START_WITHIN)
    if text is None:
        if WHEN_ABSENT in variables:
            raise ConfigError(WHEN_ABSENT, f"has no effect without {START_WITHIN}.")
        return None
    if mode is Mode.NOTIFY:
        raise ConfigError(START_WITHIN, f"has no effect with {MODE}=notify.")
    return _seconds(text)


def _fallback(
    variables: Mapping[str, str],
    when_absent: _WhenAbsent,
    replies: Replies,
    requests: QueueAddress,
) -> Target | None:
    """What answers where nobody is there; refused wherever it never could (EXC-25, EXC-26)."""
    text = variables.get(FUNCTION)
    if when_absent is _WhenAbsent.ERROR:
        if text is not None:
            raise ConfigError(FUNCTION, f"has no effect without {WHEN_ABSENT}=fallback.")
        return None
    if replies is Replies.SHARED:
        raise ConfigError(
            WHEN_ABSENT,
            f"is 'fallback', which needs {REPLY}=dedicated: on a shared queue an 'accepted' can be "
            "in other hands when the proxy concludes that nobody is there.",
        )
    if text is None:
        raise ConfigError(FUNCTION, f"is missing; {WHEN_ABSENT}=fallback invokes what it names.")
    return parse_target(text, Running.of_environment(variables, _region(variables, requests)))


def _seconds(text: str) -> float:
    seconds = float(text) if _SECONDS.fullmatch(text) else 0.0
    if not _SHORTEST_WINDOW_S <= seconds <= _LONGEST_WINDOW_S:
        wanted = f"a number of seconds from {_SHORTEST_WINDOW_S} to {_LONGEST_WINDOW_S}"
        raise ConfigError(START_WITHIN, f"is {text!r}, not {wanted}.")
    return seconds


def _choice(variables: Mapping[str, str], name: str, default: _Choice) -> _Choice:
    text = variables.get(name, default.value)
    for choice in type(default):
        if choice.value == text:
            return choice
    wanted = " or ".join(repr(choice.value) for choice in type(default))
    raise ConfigError(name, f"is {text!r}; it has to be {wanted}.")
