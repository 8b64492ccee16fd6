"""The client's settings: environment and options in, one frozen value out.

Nothing here touches AWS or the disk. Each value that is missing or wrong is one sentence that
names the variable, or the option, and what to set.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self, TypedDict, get_args

from ldp_client.errors import ConfigError
from ldp_queues.addresses import QueueAddress, parse_bucket, region_of
from ldp_wire.claims import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

REQUEST_QUEUE = "LAMBDA_PROXY_REQ_QUEUE_URL"
RESPONSE_QUEUE = "LAMBDA_PROXY_RESP_QUEUE_URL"
MODE = "LAMBDA_PROXY_MODE"
REPLY = "LAMBDA_PROXY_REPLY"
LEASE = "LAMBDA_PROXY_LEASE_S"
PAYLOAD_BUCKET = "LAMBDA_PROXY_PAYLOAD_BUCKET"
TRACING_LEVEL = "LAMBDA_PROXY_TRACING_LEVEL"
STATE_DIR = "LAMBDA_DEBUG_STATE_DIR"

DEFAULT_LEASE_S: Final = 20
"""How long an event belongs to a client that may be dead (SES-7)."""

MAX_LEASE_S: Final = 43_200
"""SQS's longest visibility timeout (ChangeMessageVisibility)."""

TRACING_LEVELS: Final[Mapping[str, int]] = {
    "ERROR": logging.ERROR,
    "WARN": logging.WARNING,
    "INFO": logging.INFO,
    "DEBUG": logging.DEBUG,
    "TRACE": logging.DEBUG,  # and the dependencies' own DEBUG
}
"""The names that `LAMBDA_PROXY_TRACING_LEVEL` takes, as levels of standard logging."""

ReportFormat = Literal["text", "json"]
OnError = Literal["report", "hold"]
"""What becomes of an event whose handler failed (SES-18)."""


