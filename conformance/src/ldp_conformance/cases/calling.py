"""The caller's half of a check of proxies: invocations, and what is expected of their ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases.invocation import Invocation
from ldp_conformance.cases.replying import Replying
from ldp_conformance.check import NonConformance
from ldp_conformance.outcomes import Blame

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.cases.invocation import InvocationResult
    from ldp_conformance.ports.stage import Stage

#: How long what has to happen may take, in seconds: environments start meanwhile, and functions
#: with longer timeouts wait.
PATIENCE_S: Final = 30.0
_HTTP_OK: Final = 200
#: The types of a proxy's own errors (ERR-1).
ERROR_TYPES: Final = frozenset(
    f"Proxy.{name}"
    for name in (
        "NoResponse",
        "EventTooLarge",
        "QueueError",
        "BadAnswer",
        "TimeoutTooShort",
        "Misconfigured",
        "Absent",
        "FallbackFailed",
        "StorageError",
    )
)


@dataclass(frozen=True, slots=True)
class FunctionError:
    """An error that a caller got.

    Attributes:
        type: `errorType`.
        message: `errorMessage`.
        body: The whole error body.
        result: The result that carried it.
    """

    type: str
    message: str
    body: bytes
    result: InvocationResult


class Calling(Replying):
    """The verbs of a case by which the suite plays the caller."""

    def __init__(
        self, stage: Stage, seed: str, on_progress: Callable[[int, int, str], None]
    ) -> None:
        super().__init__(stage, seed, on_progress)
        self.invocations: list[Invocation] = []

    def event(self, **more: Any) -> bytes:
        """An event that no other is equal to."""
        return json.dumps({"nonce": self.fresh("nonce"), **more}).encode()

    def invoke(
        self, event: bytes | None = None, *, client_context: str | None = None
    ) -> Invocation:
        """Invoke the function, and do not wait; None for an event that no other is equal to."""
        event = self.event() if event is None else event
        self.sent_texts.append(event.decode(errors="backslashreplace"))
        invocation = Invocation(self.stage.invoke_url, event, client_context)
        self.invocations.append(invocation)
        return invocation

    def invoke_at(self, url: str, within_s: float = PATIENCE_S) -> InvocationResult:
        """Invoke the function of another proxy, and wait for what its caller gets."""
        result = Invocation(url, self.event()).result(within_s)
        self.observe()
        return result

    def answer(self, invocation: Invocation, within_s: float = PATIENCE_S) -> bytes:
        """Wait for the payload of an invocation, which has to succeed.

        Raises:
            NonConformance: It fails, or does not end.
        """
        result = self.result(invocation, within_s)
        if result.function_error is not None:
            raise NonConformance(
                f"the caller got the error {told(result.body)}",
                came=result.body.decode(errors="backslashreplace"),
            )
        return result.body

    def error(
        self, invocation: Invocation, error_type: str | None = None, within_s: float = PATIENCE_S
    ) -> FunctionError:
        """Wait for the error of an invocation, which has to fail.

        Args:
            invocation: The invocation.
            error_type: Its type; None for any.
            within_s: For how long to wait.

        Raises:
            NonConformance: It succeeds, fails otherwise, or does not end.
        """
        result = self.result(invocation, within_s)
        came = result.body.decode(errors="backslashreplace")
        if result.function_error is None:
            wanted = error_type or "an error"
            raise NonConformance(f"the caller got a result, not {wanted}", came=came[:2000])
        body = _object(result.body)
        seen = FunctionError(
            str(body.get("errorType")), str(body.get("errorMessage") or ""), result.body, result
        )
        is_known = seen.type in ERROR_TYPES or not seen.type.startswith("Proxy.")
        self.expect(is_known, f"there is no type {seen.type}", came=came, requirements=("ERR-1",))
        if error_type is not None:
            self._check_own(seen, error_type)
        return seen

    def _check_own(self, seen: FunctionError, error_type: str) -> None:
        came = seen.body.decode(errors="backslashreplace")[:2000]
        self.expect(
            seen.type == error_type, f"the error is {seen.type}, not {error_type}", came=came
        )
        self.expect(
            len(seen.message) > 10,  # noqa: PLR2004 - a sentence is longer
            f"{error_type} does not say what was wrong",
            came=came,
            requirements=("ERR-2",),
        )

    def result(self, invocation: Invocation, within_s: float = PATIENCE_S) -> InvocationResult:
        """Wait for what the caller gets, an error of the function or not.

        Raises:
            NonConformance: It gets nothing, or no answer of Lambda's Invoke API.
        """
        try:
            result = invocation.result(within_s)
        except NonConformance as exc:
            raise self.of_ended(exc) from exc
        self.observe()
        if result.status != _HTTP_OK:
            raise NonConformance(
                f"the proxy answered the invocation with HTTP {result.status}",
                came=result.body.decode(errors="backslashreplace")[:2000],
                hint="Lambda answers an invocation with 200, errors of the function too.",
                blame=Blame.HARNESS,
            )
        return result

    def of_ended(self, exc: NonConformance) -> NonConformance:
        """The verdict, and that the port ended if it did."""
        status = self.port.status
        if status is None:
            return exc
        return NonConformance(
            f"{exc.sentence}: the port ended with status {status}",
            hint="What it printed last stands below.",
        )


def _object(body: bytes) -> dict[str, Any]:
    try:
        parsed = texts.loads(body)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise NonConformance(
            "the error body is no JSON object", came=body.decode(errors="backslashreplace")[:2000]
        )
    return parsed


def told(body: bytes) -> str:
    """An error body in a few words, whatever it is."""
    try:
        parsed = texts.loads(body)
        return f"{parsed['errorType']}: {parsed['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="backslashreplace")[:200]
