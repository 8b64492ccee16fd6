"""One place for a process of the developer's program: started when an event needs it, kept warm.

It is never frozen and never killed for taking its time, because a debugger may have stopped it:
only at the very end of an event's time, when it has not even asked for work, its caller gets the
error that Lambda would give.
"""

from __future__ import annotations

import math
import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from ldp_client.queue_side.program import Function
from ldp_client.queue_side.translate import raised, returned, to_invocation
from ldp_client.runtime_api import Posted
from ldp_client.sandboxes import faults
from ldp_client.sandboxes.errors import ProgramUnavailable
from ldp_client.sandboxes.outcomes import Answered, Exited, InitFailed, Ready, TimedOut
from ldp_client.sandboxes.sandbox import Phase, Sandbox

if TYPE_CHECKING:
    from ldp_client.queue_side.program import Program
    from ldp_client.queue_side.runtimes import Office
    from ldp_client.sandboxes.outcomes import Outcome
    from ldp_client.sandboxes.outcomes import Start as Started
    from ldp_wire.actions import Result, Start

_MS_PER_S: Final = 1_000
#: How long a program may take to ask for work before the developer is told, in seconds. Lambda's
#: init phase has as long.
_PATIENCE_S: Final = 10.0
#: How long before nobody waits for an answer a program that never asks for work is given up.
_FAREWELL_MS: Final = 2_000
#: The same for a one-way event, in seconds from now: Lambda's longest timeout.
_ONE_WAY_S: Final = 900.0


class Slot:
    """A place for one process at a time.

    Args:
        program: What to start.
        office: What the engine gives.
    """

    def __init__(self, program: Program, office: Office) -> None:
        self._program = program
        self._clock = office.clock
        self._problem = office.problem
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None
        self._function: Function | None = None
        self._is_closed = False

    def suits(self, start: Start) -> bool:
        """Whether a warm process is there for the function of this event."""
        with self._lock:
            return self._is_warm() and self._function == Function.of(start.request.context)

    def run(self, start: Start) -> tuple[Result, int]:
        """Have an event run; its result, and the handler's time in milliseconds."""
        began_ms = self._clock.local_ms()
        try:
            sandbox, started = self._ready(start)
        except ProgramUnavailable as exc:
            self._problem(str(exc), exc.hint)
            request_id = start.request.context.aws_request_id
            return _fault(faults.invalid_entrypoint(request_id, exc.program, exc.reason)), 0
        outcome: Outcome | InitFailed
        if isinstance(started, Ready):
            began_ms = self._clock.local_ms()
            invocation = to_invocation(start, self._clock.to_local_ms)
            outcome = sandbox.handle(invocation, math.inf)
        else:
            self.renew()  # and not ended at once: it may have something to print yet
            outcome = started if isinstance(started, InitFailed | Exited) else TimedOut()
        return _result(outcome, start), self._clock.local_ms() - began_ms

    def renew(self) -> None:
        """Give the next event a new process: the program may have changed."""
        with self._lock:
            self._function = None

    def close(self) -> None:
        """End the process, and start no other."""
        with self._lock:
            self._is_closed = True
        self._end()

    def _end(self) -> None:
        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.kill()

    def _is_warm(self) -> bool:
        return self._sandbox is not None and self._sandbox.phase is not Phase.DEAD

    def _ready(self, start: Start) -> tuple[Sandbox, Started]:
        """A process that asks for work, or why there is none.

        Raises:
            ProgramUnavailable: It cannot be started.
        """
        warm = self._sandbox
        if warm is not None and self.suits(start):
            started = self._await_start(warm, start)
            if isinstance(started, TimedOut) or (isinstance(started, Ready) and warm.try_claim()):
                return warm, started
        self._end()
        fresh = self._start(Function.of(start.request.context))
        return fresh, self._await_start(fresh, start)

    def _start(self, function: Function) -> Sandbox:
        command = partial(self._program.command, function)
        sandbox = Sandbox(command, None, _nobody_waits, freezes=False)
        with self._lock:
            self._sandbox, self._function = sandbox, function
            is_closed = self._is_closed
        if is_closed:
            sandbox.kill()
        return sandbox

    def _await_start(self, sandbox: Sandbox, start: Start) -> Started:
        left_s = self._left_s(start)
        started = sandbox.await_start(min(_PATIENCE_S, left_s))
        if isinstance(started, TimedOut) and left_s > _PATIENCE_S:
            self._problem(
                f"{self._program.argv[0]} has not asked for work for {_PATIENCE_S:.0f} s.",
                "It has to speak the Lambda Runtime API, at the address in AWS_LAMBDA_RUNTIME_API. "
                "If a debugger holds it, let it go on.",
            )
            started = sandbox.await_start(self._left_s(start))
        return started

    def _left_s(self, start: Start) -> float:
        """How long an event may wait for its program, in seconds."""
        terms = start.request.terms
        if terms is None:
            return _ONE_WAY_S
        left_ms = terms.answer_by_ms - _FAREWELL_MS - self._clock.now_ms()
        return max(0.0, left_ms / _MS_PER_S)


def _result(outcome: Outcome | InitFailed, start: Start) -> Result:
    if isinstance(outcome, InitFailed):
        return raised(outcome.posted)
    if isinstance(outcome, Answered):
        return (raised if outcome.is_error else returned)(outcome.posted)
    request = start.request
    request_id = request.context.aws_request_id
    if isinstance(outcome, Exited):
        return _fault(faults.exited(request_id, outcome.code))
    timeout_s = (request.context.deadline_ms - request.sent_at_ms) / _MS_PER_S
    return _fault(faults.timed_out(request_id, timeout_s))


def _fault(body: bytes) -> Result:
    return raised(Posted(body, len(body)))


def _nobody_waits() -> None:
    """Take no notice of a change: who runs an event waits for it by itself."""
