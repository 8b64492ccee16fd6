"""Where runtimes ask for work: who waits, what is ready, and what has been handed out.

It is the Runtime API server's `Invocations`. It decides nothing about a request; it knows which
posted result belongs to which, and tells the engine.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_client.queue_side.translate import describe, exited, raised, returned, to_invocation

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.queue_side.runtimes import Office
    from ldp_client.runtime_api import Invocation, Posted, Worker
    from ldp_wire.actions import Result, Start
    from ldp_wire.envelopes import RequestId

_logger = logging.getLogger(__name__)

#: How often to look again for a lost runtime, in seconds, while another waits in its place.
_LOST_GLANCE_S: Final = 1.0


@dataclass(eq=False, slots=True)
class _Job:
    """One event: ready until it has a worker."""

    request_id: RequestId
    invocation: Invocation
    worker: Worker | None = None
    since_ms: int = 0


class Desk:
    """The runtimes of one client.

    Args:
        office: What the engine gives.
    """

    def __init__(self, office: Office) -> None:
        self._handlers = office.handlers
        self._clock = office.clock
        self._ended = office.ended
        self._problem = office.problem
        self._changed = office.changed
        self._waiting: set[Worker] = set()
        self._ready: deque[_Job] = deque()
        self._handed: list[_Job] = []
        self._closed = False

    @property
    def idle_workers(self) -> int:
        """How many runtimes wait for work that is not ready yet."""
        with self._changed:
            return max(0, len(self._waiting) - len(self._ready))

    def offer(self, start: Start) -> None:
        """Give an event to the runtime that waits, or to the next that asks."""
        invocation = to_invocation(start, self._clock.to_local_ms)
        with self._changed:
            self._ready.append(_Job(start.request.request_id, invocation))
            self._changed.notify_all()

    def close(self) -> None:
        """Send all runtimes home that ask for work from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def next(self, worker: Worker) -> Invocation | None:
        """Wait for an event that this worker can run; see `Invocations`."""
        while True:
            with self._changed:
                if self._closed or worker.gone:
                    return None
                dropped = self._dropped(worker)
                job = None if dropped else self._wait(worker)
            if job is not None:
                return job.invocation
            if dropped is not None:
                _logger.warning("invocation.dropped", extra={"worker": worker.number})
                self._end(dropped, exited())

    def _wait(self, worker: Worker) -> _Job | None:
        """Wait for a job, but not for ever while a lost runtime may be what keeps it busy."""
        self._waiting.add(worker)
        self._changed.notify_all()
        is_busy = len(self._handed) >= self._handlers
        self._changed.wait_for(
            lambda: self._closed or worker.gone or self._ready, _LOST_GLANCE_S if is_busy else None
        )
        self._waiting.discard(worker)
        if self._closed or worker.gone or not self._ready:
            return None
        job = self._ready.popleft()
        job.worker, job.since_ms = worker, self._clock.local_ms()
        self._handed.append(job)
        return job

    def _dropped(self, worker: Worker) -> _Job | None:
        """Take back an event whose runtime is gone, or asks for another without a result of it.

        Only where a runtime waits although all of them are busy: one that posts on another
        connection than it asks on looks gone, too, but does not ask before it has posted.
        """
        if len(self._handed) < self._handlers:
            return None
        for job in self._handed:
            if job.worker is worker or (job.worker is not None and job.worker.gone):
                self._handed.remove(job)
                return job
        return None

    def responded(self, worker: Worker, request_id: str, posted: Posted) -> None:
        """Take in a result; see `Invocations`."""
        self._hand_in(worker, request_id, posted, returned)

    def failed(self, worker: Worker, request_id: str, posted: Posted) -> None:
        """Take in an error; see `Invocations`."""
        self._hand_in(worker, request_id, posted, raised)

    def _hand_in(
        self, worker: Worker, request_id: str, posted: Posted, read: Callable[[Posted], Result]
    ) -> None:
        with self._changed:
            job = self._find(worker, request_id, posted.invocation_id)
            if job is not None:
                self._handed.remove(job)
        if job is None:
            _logger.warning("invocation.unknown_post", extra={"worker": worker.number})
            return
        self._end(job, read(posted))

    def _find(self, worker: Worker, request_id: str, nonce: str) -> _Job | None:
        """The event that a post is about: the echoed nonce tells, else the connection, else age."""
        jobs = [
            job
            for job in self._handed
            if job.invocation.request_id == request_id
            and nonce in ("", job.invocation.invocation_id)
        ]
        return next((job for job in jobs if job.worker is worker), jobs[0] if jobs else None)

    def _end(self, job: _Job, result: Result) -> None:
        self._ended(job.request_id, result, self._clock.local_ms() - job.since_ms)

    def init_failed(self, worker: Worker, posted: Posted) -> None:
        """Hear why a runtime could not start; see `Invocations`."""
        error_type, message = describe(posted)
        _logger.warning("runtime.init_failed", extra={"worker": worker.number})
        self._problem(
            f"The handler's runtime could not start: {error_type}: {message}",
            "Mend the handler's module and start again.",
        )

    def lost(self, worker: Worker) -> None:  # noqa: ARG002 - `worker.gone` says it
        """Hear that a worker that waited went away; see `Invocations`."""
        with self._changed:
            self._changed.notify_all()

    def undelivered(self, worker: Worker, invocation: Invocation) -> None:  # noqa: ARG002
        """Take an event back; its lease goes on, and the next that asks gets it."""
        with self._changed:
            job = next((job for job in self._handed if job.invocation is invocation), None)
            if job is not None:
                self._handed.remove(job)
                job.worker = None
                self._ready.appendleft(job)
            self._changed.notify_all()
