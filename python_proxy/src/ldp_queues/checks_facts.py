"""The facts about every queue of text, each a function that finds a queue out; see `checks`."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ldp_queues.bodies import MAX_BODY_BYTES, MAX_MESSAGES
from ldp_queues.errors import MessageTooLarge, QueueRefusedMessage, ReceiptExpired
from ldp_queues.ports import Incoming, Message, Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

_LONG_S = 30
_WAIT_S = 10
_MS_PER_S = 1000


class TextQueue(Outgoing, Incoming, Protocol):
    """A queue whose both ends the battery holds."""


class ContractBroken(AssertionError):  # noqa: N818 - it says what happened
    """A queue does not do what every queue of text does."""


def what_is_sent_arrives(make: Callable[[], TextQueue]) -> None:
    """A text arrives unchanged, with the identity that the send told and SQS's own time."""
    queue = make()
    for body in (
        "x",
        '{"a": 1.10, "a": "\\ud800"}',
        "tab\tnewline\nreturn\r",
        "\x20\x7f\x85\u2028\ud7ff\ue000\ufffd",
        "\U00010000\U0001f600\U0010ffff",
    ):
        stored = queue.send(body)
        message = _receive(queue)
        _require(message.body == body, f"sent {body!r}, received {message.body!r}")
        _require(message.message_id == stored.message_id, "the message has another ID")
        _require(message.receive_count == 1, "the first receive is not counted as 1")
        apart_ms = abs(message.sent_at_ms - stored.stored_at_ms)
        _require(apart_ms < _LONG_S * _MS_PER_S, f"two times of one send: {apart_ms} ms apart")
        queue.delete(message.receipt)


