"""What a proxy is told by its variables, and what it refuses of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faulty.proxy.errors import misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUEUE_URL = re.compile(r"https?://[^\s/?#]+(/[^\s/?#]+)*/[0-9]{12}/[0-9A-Za-z_-]{1,80}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a proxy is told.

    Attributes:
        name: Name of the function that it plays.
        timeout_s: The function's timeout.
        request_url: URL of the request queue.
        response_url: URL of the response queue; empty if one-way and not given.
        is_one_way: LAMBDA_PROXY_MODE is `notify`.
        is_dedicated: LAMBDA_PROXY_REPLY is `dedicated`.
        start_within_s: LAMBDA_PROXY_START_WITHIN_S; None for no start window.
        fallback: The function that answers where nobody is there; empty for an error.
        bucket: Where payloads wait that fit in no message; empty for none.
        prefix: What stands before their keys; empty for nothing.
        level: LAMBDA_PROXY_TRACING_LEVEL.
        region: The AWS region.
        access_key: The AWS access key, by which the witness knows this process.
        endpoints: Where `sqs`, `s3` and `lambda` are.
    """

    name: str
    timeout_s: float
    request_url: str
    response_url: str
    is_one_way: bool
    is_dedicated: bool
    start_within_s: float | None
    fallback: str
    bucket: str
    prefix: str
    level: str
    region: str
    access_key: str
    endpoints: Mapping[str, str]


def settings_of(variables: Mapping[str, str], name: str, timeout_s: float) -> Settings:
    """Read and judge the variables.

    Raises:
        ProxyError: One is missing or wrong (ERR-8).
    """
    is_one_way = _choice(variables, "LAMBDA_PROXY_MODE", ("wait", "notify")) == "notify"
    bucket, _, prefix = variables.get("LAMBDA_PROXY_PAYLOAD_BUCKET", "").partition("/")
    level = _choice(variables, "LAMBDA_PROXY_TRACING_LEVEL", ("INFO", "DEBUG", "TRACE"))
    start_within_s = _start_within_s(variables)
    return Settings(
        name=name,
        timeout_s=timeout_s,
        request_url=_queue_url(variables, "LAMBDA_PROXY_REQ_QUEUE_URL", is_required=True),
        response_url=_queue_url(
            variables, "LAMBDA_PROXY_RESP_QUEUE_URL", is_required=not is_one_way
        ),
        is_one_way=is_one_way,
        is_dedicated=_choice(variables, "LAMBDA_PROXY_REPLY", ("shared", "dedicated"))
        == "dedicated",
        start_within_s=start_within_s,
        fallback=_fallback(variables, start_within_s),
        bucket=_bucket(bucket),
        prefix=prefix.strip("/"),
        level=level,
        region=variables.get("AWS_REGION", variables.get("AWS_DEFAULT_REGION", "us-east-1")),
        access_key=variables.get("AWS_ACCESS_KEY_ID", ""),
        endpoints={service: _endpoint(variables, service) for service in ("sqs", "s3", "lambda")},
    )


def _endpoint(variables: Mapping[str, str], service: str) -> str:
    own = variables.get(f"AWS_ENDPOINT_URL_{service.upper()}")
    return own or variables.get("AWS_ENDPOINT_URL", "")


def _choice(variables: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = variables.get(name) or choices[0]
    if value not in choices:
        raise misconfigured(name, f"is {value!r}; it can be {' or '.join(choices)}")
    return value


def _queue_url(variables: Mapping[str, str], name: str, *, is_required: bool) -> str:
    value = variables.get(name, "")
    if not value and is_required:
        raise misconfigured(name, "is missing; give it the URL of the queue")
    if value and not _QUEUE_URL.fullmatch(value):
        raise misconfigured(name, "is no URL of a queue; it ends in the account and the name")
    return value


def _bucket(name: str) -> str:
    if name and not re.fullmatch(r"[0-9a-z.-]{3,63}", name):
        raise misconfigured(
            "LAMBDA_PROXY_PAYLOAD_BUCKET", "names no bucket; give name or name/prefix"
        )
    return name


def _start_within_s(variables: Mapping[str, str]) -> float | None:
    value = variables.get("LAMBDA_PROXY_START_WITHIN_S", "")
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 2 <= seconds <= 5400:
        raise misconfigured("LAMBDA_PROXY_START_WITHIN_S", f"is {value!r}; it can be 2 to 5400")
    return seconds


def _fallback(variables: Mapping[str, str], start_within_s: float | None) -> str:
    wanted = _choice(variables, "LAMBDA_PROXY_WHEN_ABSENT", ("error", "fallback"))
    name = variables.get("LAMBDA_PROXY_FALLBACK_FUNCTION", "")
    if wanted == "error":
        return ""
    if start_within_s is None:
        raise misconfigured("LAMBDA_PROXY_START_WITHIN_S", "is missing; a fallback needs it")
    if not name:
        raise misconfigured("LAMBDA_PROXY_FALLBACK_FUNCTION", "is missing; name a version of it")
    return name
