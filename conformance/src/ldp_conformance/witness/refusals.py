"""What AWS refuses, in its own words and under its own codes.

SQS answers each error under a name of its JSON protocol and under the code of its older Query
protocol, in the header `x-amzn-query-error`, which SDKs prefer. Texts and codes are those that SQS
was seen to answer; where several are in use, the one of its JSON protocol.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness.names import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ldp_conformance.witness.message import Attribute

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUEUE_NAME: Final = re.compile(r"[0-9A-Za-z_-]{1,80}")
_SQS: Final = "com.amazonaws.sqs#"
_CORAL: Final = "com.amazon.coral.service#"
_FORBIDDEN_STATUS: Final = 403
MAX_WAIT_S: Final = 20
MAX_VISIBILITY_S: Final = 43_200
MAX_DELAY_S: Final = 900
MAX_BATCH: Final = 10


class Refusal(Exception):  # noqa: N818 - it is an answer
    """AWS refuses a call.

    Args:
        code: The code that SDKs show, that of the Query protocol.
        text: The message.
        status: The HTTP status.
        name: The name in the JSON protocol; the code if there is no other.
        namespace: What stands before the name.
        extra: What else an error in XML says, such as both times.
    """

    def __init__(  # noqa: PLR0913 - an error has so many parts
        self,
        code: str,
        text: str,
        *,
        status: int = 400,
        name: str = "",
        namespace: str = _SQS,
        extra: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.status = status
        self.type = namespace + (name or code)
        self.extra = extra

    @property
    def is_senders_fault(self) -> bool:
        """Whether the call was wrong, and not the service."""
        return self.status < 500  # noqa: PLR2004 - HTTP's own border


def no_such_queue() -> Refusal:
    """There is no queue of that name."""
    return Refusal(
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
        name="QueueDoesNotExist",
    )


def invalid_value(text: str) -> Refusal:
    """A parameter has a value that it must not have."""
    return Refusal(
        "InvalidParameterValue", text, name="InvalidParameterValueException", namespace=_CORAL
    )


def missing(parameter: str) -> Refusal:
    """A parameter that must be there is not, or is empty."""
    return Refusal(
        "MissingParameter",
        f"The request must contain the parameter {parameter}.",
        name="MissingRequiredParameterException",
        namespace=_CORAL,
    )


def bad_receipt(receipt: str) -> Refusal:
    """What was given as a receipt handle never was one of this queue."""
    text = f'The input receipt handle "{receipt}" is not a valid receipt handle.'
    return Refusal("ReceiptHandleIsInvalid", text, status=404)


def gone_message(receipt: str) -> Refusal:
    """The visibility of a message is to change that is deleted."""
    return invalid_value(
        f"Value {receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist "
        "or is not available for visibility timeout change."
    )


def not_in_flight() -> Refusal:
    """The visibility of a message is to change that nobody holds."""
    return Refusal(
        "AWS.SimpleQueueService.MessageNotInflight",
        "The specified message isn't in flight.",
        name="MessageNotInflight",
    )


def too_long_in_flight(visibility_s: int) -> Refusal:
    """A message is to stay invisible for more than 12 hours since its receive."""
    return invalid_value(
        f"Value {visibility_s} for parameter VisibilityTimeout is invalid. Reason: Total "
        "VisibilityTimeout for the message is beyond the limit [43200 seconds]"
    )


def purged_just_now(name: str) -> Refusal:
    """A queue is to be emptied again within a minute."""
    return Refusal(
        "AWS.SimpleQueueService.PurgeQueueInProgress",
        f"Only one PurgeQueue operation on {name} is allowed every 60 seconds.",
        status=_FORBIDDEN_STATUS,
        name="PurgeQueueInProgress",
    )


def throttled() -> Refusal:
    """There are too many calls."""
    return Refusal("RequestThrottled", "Rate exceeded", name="RequestThrottled")


def server_error(status: int) -> Refusal:
    """The service is at fault."""
    if status == 503:  # noqa: PLR2004 - Service Unavailable
        return Refusal(
            "ServiceUnavailable",
            "The service is temporarily unavailable.",
            status=status,
            namespace=_CORAL,
        )
    return Refusal(
        "InternalFailure", "We encountered an internal error.", status=status, namespace=_CORAL
    )


def denied(operation: str, resource: str) -> Refusal:
    """Whoever asks may not do that."""
    return Refusal(
        "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:user/port is not authorized to perform: {operation} on "
        f"resource: {resource} because no identity-based policy allows the {operation} action",
        status=_FORBIDDEN_STATUS,
        name="AccessDeniedException",
        namespace=_CORAL,
    )


def bad_batch(name: str, text: str) -> Refusal:
    """A batch as a whole is wrong."""
    return Refusal(f"AWS.SimpleQueueService.{name}", text, name=name)


def check_body(body: str, attributes: Iterable[Attribute], limit_bytes: int) -> None:
    """Refuse a message whose characters or size SQS does not take.

    Raises:
        Refusal: It is empty, has such a character, or is too large with its attributes.
    """
    if not body:
        raise missing("MessageBody")
    if _FORBIDDEN.search(body):
        raise Refusal(
            "InvalidMessageContents",
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
            "#xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        )
    size_bytes = len(body.encode()) + sum(each.size_bytes for each in attributes)
    if size_bytes > limit_bytes:
        raise invalid_value(
            "One or more parameters are invalid. Reason: Message must be shorter than "
            f"{limit_bytes} bytes."
        )


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a number of a call may have.

    Attributes:
        parameter: The name of the number.
        least: The smallest value.
        most: The largest value.
    """

    parameter: str
    least: int
    most: int

    def check(self, value: int) -> int:
        """The value, where SQS takes it.

        Raises:
            Refusal: It is out of range.
        """
        if not self.least <= value <= self.most:
            raise invalid_value(
                f"Value {value} for parameter {self.parameter} is invalid. Reason: Must be "
                f"between {self.least} and {self.most}, if provided."
            )
        return value


