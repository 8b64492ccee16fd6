"""What SQS does with queues themselves: their attributes, tags, URLs and lists."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.witness import refusals
from ldp_conformance.witness.refusals import Range, Refusal
from ldp_conformance.witness.settings import (
    DERIVED,
    SETTABLE,
    SQS_DEFAULTS,
    BadAttributeError,
    as_attributes,
    with_attributes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.witness.account import Account
    from ldp_conformance.witness.queue import WitnessQueue
    from ldp_conformance.witness.settings import QueueSettings
    from ldp_conformance.witness.sqs_messages import Result
    from ldp_conformance.witness.sqs_parameters import Parameters

_MAX_RESULTS: Final = Range("MaxResults", 1, 1_000)
_MOST_TAGS: Final = 50
_ALL: Final = "All"


def create(account: Account, asked: Parameters) -> Result:
    """CreateQueue."""
    attributes, tags = asked.map("Attributes"), asked.map("tags") or asked.map("Tags")
    settings = _changed(SQS_DEFAULTS, attributes)
    _check_tags(tags)
    queue, is_new = account.create(asked.text("QueueName"), settings, attributes)
    if is_new:
        queue.tags.update(tags)
    return {"QueueUrl": queue.url}, ()


def url(account: Account, asked: Parameters) -> Result:
    """GetQueueUrl."""
    queue = account.find(asked.text("QueueName"))
    if queue is None:
        raise refusals.no_such_queue()
    return {"QueueUrl": queue.url}, ()


def list_(account: Account, asked: Parameters) -> Result:
    """ListQueues; pages where MaxResults is said."""
    found = [queue.url for queue in account.named(asked.maybe_text("QueueNamePrefix"))]
    at_most = asked.number(_MAX_RESULTS)
    begin = _position(asked.maybe_text("NextToken"))
    page = found[begin : begin + (at_most or _MAX_RESULTS.most)]
    answer: dict[str, Any] = {"QueueUrls": page} if page else {}
    if at_most and begin + at_most < len(found):
        answer["NextToken"] = base64.b64encode(str(begin + at_most).encode()).decode()
    return answer, ()


def delete(account: Account, queue: WitnessQueue) -> Result:
    """DeleteQueue."""
    account.delete(queue)
    return {}, ()


def attributes_of(queue: WitnessQueue, asked: Parameters) -> Result:
    """GetQueueAttributes."""
    names = asked.texts("AttributeNames")
    _check_names(names, DERIVED | SETTABLE | {_ALL})
    visible, in_flight, delayed = queue.counts()
    known = as_attributes(queue.settings) | {
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesNotVisible": str(in_flight),
        "ApproximateNumberOfMessagesDelayed": str(delayed),
        "CreatedTimestamp": str(queue.created_at_ms // 1_000),
        "LastModifiedTimestamp": str(queue.modified_at_ms // 1_000),
        "QueueArn": queue.arn,
    }
    told = known if _ALL in names else {name: known[name] for name in known if name in names}
    return {"Attributes": told} if told else {}, ()


def set_attributes(queue: WitnessQueue, asked: Parameters) -> Result:
    """SetQueueAttributes."""
    attributes = asked.map("Attributes")
    if not attributes:
        raise refusals.missing("Attributes")
    queue.change_settings(_changed(queue.settings, attributes))
    return {}, ()


def tag(queue: WitnessQueue, asked: Parameters) -> Result:
    """TagQueue."""
    tags = asked.map("Tags")
    if not tags:
        raise refusals.missing("Tags")
    _check_tags(queue.tags | tags)
    queue.tags.update(tags)
    return {}, ()


def untag(queue: WitnessQueue, asked: Parameters) -> Result:
    """UntagQueue."""
    keys = asked.texts("TagKeys")
    if not keys:
        raise refusals.invalid_value("Tag keys must be between 1 and 128 characters in length.")
    for key in keys:
        queue.tags.pop(key, None)
    return {}, ()


def tags_of(queue: WitnessQueue) -> Result:
    """ListQueueTags."""
    return {"Tags": dict(queue.tags)} if queue.tags else {}, ()


def purge(queue: WitnessQueue, sender: str) -> Result:
    """PurgeQueue."""
    queue.purge(sender=sender)
    return {}, ()


def _changed(settings: QueueSettings, attributes: Mapping[str, str]) -> QueueSettings:
    _check_names(attributes, SETTABLE)
    try:
        return with_attributes(settings, attributes)
    except BadAttributeError as error:
        raise Refusal(
            "InvalidAttributeValue", f"Invalid value for the parameter {error}."
        ) from error


def _check_names(names: Mapping[str, str] | list[str], known: frozenset[str]) -> None:
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise Refusal("InvalidAttributeName", f"Unknown Attribute {unknown}.")


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > _MOST_TAGS:
        raise refusals.invalid_value("Too many tags added for queue.")


def _position(token: str) -> int:
    try:
        return int(base64.b64decode(token, validate=True) or b"0")
    except (binascii.Error, ValueError):
        raise refusals.invalid_value("Invalid or expired next token.") from None
