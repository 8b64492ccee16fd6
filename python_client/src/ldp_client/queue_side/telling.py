"""The way from the engine to the report: in order, and never in an event's way.

Printing takes milliseconds of a processor that an event may need, and a terminal can be gone. So
the report has a thread of its own, which moreover keeps still while an event is on its way to
the handler or its answer on the way back: for a moment that nobody who reads notices.
"""

from __future__ import annotations

import logging
import time
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Protocol

from ldp_wire.actions import Raised

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.report import Reporter
    from ldp_wire.actions import Result
    from ldp_wire.envelopes import Request, RequestId

    #: Something to tell, done with the reporter.
    Telling = Callable[[Reporter], None]

_logger = logging.getLogger(__name__)

#: The longest stillness, in seconds: more than a quick handler takes, less than an eye sees.
_STILL_S: Final = 0.05
#: How long the last lines may take, in seconds.
_LAST_WORDS_S: Final = 2.0


def end_of_run(
    request_id: RequestId, request: Request | None, result: Result, duration_ms: int, now_ms: int
) -> Telling:
    """To tell that a handler returned or failed, and how long its answer is still waited for."""
    terms = None if request is None else request.terms
    left_ms = None if terms is None else terms.answer_by_ms - now_ms
    error_type = result.error_type if isinstance(result, Raised) else None
    return lambda reporter: reporter.ended(
        request_id,
        "returned" if error_type is None else "failed",
        error_type=error_type,
        duration_ms=duration_ms,
        result_bytes=result.body,
        left_ms=left_ms,
    )


class Tell(Protocol):
    """What the engine knows of the way to the report; safe among threads."""

    def __call__(self, telling: Telling) -> None:
        """Tell something soon, after what was said before."""

    def keep_still(self) -> None:
        """An event has to be quick now."""

    def go_on(self) -> None:
        """It is where it had to be."""


class Teller:
    """A `Tell` with a thread.

    Args:
        reporter: Who is told; used by that thread alone.
    """

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._queue: SimpleQueue[Telling | None] = SimpleQueue()
        self._still_until_s = 0.0
        self._woken = Event()
        self._thread = Thread(target=self._run, name="report", daemon=True)
        self._thread.start()

    def __call__(self, telling: Telling) -> None:
        """Tell something soon; what is said after `close` is not told."""
        self._queue.put(telling)

    def keep_still(self) -> None:
        """Let whatever comes next wait."""
        self._still_until_s = time.monotonic() + _STILL_S

    def go_on(self) -> None:
        """Tell what has waited."""
        self._still_until_s = 0.0
        self._woken.set()

    def close(self) -> None:
        """Tell what has been said so far, and end; nobody waits for a pipe that nobody reads."""
        self._queue.put(None)
        self._thread.join(_LAST_WORDS_S)

    def _run(self) -> None:
        while (telling := self._queue.get()) is not None:
            while (rest_s := self._still_until_s - time.monotonic()) > 0:
                self._woken.wait(rest_s)
                self._woken.clear()
            try:
                telling(self._reporter)
            except OSError as exc:  # the terminal or the pipe is gone; events still want answers
                _logger.debug("report.failed", extra={"reason": str(exc)})
