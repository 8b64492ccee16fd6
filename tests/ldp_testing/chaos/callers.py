"""Callers of functions whose place proxies have taken; each tells its own answer from any other."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final

from ldp_client.local_lambda import LocalLambdaError, TooManyRequests
from ldp_testing.chaos.history import Invocation, Outcome
from ldp_testing.chaos.wire import now_ms
from ldp_testing.chaos.witness import proof_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ldp_client.local_lambda import InvokeResult, LocalLambda
    from ldp_testing.chaos.plan import Planned

#: What Lambda itself says when a proxy did not speak in time, or died.
_NO_WORD: Final = frozenset({"Sandbox.Timedout", "Runtime.ExitError", ""})
_PLANNED_FAILURE: Final = "PlannedFailure"
_REFUSED_PAUSE_S: Final = 0.1
_DETAIL: Final = 200


def event_of(planned: Planned) -> bytes:
    """The event of an invocation."""
    members = {
        "nonce": planned.nonce,
        "workMs": planned.work_ms,
        "untilRuns": planned.until_runs,
        "fails": planned.fails,
        "replyBytes": planned.reply_bytes,
        "pad": "e" * planned.event_bytes,
    }
    return json.dumps(members).encode()


@dataclass(frozen=True, slots=True)
class Heard:
    """What an answer is to the caller who got it."""

    outcome: Outcome
    error_type: str = ""
    detail: str = ""


def hear(planned: Planned, payload: bytes, *, is_error: bool) -> Heard:
    """What an answer is: one's own, another's, a typed error, or nothing.

    Args:
        planned: What was asked.
        payload: The answer.
        is_error: Whether Lambda says that it is a function error.
    """
    members = json.loads(payload)
    if not is_error:
        right = {
            "nonce": planned.nonce,
            "proof": proof_of(planned.nonce),
            "pad": "p" * planned.reply_bytes,
        }
        is_right = members == right and not planned.fails
        return Heard(Outcome.RIGHT) if is_right else _crossed(payload)
    error_type = members.get("errorType", "")
    if error_type == _PLANNED_FAILURE:
        wanted = f"{planned.nonce} {proof_of(planned.nonce)}"
        is_right = members["errorMessage"] == wanted and planned.fails
        return Heard(Outcome.RIGHT) if is_right else _crossed(payload)
    outcome = Outcome.NOTHING if error_type in _NO_WORD else Outcome.ERROR
    return Heard(outcome, error_type, str(members.get("errorMessage", ""))[:_DETAIL])


def _crossed(payload: bytes) -> Heard:
    return Heard(Outcome.CROSSED, detail=payload[:_DETAIL].decode())


class Callers:
    """Makes planned invocations, each by the next caller that is free.

    Args:
        invocations: What to ask, in order.
        told: Is told how many are over, after each.
    """

    def __init__(
        self, invocations: Sequence[Planned], told: Callable[[int], object] = lambda _: None
    ) -> None:
        self._told = told
        self._left: Iterator[Planned] = iter(invocations)
        self._changed = Condition()
        self._begun = 0
        self._is_exhausted = False
        self._made: list[Invocation] = []
        self._threads: list[Thread] = []

    def start(self, function: LocalLambda, count: int) -> None:
        """Let so many callers invoke a function, one invocation after another each."""
        for _ in range(count):
            thread = Thread(target=self._work, args=(function,), daemon=True)
            self._threads.append(thread)
            thread.start()

    @property
    def made(self) -> tuple[Invocation, ...]:
        """What came of the invocations that are over."""
        with self._changed:
            return tuple(self._made)

    @property
    def begun(self) -> int:
        """How many were begun."""
        with self._changed:
            return self._begun

    def wait_for_begun(self, count: int) -> bool:
        """Wait until so many have begun; False if there will never be so many."""
        with self._changed:
            self._changed.wait_for(lambda: self._begun >= count or self._is_exhausted)
            return self._begun >= count

    def wait_for_all(self) -> None:
        """Wait until all are over; each is by its function's timeout."""
        for thread in self._threads:
            thread.join()

    def _work(self, function: LocalLambda) -> None:
        while (planned := self._next()) is not None:
            made = _invoke(function, planned)
            with self._changed:
                self._made.append(made)
                self._told(len(self._made))

    def _next(self) -> Planned | None:
        with self._changed:
            planned = next(self._left, None)
            self._begun += planned is not None
            self._is_exhausted = planned is None
            self._changed.notify_all()
            return planned


def _invoke(function: LocalLambda, planned: Planned) -> Invocation:
    begun_ms = now_ms()
    result = _ask(function, planned)
    if isinstance(result, LocalLambdaError):
        heard, request_id = Heard(Outcome.NOTHING, type(result).__name__, str(result)), ""
    else:
        is_error = result.function_error is not None
        heard = hear(planned, result.payload, is_error=is_error)
        request_id = result.request_id
    return Invocation(
        nonce=planned.nonce,
        function=function.settings.name,
        aws_request_id=request_id,
        begun_ms=begun_ms,
        ended_ms=now_ms(),
        outcome=heard.outcome,
        error_type=heard.error_type,
        detail=heard.detail,
    )


def _ask(function: LocalLambda, planned: Planned) -> InvokeResult | LocalLambdaError:
    """Invoke, again while there is no room: then the function has not run."""
    while (result := _ask_once(function, planned)) is None:
        time.sleep(_REFUSED_PAUSE_S)
    return result


def _ask_once(function: LocalLambda, planned: Planned) -> InvokeResult | LocalLambdaError | None:
    try:
        return function.invoke(event_of(planned))
    except TooManyRequests:
        return None
    except LocalLambdaError as exc:
        return exc
