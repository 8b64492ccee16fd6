"""Reply queues of one's own: every execution environment makes one, and replaces it in time.

It is made at an environment's first exchange and not before: an environment can be started from a
snapshot, and a process can be forked, and then two would have one queue (EXC-29). Of two clocks
that have to agree on a queue's age, both are AWS's, and both read the queue's tag (EXC-30).
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from ldp_proxy.reply_queues import ReplyQueue
from ldp_proxy.sweep import CREATED_AT_TAG, Sweeper
from ldp_queues.admin import NEW_QUEUE_WAIT_S, QueueAttributes
from ldp_queues.errors import QueueAccessDenied, QueueError, QueueNotFound, QueueThrottled
from ldp_wire.trust import ReplyTrust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from ldp_proxy.loop import Pace
    from ldp_queues.addresses import QueueAddress
    from ldp_queues.admin import QueueAdmin
    from ldp_queues.ports import Incoming, Message

_logger = logging.getLogger(__name__)

#: What a queue's name ends in, after the configured name and a hyphen (SEC-2).
SUFFIX_LENGTH: Final = 26
_SUFFIX_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
#: How old a queue of one's own may be when an exchange begins (EXC-30).
_LONGEST_USE_MS: Final = 12 * 3_600_000

_ATTRIBUTES: Final = QueueAttributes(  # SQS-4
    maximum_message_size_bytes=1_048_576,
    visibility_s=10,
    retention_s=3_600,
    receive_wait_s=20,
    is_encrypted=True,
)


class Means(NamedTuple):
    """What queues are made with.

    Attributes:
        admin: Makes and deletes them.
        open: The queue at a URL, without a call over the network.
        pace: Time and chance.
        random: Draws names and samples. The system's, since environments that are started from
            one snapshot would share a seed.
        aside: Has something done that nobody waits for.
    """

    admin: QueueAdmin
    open: Callable[[str], Incoming]
    pace: Pace
    random: Random
    aside: Callable[[Callable[[], None]], object]


class OwnQueue:
    """A reply queue of one process's own; it is `Incoming`, and notices that it is gone.

    Attributes:
        address: Where it is.
        created_at_ms: What its tag says, epoch milliseconds.
        is_made: Whether SQS has it.
        is_gone: Whether SQS had it, and has it no more.
    """

    def __init__(self, address: QueueAddress, created_at_ms: int, incoming: Incoming) -> None:
        self.address = address
        self.created_at_ms = created_at_ms
        self.is_made = False
        self.is_gone = False
        self._process_id = os.getpid()
        self._incoming = incoming

    @property
    def is_of_this_process(self) -> bool:
        """Whether this process drew its name: a fork's child did not."""
        return self._process_id == os.getpid()

    def serves(self, now_ms: int) -> bool:
        """Whether an exchange of this process may begin with it now."""
        is_young = now_ms < self.created_at_ms + _LONGEST_USE_MS
        return self.is_of_this_process and is_young and not self.is_gone

    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        """Bring messages; see `Incoming.receive`."""
        with self._noticing():
            return self._incoming.receive(
                wait_s=wait_s, visibility_s=visibility_s, max_messages=max_messages
            )

    def delete(self, receipt: str) -> None:
        """Delete a message; see `Incoming.delete`."""
        with self._noticing():
            self._incoming.delete(receipt)

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        """Keep a message invisible or release it; see `Incoming.change_visibility`."""
        with self._noticing():
            self._incoming.change_visibility(receipt, visibility_s)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Say what it means that the queue is gone (EXC-35)."""
        try:
            yield
        except QueueNotFound as exc:
            self.is_gone = True
            raise QueueNotFound(
                f"the reply queue of this execution environment, {self.address.name}, was deleted "
                "while an answer was awaited",
                hint="The event may have been handled; its answer is lost. The next invocation "
                "makes a new queue. Find out who deletes queues of this name before they are 24 h "
                "old.",
            ) from exc


class DedicatedReplies:
    """The reply queues that one environment makes, one at a time.

    Args:
        base: The configured response queue, whose name theirs begin with; it need not exist.
        means: What they are made with.
    """

    def __init__(self, base: QueueAddress, means: Means) -> None:
        self._base = base
        self._means = means
        self._trust = ReplyTrust(base.account, base.name)
        self._sweeper = Sweeper(means.admin, base, means.pace.clock_ms, means.random)
        self._own: OwnQueue | None = None
        self._retired: list[str] = []

    def current(self) -> ReplyQueue:
        """This process's queue, made if there is none or it is too old; see `ReplyQueues`."""
        now_ms = self._means.pace.clock_ms()
        own = self._own
        if own is None or not own.serves(now_ms):
            self._retire(own)
            own = self._own = self._draw(now_ms)
        if not own.is_made:
            self._make(own)
            self._tidy_up()
        return ReplyQueue(own.address.url, own)

    def _retire(self, own: OwnQueue | None) -> None:
        """Note a queue for deletion, if it was this process's: a fork's parent still uses it.

        All exchanges that it was named in are over, and a client that still answers one learns by
        its end that the caller is gone.
        """
        if own is not None and own.is_made and own.is_of_this_process:
            self._retired.append(own.address.url)

    def _draw(self, now_ms: int) -> OwnQueue:
        """A queue that is not made yet.

        The name is drawn once and made until it is there: an attempt whose answer was lost may
        have made it.
        """
        suffix = "".join(self._means.random.choices(_SUFFIX_ALPHABET, k=SUFFIX_LENGTH))
        address = self._base.sibling(f"{self._base.name}-{suffix}")
        return OwnQueue(address, now_ms, self._means.open(address.url))

    def _make(self, own: OwnQueue) -> None:
        name, tags = own.address.name, {CREATED_AT_TAG: str(own.created_at_ms)}
        try:
            url = self._means.admin.create(name, _ATTRIBUTES, tags)
        except (QueueAccessDenied, QueueThrottled) as exc:
            raise type(exc)(str(exc), hint=self._hint(exc)) from exc
        self._check_place(own, url)
        own.is_made = True
        _logger.info("reply_queue.created", extra={"queue": name})

    def _check_place(self, own: OwnQueue, url: str) -> None:
        """Make sure that clients will trust the queue, which SQS makes in the role's account.

        Raises:
            QueueError: They will not (SEC-2).
        """
        if self._trust.queue_for(url) != own.address.name:
            raise QueueError(
                f"CreateQueue made {url}, but clients answer only to the account "
                f"{own.address.account}",
                hint="Dedicated replies need the queues and the function in one account.",
            )

    def _hint(self, exc: QueueError) -> str:
        if exc.transient:
            return (
                "SQS limits how many queues an account makes at a time. Start fewer execution "
                "environments at once, or use shared replies (LAMBDA_PROXY_REPLY=shared)."
            )
        return (
            "Dedicated replies need sqs:CreateQueue, sqs:TagQueue, sqs:ReceiveMessage, "
            "sqs:DeleteMessage and sqs:ChangeMessageVisibility, and to leave nothing behind "
            f"sqs:ListQueueTags and sqs:DeleteQueue, on arn:aws:sqs:*:{self._base.account}:"
            f"{self._base.name}-*, and sqs:ListQueues on *. Allow them to the function's role, or "
            "use shared replies (LAMBDA_PROXY_REPLY=shared)."
        )

    def _tidy_up(self) -> None:
        """Use the second for which a new queue cannot be used to clear away what is left behind.

        So no caller waits for it: what is not done then is left to others.
        """
        retired, self._retired = self._retired, []
        self._means.aside(partial(self._clear_away, retired))
        self._means.pace.pause(NEW_QUEUE_WAIT_S)

    def _clear_away(self, retired: list[str]) -> None:
        for url in retired:
            self._sweeper.delete(url)
        self._sweeper.sweep()
