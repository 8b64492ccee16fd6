"""What an answer of SQS's looks like, so that another's is not taken for one.

The SDK makes an empty result of any 200 whose body is no JSON: a captive portal's log-in page,
or an answer that was cut short. As an empty poll either would be a dangerous lie, since a proxy
concludes from empty polls that nobody is attached.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ldp_queues.sqs_errors import SQS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_queues.sdk_errors import About

# SQS answers an empty receive with {}; the rest is room for white space.
_LONGEST_EMPTY_BODY_BYTES = 16


def check_headers(answer: Mapping[str, Any], about: About) -> Mapping[str, str]:
    """The headers of an answer, which is JSON if it says what it is.

    Raises:
        QueueUnreachable: It is something else.
    """
    headers: Mapping[str, str] = answer["ResponseMetadata"]["HTTPHeaders"]
    content_type = headers.get("content-type", "json")
    if "json" not in content_type:
        raise SQS.not_ours(about, f"an answer of type {content_type}")
    return headers


def check_emptiness(answer: Mapping[str, Any], about: About) -> None:
    """Make sure that an answer without messages had none.

    Raises:
        QueueUnreachable: It had a body that could not be read.
    """
    headers: Mapping[str, str] = answer["ResponseMetadata"]["HTTPHeaders"]
    if int(headers.get("content-length", 0)) > _LONGEST_EMPTY_BODY_BYTES:
        raise SQS.not_ours(about, "an answer that cannot be read")


@contextmanager
def expecting(about: About) -> Iterator[None]:
    """Read members of an answer that SQS never leaves out.

    Raises:
        QueueUnreachable: One is missing.
    """
    try:
        yield
    except KeyError as exc:
        raise SQS.not_ours(about, f"an answer without {exc}") from exc
