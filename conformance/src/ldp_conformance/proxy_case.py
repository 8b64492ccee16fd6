"""What a check of proxies works with: a running proxy, its queues, and what the witness saw.

The suite plays the caller and the client. Everything is judged by messages and calls, and by what
the caller gets.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import payloads
from ldp_conformance.check import NonConformance
from ldp_conformance.expect import Expectations
from ldp_conformance.invocation import Invocation
from ldp_conformance.outcomes import Blame
from ldp_conformance.replying import Replying, Request
from ldp_conformance.stage import FUNCTION_NAME, Stage
from ldp_schemas.judge import judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.invocation import InvocationResult
    from ldp_conformance.manifest import Manifest
    from ldp_conformance.setups import ProxySetup
    from ldp_conformance.subject import Subject
    from ldp_conformance.witness import Call, Message, Witness, WitnessBucket, WitnessQueue

_LOOK_S: Final = 0.1
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


class ProxyCase(Replying, Expectations):
    """One check's view of a proxy; see the module.

    Args:
        stage: The proxy with its surroundings.
        seed: What everything random in the check is drawn from.
        on_progress: Is told how many of the planned cases are through, and what goes on.
    """

    def __init__(
        self, stage: Stage, seed: str, on_progress: Callable[[int, int, str], None]
    ) -> None:
        super().__init__()
        self.stage = stage
        self.rng = random.Random(seed)  # noqa: S311 - to be repeatable is its purpose
        self.progress = on_progress
        #: Where this check begins in the log of calls.
        self.mark = stage.witness.calls.mark()
        self._begun_ms = stage.witness.now_ms()
        self._taken: set[str] = set()
        self._invocations: list[Invocation] = []
        for queue in (stage.requests, stage.replies):
            queue.clear_faults()  # a check that shares the port may have left some

    @property
    def port(self) -> Subject:
        """The proxy's process."""
        return self.stage.subject

    @property
    def setup(self) -> ProxySetup:
        """How the proxy was started."""
        setup: ProxySetup = self.stage.setup  # type: ignore[assignment] # a proxy's stage has one
        return setup

    @property
    def witness(self) -> Witness:
        """What plays AWS."""
        return self.stage.witness

    @property
    def requests(self) -> WitnessQueue:
        """The request queue."""
        return self.stage.requests

    @property
    def reply_queue(self) -> WitnessQueue:
        """The configured response queue."""
        return self.stage.replies

    @property
    def bucket(self) -> WitnessBucket:
        """The bucket for claim checks; only where the setup has one."""
        return self.stage.bucket

    @property
    def manifest(self) -> Manifest:
        """What the port says of itself."""
        return self.stage.manifest

    # The caller

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
        self._invocations.append(invocation)
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
                f"the caller got the error {_told(result.body)}",
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
            raise self._of_ended(exc) from exc
        self.observe()
        if result.status != _HTTP_OK:
            raise NonConformance(
                f"the proxy answered the invocation with HTTP {result.status}",
                came=result.body.decode(errors="backslashreplace")[:2000],
                hint="Lambda answers an invocation with 200, errors of the function too.",
                blame=Blame.HARNESS,
            )
        return result

    def _of_ended(self, exc: NonConformance) -> NonConformance:
        status = self.port.status
        if status is None:
            return exc
        return NonConformance(
            f"{exc.sentence}: the port ended with status {status}",
            hint="What it printed last stands below.",
        )

    # The client

    def next_request(
        self, invocation: Invocation | None = None, within_s: float = PATIENCE_S
    ) -> Request:
        """Take the next request from the request queue, and delete it.

        Args:
            invocation: Whose request, where several are on their way; it is also looked at to
                say why none comes.
            within_s: For how long to wait.

        Raises:
            NonConformance: None comes, or it is no valid request.
        """
        message = self.next_message(invocation, within_s)
        found = judge(message.body, kind="request")
        if found:
            raise NonConformance(
                f"the request is not valid: {found[0].pointer or 'it'} {found[0].reason}",
                requirements=found[0].requirements,
                came=message.body[:4000],
            )
        envelope: dict[str, Any] = json.loads(message.body)
        return Request(envelope, message)

    def next_message(
        self, invocation: Invocation | None = None, within_s: float = PATIENCE_S
    ) -> Message:
        """Take the next message from the request queue, whatever it is, and delete it.

        Raises:
            NonConformance: None comes.
        """
        until = time.monotonic() + within_s
        while True:
            message = self.requests.wait(
                lambda each: self._is_new(each, invocation), within_s=_LOOK_S
            )
            if message is not None:
                break
            is_over = invocation is not None and invocation.is_done
            if is_over or time.monotonic() > until:
                raise self._no_request(invocation if is_over else None, within_s)
        self._taken.add(message.id)
        self.requests.delete(message.id)
        self.observe()
        return message

    def _is_new(self, message: Message, invocation: Invocation | None) -> bool:
        if message.id in self._taken or message.sender != self.stage.sender:
            return False
        if message.sent_at_ms < self._begun_ms:
            return False
        running = [each for each in self._invocations if not each.is_done]
        if invocation is None or len(running) < 2:  # noqa: PLR2004 - then it can be no other's
            return True
        return self._carries(message, invocation.event)

    def _carries(self, message: Message, event: bytes) -> bool:
        try:
            payload = json.loads(message.body)["payload"]
            return payloads.decoded(payload, self.fetch) == event
        except (ValueError, KeyError, TypeError, NonConformance):
            return False

    def _no_request(self, invocation: Invocation | None, within_s: float) -> NonConformance:
        if invocation is None:
            return self._of_ended(NonConformance(f"no request came within {within_s:g} s"))
        result = invocation.result()
        came = result.body.decode(errors="backslashreplace")[:2000]
        return NonConformance(
            f"no request came, and the caller got {_told(result.body)}", came=came
        )

    def exchange(
        self, event: bytes | None = None, *, client_context: str | None = None
    ) -> tuple[Invocation, Request]:
        """Invoke the function, and take the request that comes of it."""
        invocation = self.invoke(event, client_context=client_context)
        return invocation, self.next_request(invocation)

    def settle(self) -> None:
        """Let one invocation pass from end to end, as a check that everything works again."""
        invocation, request = self.exchange()
        body = self.event()
        self.respond(request, body)
        self.expect(self.answer(invocation) == body, "the next invocation got another answer")

    def payload_of(self, request: Request) -> bytes:
        """The event that a request carries.

        Raises:
            NonConformance: It does not decode.
        """
        return payloads.decoded(request.envelope["payload"], self.fetch)

    def fetch(self, bucket: str, key: str) -> bytes | None:
        """What lies in a bucket under a key."""
        is_known = self.setup.has_bucket and bucket == self.bucket.name
        return self.bucket.get(key) if is_known else None

    # What the witness saw

    def calls(self, operation: str | None = None, queue: WitnessQueue | None = None) -> list[Call]:
        """The proxy's calls since this check began, in order."""
        return self.witness.calls.since(
            self.mark,
            sender=self.stage.sender,
            operation=operation,
            queue=None if queue is None else queue.name,
        )

    def call(self, wanted: Callable[[Call], bool], within_s: float = PATIENCE_S) -> Call | None:
        """Wait for a call of the proxy's since this check began; None if there is none in time."""
        return self.witness.calls.wait(
            lambda call: call.sender == self.stage.sender and wanted(call),
            since=self.mark,
            within_s=within_s,
        )

    def beside(self, setup: ProxySetup) -> Stage:
        """Another proxy, started with another setup; a context manager that ends it."""
        return Stage(self.manifest, setup, self.witness, self.stage.scratch.parent)

    @property
    def function_name(self) -> str:
        """The name of the function that the proxy plays."""
        return FUNCTION_NAME


def _object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise NonConformance(
            "the error body is no JSON object", came=body.decode(errors="backslashreplace")[:2000]
        )
    return parsed


def _told(body: bytes) -> str:
    try:
        parsed = json.loads(body)
        return f"{parsed['errorType']}: {parsed['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="backslashreplace")[:200]
