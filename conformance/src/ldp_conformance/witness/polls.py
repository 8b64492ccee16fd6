"""A receive that waits: it sleeps until something may have become visible, and never looks twice.

A receive whose caller goes away is cancelled and takes nothing, unless a fault lets it go on.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_conformance.witness import faults
from ldp_conformance.witness.asks import Severed, outlive

if TYPE_CHECKING:
    from ldp_conformance.witness.message import Delivery
    from ldp_conformance.witness.served_queue import ServedQueue


@dataclass(frozen=True, slots=True)
class Poll:
    """A receive as it was asked for.

    Attributes:
        sender: Who asks.
        wait_s: How long to wait for a message.
        visibility_s: For how long to hide it; None for what the queue says.
        at_most: The most messages to bring.
    """

    sender: str
    wait_s: int
    visibility_s: int | None
    at_most: int


async def carry_out(poll: Poll, queue: ServedQueue) -> list[Delivery]:
    """Bring messages, or nothing when the wait is over.

    Raises:
        Refusal: The queue is gone.
        Severed: A fault has the connection die with what it brought.
    """
    loop = asyncio.get_running_loop()
    end_s = loop.time() + poll.wait_s
    empty = queue.faults.take(faults.EmptyPolls)
    if empty:
        await asyncio.sleep(0 if empty.at_once else poll.wait_s)
        return []
    waiting = _wait(poll, queue, end_s)
    lingers = queue.faults.take(faults.LingeringPolls)
    found = await (outlive(waiting) if lingers else waiting)
    if found and queue.faults.take(faults.DeadPoll):
        raise Severed(tuple(each.message.id for each in found))
    return found


async def _wait(poll: Poll, queue: ServedQueue, end_s: float) -> list[Delivery]:
    loop = asyncio.get_running_loop()
    while True:
        version = queue.version
        found = queue.receive(
            sender=poll.sender, visibility_s=poll.visibility_s, at_most=poll.at_most
        )
        left_s = end_s - loop.time()
        if found or left_s <= 0:
            return found
        await _sleep(queue, version, left_s)


async def _sleep(queue: ServedQueue, version: int, at_most_s: float) -> None:
    """Sleep until something may have become visible, or for so long."""
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        loop.call_soon_threadsafe(_finish, woken)

    next_s = queue.sleep_until_changed(wake, version)
    alarm = loop.call_later(at_most_s if next_s is None else min(next_s, at_most_s), _finish, woken)
    try:
        await woken
    finally:
        alarm.cancel()
        queue.stop_sleeping(wake)


def _finish(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
