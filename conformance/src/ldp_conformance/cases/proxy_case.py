"""What a check of proxies works with: a running proxy, its queues, and what the witness saw.

The suite plays the caller and the client. Everything is judged by messages and calls, and by what
the caller gets.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases import payloads
from ldp_conformance.cases.calling import PATIENCE_S, Calling, told
from ldp_conformance.cases.replying import Request
from ldp_conformance.check import NonConformance
from ldp_conformance.ports.stage import FUNCTION_NAME, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.cases.invocation import Invocation
    from ldp_conformance.ports.setups import ProxySetup
    from ldp_conformance.witness import Call, Message, WitnessQueue

_LOOK_S: Final = 0.1


class ProxyCase(Calling):
    """One check's view of a proxy; see the module and `OnStage`."""

    def __init__(
        self, stage: Stage, seed: str, on_progress: Callable[[int, int, str], None]
    ) -> None:
        super().__init__(stage, seed, on_progress)
        #: Where this check begins in the log of calls.
        self.mark = stage.witness.calls.mark()
        self._begun_ms = stage.witness.now_ms()
        self._taken: set[str] = set()
        for queue in (stage.requests, stage.replies):
            queue.clear_faults()  # a check that shares the port may have left some

    @property
    def setup(self) -> ProxySetup:
        """How the proxy was started."""
        setup: ProxySetup = self.stage.setup  # type: ignore[assignment] # a proxy's stage has one
        return setup

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
        found = texts.judged(message.body, kind="request")
        if found:
            raise NonConformance(
                f"the request is not valid: {found[0].pointer or 'it'} {found[0].reason}",
                requirements=found[0].requirements,
                came=message.body[:4000],
            )
        envelope: dict[str, Any] = texts.loads(message.body)
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
            # Asked first: the request may be the last that happens before the caller's answer.
            is_over = invocation is not None and invocation.is_done
            message = self.requests.wait(
                lambda each: self._is_new(each, invocation), within_s=_LOOK_S
            )
            if message is not None:
                break
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
        running = [each for each in self.invocations if not each.is_done]
        if invocation is None or len(running) < 2:  # noqa: PLR2004 - then it can be no other's
            return True
        return self._carries(message, invocation.event)

    def _carries(self, message: Message, event: bytes) -> bool:
        try:
            payload = texts.loads(message.body)["payload"]
            return payloads.decoded(payload, self.fetch) == event
        except (ValueError, KeyError, TypeError, NonConformance):
            return False

    def _no_request(self, invocation: Invocation | None, within_s: float) -> NonConformance:
        if invocation is None:
            return self.of_ended(NonConformance(f"no request came within {within_s:g} s"))
        result = invocation.result()
        came = result.body.decode(errors="backslashreplace")[:2000]
        return NonConformance(f"no request came, and the caller got {told(result.body)}", came=came)

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

    def restart(self) -> None:
        """End the proxy if it still runs, start it again, and wait until it listens.

        Raises:
            NonConformance: It does not listen in time.
        """
        self.port.restart()
        self.stage.wait_ready()

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
            wanted, since=self.mark, sender=self.stage.sender, within_s=within_s
        )

    def beside(self, setup: ProxySetup) -> Stage:
        """Another proxy, started with another setup; a context manager that ends it."""
        return Stage(self.manifest, setup, self.witness, self.stage.scratch.parent)

    @property
    def function_name(self) -> str:
        """The name of the function that the proxy plays."""
        return FUNCTION_NAME
