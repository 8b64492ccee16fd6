"""What an answer of SQS's looks like, so that another's is not taken for one.

The SDK makes an empty result of any 200 whose body is no JSON: a captive portal's log-in page,
or an answer that was cut short. As an empty poll either would be a dangerous lie, since a proxy
concludes from empty polls that nobody is attached.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ldp_queues.errors import QueueUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_MS_PER_S = 1000
# SQS answers an empty receive with {}; the rest is room for white space.
_LONGEST_EMPTY_BODY_BYTES = 16


@dataclass(frozen=True, slots=True)
class About:
    """What a call is about, for the message of the error that it may raise.

    Attributes:
        operation: SQS's name of the action.
        place: The queue's URL and the region, or what else was asked.
        clock_ms: The local clock, epoch milliseconds.
        size_bytes: The size of the text that was sent, 0 if none was.
    """

    operation: str
    place: str
    clock_ms: Callable[[], int]
    size_bytes: int = 0


def date_of(headers: Mapping[str, str]) -> int | None:
    """The `Date` of an answer (RFC 9110 section 6.6.1), epoch milliseconds, or None if it has none.

    Args:
        headers: The answer's headers, names in lower case as the SDK hands them out.
    """
    try:
        return int(parsedate_to_datetime(headers["date"]).timestamp()) * _MS_PER_S
    except (KeyError, TypeError, ValueError):
        return None


def not_sqs(about: About, what: str) -> QueueUnreachable:
    """The error for an answer that is none of SQS's."""
    return QueueUnreachable(
        f"{about.operation} on {about.place}: {what}, which is not how SQS answers",
        hint="Check the network (a log-in page?) and AWS_ENDPOINT_URL_SQS or AWS_ENDPOINT_URL: "
        "what answers there is not SQS, or the answer was cut.",
    )


def check_headers(answer: Mapping[str, Any], about: About) -> Mapping[str, str]:
    """The headers of an answer, which is JSON if it says what it is.

    Raises:
        QueueUnreachable: It is something else.
    """
    headers: Mapping[str, str] = answer["ResponseMetadata"]["HTTPHeaders"]
    content_type = headers.get("content-type", "json")
    if "json" not in content_type:
        raise not_sqs(about, f"an answer of type {content_type}")
    return headers


def check_emptiness(answer: Mapping[str, Any], about: About) -> None:
    """Make sure that an answer without messages had none.

    Raises:
        QueueUnreachable: It had a body that could not be read.
    """
    headers: Mapping[str, str] = answer["ResponseMetadata"]["HTTPHeaders"]
    if int(headers.get("content-length", 0)) > _LONGEST_EMPTY_BODY_BYTES:
        raise not_sqs(about, "an answer that cannot be read")


@contextmanager
def expecting(about: About) -> Iterator[None]:
    """Read members of an answer that SQS never leaves out.

    Raises:
        QueueUnreachable: One is missing.
    """
    try:
        yield
    except KeyError as exc:
        raise not_sqs(about, f"an answer without {exc}") from exc
