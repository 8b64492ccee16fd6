"""What SQS does with messages, one and in batches: its parameters to verbs of a queue, and back."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.witness import faults, polls, refusals
from ldp_conformance.witness.asks import outlive
from ldp_conformance.witness.md5s import md5_of, md5_of_attributes
from ldp_conformance.witness.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ldp_conformance.witness.message import Attribute, Delivery
    from ldp_conformance.witness.served_queue import ServedQueue
    from ldp_conformance.witness.sqs_parameters import Parameters

    #: What is answered, and the messages that it is about.
    Result = tuple[dict[str, Any], tuple[str, ...]]
    Operation = Callable[["ServedQueue", "Parameters", str, int], Awaitable[Result]]

_ENTRY_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,80}")
_ALL: Final = frozenset({"All", ".*"})
_MAX_BATCH_BYTES: Final = 1_048_576


async def send(queue: ServedQueue, asked: Parameters, sender: str, _off_ms: int) -> Result:
    """SendMessage."""
    return await _soon(queue, lambda: _send(queue, asked, sender))


async def send_batch(queue: ServedQueue, asked: Parameters, sender: str, _off_ms: int) -> Result:
    """SendMessageBatch."""
    entries = _entries(asked)
    bodies = (entry.maybe_text("MessageBody") for entry in entries)
    size_bytes = sum(len(body.encode(errors="replace")) for body in bodies)
    if size_bytes > _MAX_BATCH_BYTES:
        raise refusals.bad_batch(
            "BatchRequestTooLong",
            f"Batch requests cannot be longer than {_MAX_BATCH_BYTES} bytes. You have sent "
            f"{size_bytes} bytes.",
        )
    return await _soon(queue, lambda: _each(entries, lambda entry: _send(queue, entry, sender)))


async def receive(queue: ServedQueue, asked: Parameters, sender: str, off_ms: int) -> Result:
    """ReceiveMessage."""
    wait_s = asked.number(refusals.WAIT)
    poll = polls.Poll(
        sender=sender,
        wait_s=queue.settings.receive_wait_s if wait_s is None else wait_s,
        visibility_s=asked.number(refusals.VISIBILITY),
        at_most=asked.number(refusals.MESSAGES) or 1,
    )
    system = {*asked.texts("MessageSystemAttributeNames"), *asked.texts("AttributeNames")}
    names = asked.texts("MessageAttributeNames")
    found = await polls.carry_out(poll, queue)
    if not found:
        return {}, ()
    told = [_told(each, system, names, off_ms) for each in found]
    return {"Messages": told}, tuple(each.message.id for each in found)


async def delete(queue: ServedQueue, asked: Parameters, sender: str, _off_ms: int) -> Result:
    """DeleteMessage."""
    return _delete(queue, asked, sender)


async def delete_batch(queue: ServedQueue, asked: Parameters, sender: str, _off_ms: int) -> Result:
    """DeleteMessageBatch."""
    return _each(_entries(asked), lambda entry: _delete(queue, entry, sender))


async def change_visibility(
    queue: ServedQueue, asked: Parameters, _sender: str, _off_ms: int
) -> Result:
    """ChangeMessageVisibility."""
    return _change_visibility(queue, asked)


async def change_visibility_batch(
    queue: ServedQueue, asked: Parameters, _sender: str, _off_ms: int
) -> Result:
    """ChangeMessageVisibilityBatch."""
    return _each(_entries(asked), lambda entry: _change_visibility(queue, entry))


def _send(queue: ServedQueue, asked: Parameters, sender: str) -> Result:
    message = queue.store(
        asked.text("MessageBody"),
        sender=sender,
        attributes=asked.attributes(),
        delay_s=asked.number(refusals.DELAY),
    )
    answer = {"MessageId": message.id, "MD5OfMessageBody": md5_of(message.body)}
    if message.attributes:
        answer["MD5OfMessageAttributes"] = md5_of_attributes(message.attributes)
    return answer, (message.id,)


def _delete(queue: ServedQueue, asked: Parameters, sender: str) -> Result:
    message = queue.delete_by(asked.text("ReceiptHandle"), sender=sender)
    return {}, (message.id,) if message else ()


def _change_visibility(queue: ServedQueue, asked: Parameters) -> Result:
    receipt = asked.text("ReceiptHandle")
    visibility_s = asked.number(refusals.VISIBILITY, required=True) or 0
    return {}, (queue.change_visibility(receipt, visibility_s).id,)


async def _soon(queue: ServedQueue, store: Callable[[], Result]) -> Result:
    """Store it now, or late where a fault says so, whether its caller waits for that or not."""
    late = queue.faults.take(faults.LateStore)
    if late is None:
        return store()

    async def later() -> Result:
        await asyncio.sleep(late.seconds)
        queue.check_exists()
        return store()

    return await outlive(later())


def _told(
    delivery: Delivery, system: Iterable[str], names: list[str], off_ms: int
) -> dict[str, Any]:
    message = delivery.message
    told: dict[str, Any] = {
        "MessageId": message.id,
        "ReceiptHandle": delivery.receipt,
        "MD5OfBody": md5_of(message.body),
        "Body": message.body,
    }
    known = {
        "SenderId": f"AIDA{message.sender}",
        "SentTimestamp": str(message.sent_at_ms + off_ms),
        "ApproximateReceiveCount": str(delivery.receive_count),
        "ApproximateFirstReceiveTimestamp": str(delivery.first_received_at_ms + off_ms),
    }
    wanted = known if "All" in system else [name for name in known if name in system]
    if wanted:
        told["Attributes"] = {name: known[name] for name in wanted}
    chosen = [each for each in message.attributes if _is_named(each.name, names)]
    if chosen:
        told["MessageAttributes"] = {each.name: _attribute(each) for each in chosen}
        told["MD5OfMessageAttributes"] = md5_of_attributes(chosen)
    return told


def _is_named(name: str, names: list[str]) -> bool:
    return any(
        each in _ALL or each == name or (each.endswith(".*") and name.startswith(each[:-2]))
        for each in names
    )


def _attribute(attribute: Attribute) -> dict[str, str]:
    if isinstance(attribute.value, bytes):
        value = {"BinaryValue": base64.b64encode(attribute.value).decode()}
    else:
        value = {"StringValue": attribute.value}
    return value | {"DataType": attribute.data_type}


def _entries(asked: Parameters) -> list[Parameters]:
    """The entries of a batch.

    Raises:
        Refusal: The batch as a whole is wrong.
    """
    entries = asked.entries("Entries")
    if not entries:
        raise refusals.bad_batch(
            "EmptyBatchRequest", "There should be at least one entry in the request."
        )
    if len(entries) > refusals.MAX_BATCH:
        raise refusals.bad_batch(
            "TooManyEntriesInBatchRequest",
            f"Maximum number of entries per request are 10. You have sent {len(entries)}.",
        )
    ids = [entry.text("Id") for entry in entries]
    if not all(_ENTRY_ID.fullmatch(each) for each in ids):
        raise refusals.bad_batch(
            "InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
            "It can be at most 80 letters long.",
        )
    if repeated := next((each for each in ids if ids.count(each) > 1), None):
        raise refusals.bad_batch("BatchEntryIdsNotDistinct", f"Id {repeated} repeated.")
    return entries


def _each(entries: list[Parameters], do: Callable[[Parameters], Result]) -> Result:
    """Do it for each entry; what is refused is told, and stops no other."""
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    message_ids: tuple[str, ...] = ()
    for entry in entries:
        identity = {"Id": entry.text("Id")}
        try:
            answer, ids = do(entry)
        except Refusal as refusal:
            fault = refusal.is_senders_fault
            failed.append(
                identity | {"SenderFault": fault, "Code": refusal.code, "Message": refusal.text}
            )
        else:
            done.append(identity | answer)
            message_ids += ids
    result = {"Successful": done} if done else {}
    return result | ({"Failed": failed} if failed else {}), message_ids
