"""Clearing away the reply queues of environments that are gone (EXC-30, EXC-31).

Nobody tells an environment that it ends, so its queue is deleted by others once its tag says that
it is too old to be used by anybody. It costs others' calls and no caller's time: a sweep looks at
a few queues, takes a second, and gives up at the first refusal.
"""

from __future__ import annotations

import logging
import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from ldp_queues.errors import QueueError, QueueNotFound
from ldp_wire.trust import ReplyTrust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from ldp_queues.addresses import QueueAddress
    from ldp_queues.admin import QueueAdmin

_logger = logging.getLogger(__name__)

#: The tag of a reply queue that says when it was made, epoch milliseconds in decimal digits.
CREATED_AT_TAG: Final = "createdAtMs"
#: How old another's queue is when it may be deleted: twice as old as anybody uses one, so that
#: an environment that was frozen meanwhile finds its own there, or knows that it is too old.
_ABANDONED_AFTER_MS: Final = 24 * 3_600_000
#: The longest that a sweep takes; it is the second that SQS asks to wait for a new queue.
_BOX_MS: Final = 1_000
#: How many queues a sweep looks at. SQS answers 30 calls about tags a second for a whole account,
#: and where one environment starts, twenty may. Every environment leaves one queue behind, so more
#: than one look each is enough in the long run.
_MOST_LOOKS: Final = 5
#: From 2001 to 2286. Seconds, or a counter, would make every queue look decades old.
_TIME: Final = re.compile(r"[1-9][0-9]{12}")


class Sweeper:
    """Deletes abandoned queues of one base.

    Args:
        admin: Finds, tells apart and deletes.
        base: The configured response queue, whose name the queues' begin with.
        clock_ms: The time, epoch milliseconds.
        random: Draws which queues to look at: in the same order for all, the first would be
            looked at again and again.
    """

    def __init__(
        self, admin: QueueAdmin, base: QueueAddress, clock_ms: Callable[[], int], random: Random
    ) -> None:
        self._admin = admin
        self._base = base
        self._trust = ReplyTrust(base.account, base.name)
        self._clock_ms = clock_ms
        self._random = random

    def sweep(self) -> None:
        """Look at a few queues and delete those that are abandoned; failing is a line in the log.

        What is deleted is another's, or was: an own queue is never so old.
        """
        until_ms = self._clock_ms() + _BOX_MS
        try:
            self._sweep(lambda _: self._clock_ms() < until_ms)
        except QueueError as exc:
            _log_failure(exc)

    def delete(self, url: str) -> None:
        """Delete a queue that nobody uses; failing is a line in the log."""
        try:
            self._admin.delete(url)
        except QueueError as exc:
            _log_failure(exc)

    def _sweep(self, is_in_time: Callable[[str], bool]) -> None:
        found = takewhile(is_in_time, self._admin.find(f"{self._base.name}-"))
        dedicated = [url for url in found if self._is_dedicated(url)]
        looks = self._random.sample(dedicated, min(_MOST_LOOKS, len(dedicated)))
        for url in takewhile(is_in_time, looks):
            if self._is_abandoned(url):
                self._admin.delete(url)
                _logger.info("reply_queue.swept", extra={"queue": url.rpartition("/")[2]})

    def _is_dedicated(self, url: str) -> bool:
        """Whether it is one of this base, by the rule that clients trust it by (SEC-2)."""
        return self._trust.queue_for(url) not in (None, self._base.name)

    def _is_abandoned(self, url: str) -> bool:
        try:
            created_at_ms = created_at(self._admin.tags(url))
        except QueueNotFound:
            return False  # somebody else was quicker
        if created_at_ms is None:
            return False
        return self._clock_ms() > created_at_ms + _ABANDONED_AFTER_MS


def created_at(tags: Mapping[str, str]) -> int | None:
    """When a queue was made, epoch milliseconds; None where no tag says so believably."""
    text = tags.get(CREATED_AT_TAG, "")
    return int(text) if _TIME.fullmatch(text) else None


def _log_failure(exc: QueueError) -> None:
    extra = {"error": type(exc).__name__, "reason": str(exc)}
    if exc.transient:
        _logger.debug("reply_queue.sweep_failed", extra=extra)
    else:
        _logger.warning("reply_queue.sweep_failed", extra=extra)
