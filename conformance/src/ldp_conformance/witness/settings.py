"""The attributes of a queue as a value, and what SQS calls them.

Of FIFO queues and of keys of one's own nothing is modelled: the protocol uses neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness import redrive

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """The attributes of a queue; the defaults are those that the templates carry (SQS-4).

    Attributes:
        maximum_message_size_bytes: The most that a message may have with its attributes.
        visibility_s: How long a received message is hidden where a receive does not say.
        retention_s: How long a message is kept.
        receive_wait_s: How long a receive waits that does not say.
        delay_s: How long a message is hidden after it was sent, where the send does not say.
        is_encrypted: Whether SQS encrypts it with its own key.
        redrive_policy: RedrivePolicy as SQS's JSON text; empty for none.
        policy: Policy as JSON text; kept, never enforced.
    """

    maximum_message_size_bytes: int = 1_048_576
    visibility_s: int = 10
    retention_s: int = 3_600
    receive_wait_s: int = 20
    delay_s: int = 0
    is_encrypted: bool = True
    redrive_policy: str = ""
    policy: str = ""


#: What the templates carry.
RECOMMENDED: Final = QueueSettings()
#: What SQS takes for what CreateQueue does not say.
SQS_DEFAULTS: Final = QueueSettings(
    visibility_s=30, retention_s=345_600, receive_wait_s=0, maximum_message_size_bytes=1_048_576
)


@dataclass(frozen=True, slots=True)
class _Number:
    """A numeric attribute: the member that holds it, and the range that SQS allows."""

    member: str
    least: int
    most: int


_NUMBERS: Final = {
    "VisibilityTimeout": _Number("visibility_s", 0, 43_200),
    "MaximumMessageSize": _Number("maximum_message_size_bytes", 1_024, 1_048_576),
    "MessageRetentionPeriod": _Number("retention_s", 60, 1_209_600),
    "DelaySeconds": _Number("delay_s", 0, 900),
    "ReceiveMessageWaitTimeSeconds": _Number("receive_wait_s", 0, 20),
}
_TEXTS: Final = {"Policy": "policy", "RedrivePolicy": "redrive_policy"}
_ENCRYPTED: Final = "SqsManagedSseEnabled"
_TRUTH: Final = {"true": True, "false": False}
#: What can be asked for, and not set.
DERIVED: Final = frozenset(
    {
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible",
        "CreatedTimestamp",
        "LastModifiedTimestamp",
        "QueueArn",
    }
)
SETTABLE: Final = frozenset({*_NUMBERS, *_TEXTS, _ENCRYPTED})


class BadAttributeError(ValueError):
    """The value of an attribute is not one that SQS takes; its only argument is the name."""


def with_attributes(settings: QueueSettings, attributes: Mapping[str, str]) -> QueueSettings:
    """The settings with some of them changed, by SQS's names.

    Raises:
        BadAttributeError: A value cannot be one of that attribute.
        KeyError: There is no such attribute to be set.
    """
    changes: dict[str, int | bool | str] = {}
    for name, value in attributes.items():
        if name in _TEXTS:
            changes[_TEXTS[name]] = _text(name, value)
        elif name == _ENCRYPTED:
            changes["is_encrypted"] = _truth(name, value)
        else:
            changes[_NUMBERS[name].member] = _number(name, value)
    return replace(settings, **changes)  # type: ignore[arg-type] # each by its own member


def as_attributes(settings: QueueSettings) -> dict[str, str]:
    """The settings by SQS's names; texts that are empty are left out, as SQS does."""
    found = {name: str(getattr(settings, number.member)) for name, number in _NUMBERS.items()}
    for name, member in _TEXTS.items():
        if text := getattr(settings, member):
            found[name] = text
    return found | {_ENCRYPTED: "true" if settings.is_encrypted else "false"}


def first_difference(
    old: QueueSettings, new: QueueSettings, names: Mapping[str, str]
) -> str | None:
    """SQS's name of the first of the named attributes that the two do not share."""
    told = {name: as_attributes(new).get(name) for name in names}
    return next((name for name in told if as_attributes(old).get(name) != told[name]), None)


def _number(name: str, value: str) -> int:
    number = _NUMBERS[name]
    if not value.isascii() or not value.isdigit() or len(value) > len(str(number.most)):
        raise BadAttributeError(name)
    if not number.least <= int(value) <= number.most:
        raise BadAttributeError(name)
    return int(value)


def _text(name: str, value: str) -> str:
    if name == "RedrivePolicy":
        try:
            redrive.parse(value)
        except ValueError:
            raise BadAttributeError(name) from None
    return value


def _truth(name: str, value: str) -> bool:
    try:
        return _TRUTH[value.lower()]
    except KeyError:
        raise BadAttributeError(name) from None
