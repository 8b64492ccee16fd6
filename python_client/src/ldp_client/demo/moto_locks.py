"""moto's queues, made safe for the threads of moto's server.

A queue of moto 5.2.5 has a lock, but only sends and the waiting of long polls take it. Where calls
meet, a delete writes back a list that lacks what was sent meanwhile, so that a message is lost, or
that still has what another delete took out, so that one comes back; two receives take the same
message; and a call now and then fails with a 500 because a set changed. Twenty threads see it
within some thousand calls. SQS never loses a message, so here each call has the queue for itself.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, TypeVar

from moto.sqs.models import SQSBackend

if TYPE_CHECKING:
    from collections.abc import Callable

    T = TypeVar("T")

#: What changes a queue's messages; their batches are made of them. Sends lock by themselves.
_CALLS: Final = ("receive_message", "delete_message", "change_message_visibility", "purge_queue")


def lock_queues() -> None:
    """Give each call of this process's moto its queue for itself."""
    for name in _CALLS:
        setattr(SQSBackend, name, _alone(getattr(SQSBackend, name)))


def _alone(call: Callable[..., T]) -> Callable[..., T]:
    @wraps(call)
    def locked(backend: SQSBackend, queue_name: str, *args: object, **more: object) -> T:
        # A receive that waits does so on this condition, and leaves the queue to others meanwhile.
        with backend.get_queue(queue_name)._messages_lock:  # noqa: SLF001 - moto offers no other
            return call(backend, queue_name, *args, **more)

    return locked
