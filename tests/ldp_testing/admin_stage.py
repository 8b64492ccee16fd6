"""Where the facts about making and deleting queues are found out; see `checks_admin`."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from ldp_queues.checks_admin import AdminStage
from ldp_queues.memory_admin import MemoryAdmin
from ldp_queues.memory_clock import VirtualClock
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_admin import SqsAdmin

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_queues.sqs_connection import SqsConnection

_PAGE_SIZE = 2


def new_name() -> str:
    """A name that no queue has."""
    return f"ldp-{uuid.uuid4().hex}"


def over_sqs(
    connection: SqsConnection, pause: Callable[[float], object] = time.sleep
) -> AdminStage:
    """A stage over a connection, with pages of two."""
    admin = SqsAdmin(connection, page_size=_PAGE_SIZE)
    return AdminStage(admin, lambda url: SqsQueue(connection, url), new_name, pause)


def in_memory(make: Callable[[VirtualClock], MemoryAdmin] = MemoryAdmin) -> AdminStage:
    """A stage in memory and in virtual time."""
    clock = VirtualClock()
    admin = make(clock)
    return AdminStage(admin, admin.open, new_name, lambda s: clock.advance(round(s * 1000)))
