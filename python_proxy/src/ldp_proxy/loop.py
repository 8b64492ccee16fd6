"""The bridge between the core's exchange and the queues: it carries out, and decides nothing.

One message at a time is asked for and dealt with. Queue errors become triggers of the exchange;
what is to be done with a message is done, and if that fails it costs a log line, never the answer
(EXC-33).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from ldp_queues.errors import MessageTooLarge, QueueError
from ldp_wire.exchange import State
from ldp_wire.limits import REPLY_VISIBILITY_S
from ldp_wire.replies import ReplyAction

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_queues.ports import Incoming, Message, Outgoing
    from ldp_wire.exchange import ProxyExchange
    from ldp_wire.replies import Disposition

_logger = logging.getLogger(__name__)


class Pace(NamedTuple):
    """Time and chance, as an exchange's surroundings have them.

    Attributes:
        clock_ms: The time, epoch milliseconds.
        pause: Lets so many seconds pass.
        jitter: A random number from 0 to 1.
    """

    clock_ms: Callable[[], int]
    pause: Callable[[float], object]
    jitter: Callable[[], float]


def store(exchange: ProxyExchange, text: str, outgoing: Outgoing, pace: Pace) -> None:
    """Send the request, again and again while what fails may pass.

    Args:
        exchange: A new one; it awaits its answer afterwards, or is over.
        text: Its request, encoded.
        outgoing: The request queue.
        pace: Time and chance.

    Raises:
        MessageTooLarge: The request queue takes less than was thought; nothing is stored.
    """
    while exchange.state is State.IDLE:
        _send(exchange, text, outgoing, pace)


def _send(exchange: ProxyExchange, text: str, outgoing: Outgoing, pace: Pace) -> None:
    try:
        outgoing.send(text)
    except MessageTooLarge:
        raise
    except QueueError as exc:
        _fail(exchange, exc, pace)
    else:
        exchange.stored(pace.clock_ms())


def collect(exchange: ProxyExchange, incoming: Incoming, pace: Pace) -> str | None:
    """Receive until the exchange is over; its outcome is set then.

    Args:
        exchange: One whose request is stored, or that is over.
        incoming: The reply queue.
        pace: Time and chance.

    Returns:
        The receipt handle of the message that ended it, to be deleted once the answer is passed
        on; None if none did.
    """
    receipt = None
    while wait_s := exchange.wait_s(pace.clock_ms()):
        begun_ms = pace.clock_ms()
        try:
            messages = incoming.receive(wait_s=wait_s, visibility_s=REPLY_VISIBILITY_S)
        except QueueError as exc:
            _fail(exchange, exc, pace)
            continue
        for message in messages:
            if _take(exchange, message, incoming, pace):
                receipt = message.receipt
        exchange.receive_ended(begun_ms=begun_ms, now_ms=pace.clock_ms())
    return receipt


def _take(exchange: ProxyExchange, message: Message, incoming: Incoming, pace: Pace) -> bool:
    """Deal with a message; whether it is to be kept until its answer is passed on."""
    disposition = exchange.receive(message, pace.clock_ms())
    is_kept = disposition.action is ReplyAction.KEEP
    if not is_kept:
        _log_disposition(message, disposition)
        _dispose(message, disposition, incoming, pace)
    return is_kept


def _fail(exchange: ProxyExchange, exc: QueueError, pace: Pace) -> None:
    """Let the exchange end, or pause before the next attempt (EXC-32)."""
    pause_s = exchange.queue_failed(explain(exc), transient=exc.transient, now_ms=pace.clock_ms())
    if exchange.outcome is None:
        _logger.warning(
            "queue.retrying",
            extra={
                "request_id": exchange.request.request_id,
                "error": type(exc).__name__,
                "reason": str(exc),
                "pause_s": pause_s,
            },
        )
        pace.pause(pause_s)


def explain(exc: QueueError) -> str:
    """What happened and what to do next, for the caller (ERR-2)."""
    return f"{str(exc).rstrip('.')}. {exc.hint}"


def _dispose(message: Message, disposition: Disposition, incoming: Incoming, pace: Pace) -> None:
    try:
        if disposition.action is ReplyAction.DELETE:
            incoming.delete(message.receipt)
        else:
            incoming.change_visibility(message.receipt, disposition.visibility_s)
    except QueueError as exc:
        _logger.warning(
            "reply.disposal_failed",
            extra={"message_id": message.message_id, "reason": str(exc)},
        )
    if disposition.pause_max_s:
        pace.pause(pace.jitter() * disposition.pause_max_s)


def _log_disposition(message: Message, disposition: Disposition) -> None:
    """Say what becomes of a message; of one that cannot be read, its fingerprint (EXC-15)."""
    data: dict[str, object] = {
        "message_id": message.message_id,
        "reason": disposition.reason,
        "receive_count": message.receive_count,
    }
    bad = disposition.bad
    if bad is not None:
        data |= {
            "requirement": bad.requirement,
            "reason": bad.reason,
            "sha256": bad.sha256,
            "length_bytes": bad.length_bytes,
        }
        _logger.warning("reply.bad", extra=data)
    elif disposition.fell_back is not None:
        _log_after_fallback(disposition, data)
    elif disposition.action is ReplyAction.DELETE:
        _logger.debug("reply.deleted", extra=data)
    else:
        _logger.debug("reply.released", extra=data)


def _log_after_fallback(disposition: Disposition, data: dict[str, object]) -> None:
    """Say that a client replied to what the fallback had answered, and if it ran twice (EXC-24)."""
    data |= {"request_id": disposition.fell_back}
    if disposition.double_run:
        _logger.warning("exchange.double_run", extra={**data, "error_type": "Proxy.DoubleRun"})
    else:
        _logger.info("reply.after_fallback", extra=data)
