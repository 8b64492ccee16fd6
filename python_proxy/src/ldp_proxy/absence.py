"""What becomes of an event that nobody accepted: the fallback function runs it, once (EXC-21).

The core has ruled out that a client runs it; from here on nobody may. What the clients say of the
event afterwards tells whether that was so, and the desk remembers what to look for (EXC-24).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from ldp_proxy.errors import LambdaError
from ldp_proxy.reply import reply_of_failure, reply_of_fallback
from ldp_wire.errors import LocalProtocolError
from ldp_wire.failures import fallback_failed
from ldp_wire.limits import MIN_WAIT_S

if TYPE_CHECKING:
    from ldp_proxy.loop import Pace
    from ldp_proxy.reply import Reply
    from ldp_wire.envelopes import Context, Request
    from ldp_wire.replies import ReplyDesk

_logger = logging.getLogger(__name__)

_MS_PER_S: Final = 1000
_TOO_LATE: Final = (
    "too little of the function's time was left to invoke the fallback function. Raise the "
    "function's timeout, or lower LAMBDA_PROXY_START_WITHIN_S."
)


class FallbackAnswer(NamedTuple):
    """What the fallback function answered.

    Attributes:
        payload: Its result, or its error body.
        is_error: Whether it failed.
        version: The version that ran.
    """

    payload: bytes
    is_error: bool
    version: str


class Fallback(Protocol):
    """A function that can be invoked in place of a client."""

    def invoke(self, event: bytes, context: Context, limit_s: float) -> FallbackAnswer:
        """Invoke it once, and wait for its answer.

        Args:
            event: The event's bytes.
            context: Of the proxy's invocation; what of it can be passed on is.
            limit_s: How long it may take, in seconds.

        Raises:
            LambdaError: It could not be invoked, or did not answer in time.
        """


class Absence(NamedTuple):
    """What the proxy does where nobody is there.

    Attributes:
        fallback: The function to invoke.
        desk: The environment's memory.
        pace: Time and chance.
    """

    fallback: Fallback
    desk: ReplyDesk
    pace: Pace

    def reply(self, request: Request, event: bytes) -> Reply:
        """Let the fallback function answer, if time allows.

        Args:
            request: The request that nobody accepted.
            event: The event's bytes.

        Raises:
            LocalProtocolError: Nobody was asked to accept it.
        """
        terms = request.terms
        if terms is None or terms.start_by_ms is None:
            raise LocalProtocolError("a request without a start window has no fallback")
        begun_ms = self.pace.clock_ms()
        left_s = (terms.answer_by_ms - begun_ms) / _MS_PER_S
        if left_s < MIN_WAIT_S:
            return _failed(request, _TOO_LATE)
        try:
            answer = self.fallback.invoke(event, request.context, left_s)
        except LambdaError as exc:
            if exc.may_have_run:
                self.desk.fell_back(request.request_id, terms.start_by_ms)
            return _failed(request, _explain(exc))
        self.desk.fell_back(request.request_id, terms.start_by_ms)
        extra = {
            "request_id": request.request_id,
            "version": answer.version,
            "took_ms": self.pace.clock_ms() - begun_ms,
        }
        _logger.info("fallback.answered", extra=extra)
        return reply_of_fallback(answer.payload, is_error=answer.is_error)


def _explain(exc: LambdaError) -> str:
    unsure = " It may have run the event all the same." if exc.may_have_run else ""
    return f"the fallback function did not answer it: {str(exc).rstrip('.')}.{unsure} {exc.hint}"


def _failed(request: Request, reason: str) -> Reply:
    _logger.warning("fallback.failed", extra={"request_id": request.request_id, "reason": reason})
    return reply_of_failure(fallback_failed(f"No client accepted the event, and {reason}"))
