"""One event through the whole way: the function is invoked, and somebody has to answer.

Where nobody takes the event it is taken here, answered as a client answers, and deleted: then the
way is proven too, the function does not wait for its timeout, and the next client finds no event
that it never asked for. With a start window the proxy itself says that nobody came, and only what
it left in the queue is taken away.
"""

from __future__ import annotations

import json
import threading
import uuid
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_account.doctor.findings import good, unknown, wrong
from ldp_account.doctor.listener import RUN
from ldp_account.doctor.request_queue import RequestQueue
from ldp_account.errors import AccessDenied, Unreachable

if TYPE_CHECKING:
    from ldp_account.aws import Invoked
    from ldp_account.doctor.findings import Finding, Subject

TAKEN_WITHIN_S: Final = 10.0
"""How long an event may wait for a client: a cold start of the function, and a free handler."""

ANSWERED_WITHIN_S: Final = 60.0
"""How long a handler may take; one at a breakpoint takes longer."""

_NOBODY: Final = "Proxy.Absent"
_OF_PROXY: Final = "Proxy."
_OF_LAMBDA: Final = ("Runtime.", "Sandbox.")


@dataclass(frozen=True, slots=True)
class Times:
    """How long is waited.

    Attributes:
        taken_s: For somebody to take the event.
        answered_s: For the answer, in all.
    """

    taken_s: float
    answered_s: float


def examine_echo(subject: Subject, times: Times) -> list[Finding]:
    """Send one event, and judge what comes back.

    Raises:
        AccountError: A call failed.
    """
    if subject.stack is None or "FunctionArn" not in subject.stack.outputs:
        return [unknown("there is no stack with a function to invoke")]
    event = json.dumps({"lambda-debug": "doctor", "echo": uuid.uuid4().hex}).encode()
    return _Echo(subject, event, times).judged(subject.stack.outputs["FunctionArn"])


class _Echo:
    """One event on its way."""

    def __init__(self, subject: Subject, event: bytes, times: Times) -> None:
        self._queue = RequestQueue(subject)
        self._subject = subject
        self._event = event
        self._times = times
        parameters = {} if subject.stack is None else subject.stack.parameters
        self._waits = parameters.get("Mode", "wait") == "wait"
        self._has_window = bool(parameters.get("StartWithinS"))

    def judged(self, function: str) -> list[Finding]:
        aws, patience_s = self._subject.aws, self._times.answered_s
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(aws.invoke, function, self._event, patience_s)
            was_taken = self._stepped_in(future)
            try:
                invoked = future.result()
            except AccessDenied as exc:
                return [unknown(f"{exc} {exc.hint}")]
            except Unreachable:
                return [self._unanswered(function, was_taken=was_taken)]
        if self._has_window:
            was_taken = not self._removed()
        return self._verdict(invoked, was_taken=was_taken)

    def _stepped_in(self, future: Future[Invoked]) -> bool:
        """Wait for a client, and take its place if none comes; whether one came."""
        if self._has_window:
            return True  # what the proxy does then is its own matter
        wait([future], self._times.taken_s)
        if future.done() and self._waits:
            return True
        if not self._waits:  # its caller has the answer at once, whoever takes the event
            threading.Event().wait(self._times.taken_s)
        return not self._removed()

    def _removed(self) -> bool:
        """Take our event out of the queue, answered; whether it still lay there."""
        arrival = self._queue.take(self._event)
        if arrival is None:
            return False
        self._queue.answer(arrival, self._event.decode())
        self._queue.delete(arrival)
        return True

    def _verdict(self, invoked: Invoked, *, was_taken: bool) -> list[Finding]:
        error_type = _error_type(invoked)
        if error_type == _NOBODY or not was_taken:
            return [wrong(f"nobody listens: no client took the event ({self._how})", RUN)]
        if error_type.startswith(_OF_PROXY):
            return [wrong(f"the proxy answered {invoked.payload.decode(errors='replace')}")]
        if error_type.startswith(_OF_LAMBDA):
            return [unknown(f"a runtime failed: {invoked.payload.decode(errors='replace')}")]
        if error_type:
            return [good(f"a handler has the event, and its error came back: {error_type}")]
        return [good("a client took the event" + (", and its answer came back" * self._waits))]

    def _unanswered(self, function: str, *, was_taken: bool) -> Finding:
        after = f"within {self._times.answered_s:.0f} s"
        if was_taken:
            return unknown(f"somebody took the event, and no answer came {after}")
        log = f"/aws/lambda/{function.rpartition(':')[2]}"
        return wrong(
            f"the event came here, and the answer from here did not come back {after}",
            self._subject.commands.aws("logs", "tail", log, "--since", "10m"),
        )

    @property
    def _how(self) -> str:
        if self._has_window:
            return "in the start window"
        free = ", and one that is given from here reaches the caller" if self._waits else ""
        return f"within {self._times.taken_s:.0f} s{free}"


def _error_type(invoked: Invoked) -> str:
    """The type that an error has; empty for a result, and for an error of another form."""
    if not invoked.failed:
        return ""
    try:
        error = json.loads(invoked.payload)
    except ValueError:
        return "an error of its own form"
    found = error.get("errorType", "") if isinstance(error, dict) else ""
    return str(found) or "an error of its own form"