WAIT: Final = Range("WaitTimeSeconds", 0, MAX_WAIT_S)
VISIBILITY: Final = Range("VisibilityTimeout", 0, MAX_VISIBILITY_S)
MESSAGES: Final = Range("MaxNumberOfMessages", 1, MAX_BATCH)
DELAY: Final = Range("DelaySeconds", 0, MAX_DELAY_S)


def check_queue_name(name: str) -> None:
    """Refuse a name that no standard queue can have.

    Raises:
        Refusal: It is one.
    """
    if not _QUEUE_NAME.fullmatch(name):
        raise invalid_value(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )


def bad_clock(signed_s: float, now_s: float, most_s: int) -> Refusal:
    """The caller's clock is too far off for its signature.

    Args:
        signed_s: The time of the signature, epoch seconds.
        now_s: The time of AWS's clock.
        most_s: How far apart they may be.
    """
    limit_s = now_s - most_s if signed_s < now_s else now_s + most_s
    sentence = "expired" if signed_s < now_s else "not yet current"
    relation = "earlier" if signed_s < now_s else "later"
    sign = "-" if signed_s < now_s else "+"
    return Refusal(
        "SignatureDoesNotMatch",
        f"Signature {sentence}: {_stamp(signed_s)} is {'now ' if sign == '-' else 'still '}"
        f"{relation} than {_stamp(limit_s)} ({_stamp(now_s)} {sign} {most_s // 60} min.)",
        status=_FORBIDDEN_STATUS,
        name="InvalidSignatureException",
        namespace=_CORAL,
        extra=(
            ("RequestTime", _stamp(signed_s)),
            ("ServerTime", datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("MaxAllowedSkewMilliseconds", str(most_s * 1_000)),
        ),
    )


def _stamp(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y%m%dT%H%M%SZ")