class Options(TypedDict, total=False):
    """What the command line, or the caller of `run`, may say; each wins over the environment.

    Attributes:
        once: Serve one event and end.
        report_format: How events are reported: `text` on standard error, or `json` lines on
            standard output.
        verbosity: 0 for a line per event, 1 for the beginnings of bodies too, 2 for all of them.
        region: The queues' region; without it AWS_REGION, AWS_DEFAULT_REGION, then the queue's URL.
        profile: The AWS profile; without it the SDK's own chain.
        lease_s: How long an event stays with a client that died, in seconds.
        on_error: What becomes of an event whose handler failed: `report` sends the error, `hold`
            keeps the event until it was run again, or nearly to the end of its time.
        v0_errors: The same for events of version 0, where a reported error looks like a result.
    """

    once: bool
    report_format: ReportFormat
    verbosity: int
    region: str | None
    profile: str | None
    lease_s: int | None
    on_error: OnError
    v0_errors: OnError


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """All that a client is configured with.

    Attributes:
        request_queue_url: Where events come from.
        response_queue_url: Where answers go; None where only one-way events are served.
        has_dedicated_replies: Answers go to queues that proxies make, whose names begin with that
            one's; itself it need not exist.
        lease_s: Length of a lease in seconds (SES-12).
        once: Serve one event and end.
        region: The queues' region, or None to leave it to the SDK.
        profile: The AWS profile, or None to leave it to the SDK.
        report_format: How events are reported.
        verbosity: How much of their bodies, 0 to 2.
        on_error: What becomes of an event whose handler failed (SES-18).
        v0_errors: The same for events of version 0 (V0-6).
        handlers: How many events may run at a time (SES-1).
        command: The program to start for them and its arguments; empty where the handlers come by
            themselves.
        payload_bucket: Where payloads go that fit in no message, as `name` or `name/prefix`; None
            if there is no bucket.
        state_dir: The folder for the journal and for bad messages.
        tracing_level: One of `TRACING_LEVELS`.
    """

    request_queue_url: str
    response_queue_url: str | None
    has_dedicated_replies: bool = False
    lease_s: int = DEFAULT_LEASE_S
    once: bool = False
    region: str | None = None
    profile: str | None = None
    report_format: ReportFormat = "text"
    verbosity: int = 0
    on_error: OnError = "report"
    v0_errors: OnError = "hold"
    handlers: int = 1
    command: tuple[str, ...] = ()
    payload_bucket: str | None = None
    state_dir: Path
    tracing_level: str = "INFO"

    @property
    def bucket(self) -> Bucket | None:
        """The payload bucket as the protocol's core knows it."""
        return None if self.payload_bucket is None else Bucket(*parse_bucket(self.payload_bucket))

    def to_json(self) -> str:
        """The settings as text for another process of the same client."""
        return json.dumps({**asdict(self), "state_dir": str(self.state_dir)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote; nothing is checked again."""
        members = json.loads(text)
        state_dir, command = Path(members["state_dir"]), tuple(members["command"])
        return cls(**{**members, "state_dir": state_dir, "command": command})


def read_config(environment: Mapping[str, str], **options: Unpack[Options]) -> ClientConfig:
    """Settings from the environment, overruled by options.

    Raises:
        ConfigError: A value is missing or wrong.
    """
    requests = _queue(environment, REQUEST_QUEUE, "request")
    responses = _response_queue(environment, requests)
    return ClientConfig(
        request_queue_url=requests.url,
        response_queue_url=None if responses is None else responses.url,
        has_dedicated_replies=_has_dedicated_replies(environment),
        lease_s=_lease_s(environment, options.get("lease_s")),
        once=options.get("once", False),
        region=_region(environment, requests.url, options.get("region")),
        profile=options.get("profile"),
        report_format=options.get("report_format", "text"),
        verbosity=options.get("verbosity", 0),
        on_error=_on_error("on_error", options.get("on_error", "report")),
        v0_errors=_on_error("v0_errors", options.get("v0_errors", "hold")),
        payload_bucket=_payload_bucket(environment),
        state_dir=_state_dir(environment),
        tracing_level=read_tracing_level(environment, options.get("report_format", "text")),
    )


def read_tracing_level(environment: Mapping[str, str], report_format: ReportFormat = "text") -> str:
    """The name of the level that the log starts at, one of `TRACING_LEVELS`.

    Without the variable it is INFO, as for the proxy, but WARN beside the report for people: that
    says what the log would say, in better words and on the same screen.

    Raises:
        ConfigError: It is none of them.
    """
    level = environment.get(TRACING_LEVEL) or ("WARN" if report_format == "text" else "INFO")
    name = {"WARNING": "WARN"}.get(level.upper(), level.upper())
    if name not in TRACING_LEVELS:
        names = ", ".join(TRACING_LEVELS)
        raise ConfigError(
            f"Set {TRACING_LEVEL} to one of {names}: it is {level!r}.",
            hint="INFO shows a line for each event, DEBUG more, TRACE what dependencies log, too.",
        )
    return name


def _queue(environment: Mapping[str, str], variable: str, role: str) -> QueueAddress:
    url = environment.get(variable, "").strip()
    if not url:
        raise ConfigError(
            f"Set {variable} to the URL of the {role} queue: it is not set.",
            hint=f"Use the value that the proxy function has. {_EXAMPLE}",
        )
    try:
        return QueueAddress.parse(url)
    except ValueError:
        raise ConfigError(
            f"Set {variable} to the URL of a standard SQS queue: it is {url!r}.", hint=_EXAMPLE
        ) from None


_EXAMPLE: Final = "It looks like https://sqs.eu-west-1.amazonaws.com/123456789012/LAMBDA_PROXY_REQ."


def _response_queue(environment: Mapping[str, str], requests: QueueAddress) -> QueueAddress | None:
    mode = environment.get(MODE) or "wait"
    if mode not in {"wait", "notify"}:
        raise ConfigError(
            f"Set {MODE} to wait or notify, or not at all: it is {mode!r}.",
            hint="Use the value that the proxy function has.",
        )
    if mode == "notify" and not environment.get(RESPONSE_QUEUE, "").strip():
        return None
    responses = _queue(environment, RESPONSE_QUEUE, "response")
    if responses.account != requests.account:
        raise ConfigError(
            f"Set {RESPONSE_QUEUE} to a queue of the account {requests.account}, to which the "
            f"request queue belongs: it is of {responses.account}.",
            hint="Answers go only to the account of the request queue (SEC-2).",
        )
    if responses.name == requests.name:
        raise ConfigError(
            f"Set {RESPONSE_QUEUE} to another queue than {REQUEST_QUEUE}: both are "
            f"{requests.name}.",
            hint="Events and answers need a queue each.",
        )
    return responses


def _has_dedicated_replies(environment: Mapping[str, str]) -> bool:
    kind = environment.get(REPLY) or "shared"
    if kind not in {"shared", "dedicated"}:
        raise ConfigError(
            f"Set {REPLY} to shared or dedicated, or not at all: it is {kind!r}.",
            hint="Use the value that the proxy function has.",
        )
    return kind == "dedicated"


def _payload_bucket(environment: Mapping[str, str]) -> str | None:
    text = environment.get(PAYLOAD_BUCKET, "").strip()
    if not text:
        return None
    try:
        parse_bucket(text)
    except ValueError as exc:
        raise ConfigError(
            f"Set {PAYLOAD_BUCKET} to a bucket, or a bucket and a prefix: {exc}.",
            hint="Use the value that the proxy function has.",
        ) from None
    return text


def _lease_s(environment: Mapping[str, str], option: int | None) -> int:
    source, text = ("--lease-s", str(option)) if option is not None else (LEASE, "")
    text = text or environment.get(LEASE, "").strip() or str(DEFAULT_LEASE_S)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LEASE_S):
        raise ConfigError(
            f"Set {source} to a whole number of seconds from 1 to {MAX_LEASE_S}: it is {text!r}.",
            hint=f"Without it a lease lasts {DEFAULT_LEASE_S} s.",
        )
    return int(text)


def _on_error(name: str, option: OnError) -> OnError:
    if option not in get_args(OnError):
        raise ConfigError(
            f"Set {name} to report or hold, or not at all: it is {option!r}.",
            hint="hold keeps an event whose handler failed, to be run again.",
        )
    return option


def _region(environment: Mapping[str, str], queue_url: str, option: str | None) -> str | None:
    sources = (
        ("--region", option),
        ("AWS_REGION", environment.get("AWS_REGION")),
        ("AWS_DEFAULT_REGION", environment.get("AWS_DEFAULT_REGION")),
    )
    source, region = next(((source, text) for source, text in sources if text), ("", None))
    own = region_of(queue_url)
    redirected = environment.get("AWS_ENDPOINT_URL_SQS") or environment.get("AWS_ENDPOINT_URL")
    if region and own and region != own and not redirected:
        raise ConfigError(
            f"Set {source} to {own}, where the queue of {REQUEST_QUEUE} is: it is {region!r}.",
            hint="--region says it for the queues alone, and leaves the variable as it is.",
        )
    return region or own


def _state_dir(environment: Mapping[str, str]) -> Path:
    chosen = environment.get(STATE_DIR)
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = environment.get("XDG_STATE_HOME", "")
    # The XDG Base Directory Specification: a relative path is to be ignored.
    home = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state"
    return home / "lambda-debug"