def a_full_message_arrives(make: Callable[[], TextQueue]) -> None:
    """A text of exactly the limit arrives unchanged."""
    queue = make()
    body = "é" * (MAX_BODY_BYTES // 2)
    queue.send(body)
    _require(_receive(queue).body == body, "a message of 1 MiB arrived changed")


def a_message_over_the_limit_is_refused(make: Callable[[], TextQueue]) -> None:
    """The limit counts UTF-8 bytes, and the refusal tells both numbers."""
    queue = make()
    body = "é" * (MAX_BODY_BYTES // 2) + "x"
    try:
        queue.send(body)
    except MessageTooLarge as error:
        numbers = (error.size_bytes, error.limit_bytes)
        _require(numbers == (MAX_BODY_BYTES + 1, MAX_BODY_BYTES), f"it told {numbers}")
    else:
        raise ContractBroken("a message of one byte too many was taken")
    _require_empty(queue)


def forbidden_characters_are_refused(make: Callable[[], TextQueue]) -> None:
    """A text with a character outside SQS's set is refused, and so is an empty one."""
    queue = make()
    for char in "\x00\x08\x0b\x0c\x0e\x1f\ud800\udfff\ufffe\uffff":
        _require_raises(QueueRefusedMessage, partial(queue.send, f"a{char}b"))
    _require_raises(QueueRefusedMessage, partial(queue.send, ""))
    _require_empty(queue)


def arguments_out_of_range_are_bugs(make: Callable[[], TextQueue]) -> None:
    """Waits, visibilities and counts that SQS does not take raise ValueError."""
    queue = make()
    for wait_s, visibility_s, max_messages in (
        (-1, 1, 1),
        (21, 1, 1),
        (0, -1, 1),
        (0, 43_201, 1),
        (0, 1, 0),
        (0, 1, 11),
    ):
        receive = partial(
            queue.receive, wait_s=wait_s, visibility_s=visibility_s, max_messages=max_messages
        )
        _require_raises(ValueError, receive)
    queue.send("x")
    receipt = _receive(queue).receipt
    _require_raises(ValueError, lambda: queue.change_visibility(receipt, 43_201))


def an_empty_queue_brings_nothing(make: Callable[[], TextQueue]) -> None:
    """A receive from an empty queue brings no message and no error, with and without a wait."""
    queue = make()
    for wait_s in (0, 1):
        found = queue.receive(wait_s=wait_s, visibility_s=1)
        _require(found == [], f"an empty queue brought {found}")


def queues_are_apart(make: Callable[[], TextQueue]) -> None:
    """What is sent to one queue does not arrive in another."""
    queue, other = make(), make()
    queue.send("x")
    _require_empty(other)


def a_receive_brings_no_more_than_asked(make: Callable[[], TextQueue]) -> None:
    """One message is the default; more come if more are asked for, each once, up to that many."""
    queue = make()
    sent = {queue.send(f"{number}").message_id for number in range(MAX_MESSAGES + 2)}
    found = queue.receive(wait_s=_WAIT_S, visibility_s=_LONG_S)
    _require(len(found) == 1, f"a receive of one brought {len(found)}")
    while more := queue.receive(wait_s=1, visibility_s=_LONG_S, max_messages=MAX_MESSAGES):
        _require(len(more) <= MAX_MESSAGES, f"a receive of {MAX_MESSAGES} brought {len(more)}")
        found += more
    ids = sorted(message.message_id for message in found)
    _require(ids == sorted(sent), f"sent {len(sent)} messages, received {len(ids)}")


def a_received_message_is_invisible(make: Callable[[], TextQueue]) -> None:
    """While a message's visibility timeout runs, nobody else receives it."""
    queue = make()
    queue.send("x")
    _receive(queue)
    _require_empty(queue)


def an_expired_message_comes_again(make: Callable[[], TextQueue]) -> None:
    """After its visibility timeout a message comes again: new receipt, one more in the count."""
    queue = make()
    queue.send("x")
    first = _receive(queue, visibility_s=1)
    again = _receive(queue)
    _require(again.message_id == first.message_id, "the message came again with another ID")
    _require(again.receipt != first.receipt, "the message came again with the same receipt")
    _require(again.receive_count == first.receive_count + 1, "the receive was not counted")
    _require(again.sent_at_ms == first.sent_at_ms, "the message came again with another time")


def a_message_can_be_looked_at(make: Callable[[], TextQueue]) -> None:
    """Received with a visibility of 0 seconds, a message is there for the next receive."""
    queue = make()
    queue.send("x")
    _receive(queue, visibility_s=0)
    _receive(queue)


def a_deleted_message_stays_away(make: Callable[[], TextQueue]) -> None:
    """A deleted message does not come again; deleting it once more is no error."""
    queue = make()
    queue.send("x")
    receipt = _receive(queue, visibility_s=1).receipt
    queue.delete(receipt)
    queue.delete(receipt)
    _require_empty(queue, wait_s=3)


def an_expired_receipt_still_deletes(make: Callable[[], TextQueue]) -> None:
    """As long as nobody received the message since, its receipt deletes it."""
    queue = make()
    queue.send("x")
    receipt = _receive(queue, visibility_s=0).receipt
    queue.delete(receipt)
    _require_empty(queue)


def only_the_newest_receipt_is_sure(make: Callable[[], TextQueue]) -> None:
    """Deleting with an older receipt is no error and may do nothing; the newest deletes."""
    queue = make()
    queue.send("x")
    older = _receive(queue, visibility_s=1).receipt
    newest = _receive(queue, visibility_s=1).receipt
    queue.delete(older)
    queue.delete(newest)
    _require_empty(queue, wait_s=3)


def a_kept_message_stays_invisible(make: Callable[[], TextQueue]) -> None:
    """A longer visibility counts from the call, so that a message can be kept by renewals."""
    queue = make()
    queue.send("x")
    receipt = _receive(queue, visibility_s=5).receipt
    queue.change_visibility(receipt, _LONG_S)
    _require_empty(queue, wait_s=7)


def a_released_message_is_there(make: Callable[[], TextQueue]) -> None:
    """A visibility of 0 seconds gives a message back at once."""
    queue = make()
    queue.send("x")
    queue.change_visibility(_receive(queue).receipt, 0)
    again = _receive(queue)
    _require(again.receive_count > 1, "the first receive was not counted")


def a_deleted_message_cannot_be_kept(make: Callable[[], TextQueue]) -> None:
    """Changing the visibility of a deleted message raises ReceiptExpired."""
    queue = make()
    queue.send("x")
    receipt = _receive(queue).receipt
    queue.delete(receipt)
    _require_raises(ReceiptExpired, lambda: queue.change_visibility(receipt, 1))


def a_foreign_receipt_is_refused(make: Callable[[], TextQueue]) -> None:
    """A receipt handle that SQS never gave out raises ReceiptExpired."""
    queue = make()
    _require_raises(ReceiptExpired, lambda: queue.delete("no-such-receipt"))
    _require_raises(ReceiptExpired, lambda: queue.change_visibility("no-such-receipt", 1))


def a_waiting_receive_is_woken(make: Callable[[], TextQueue]) -> None:
    """A receive that waits brings a message that is sent meanwhile."""
    queue = make()
    found: list[Message] = []
    waiting = threading.Thread(
        target=lambda: found.extend(queue.receive(wait_s=20, visibility_s=_LONG_S))
    )
    waiting.start()
    queue.send("x")
    waiting.join()
    _require([message.body for message in found] == ["x"], f"the receive brought {found}")


def _receive(queue: TextQueue, visibility_s: int = _LONG_S) -> Message:
    found = queue.receive(wait_s=_WAIT_S, visibility_s=visibility_s)
    _require(len(found) == 1, f"expected one message, received {found}")
    return found[0]


def _require_empty(queue: TextQueue, wait_s: int = 1) -> None:
    found = queue.receive(wait_s=wait_s, visibility_s=_LONG_S, max_messages=MAX_MESSAGES)
    _require(found == [], f"expected no message, received {found}")


def _require_raises(error: type[Exception], action: Callable[[], object]) -> None:
    try:
        action()
    except error:
        return
    raise ContractBroken(f"expected {error.__name__}, and nothing was raised")


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise ContractBroken(otherwise)
