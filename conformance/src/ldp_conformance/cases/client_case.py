"""What a check of clients works with: a running client, its queues, and what the witness saw.

The suite plays the proxy and the caller. Everything is judged by messages and calls; what the
handler says of its runs (`runs.jsonl`) only tells whether and when it ran.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases import payloads
from ldp_conformance.cases.client_requests import ClientRequests
from ldp_conformance.cases.client_values import HandlerError, Reply, Run, Sent
from ldp_conformance.cases.runs import runs_in
from ldp_conformance.check import SOON_S, NonConformance
from ldp_conformance.outcomes import Blame

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from ldp_conformance.witness import Message, WitnessQueue

#: How often files that a handler writes are looked at; they are no calls that could be waited for.
_LOOK_S: Final = 0.005
#: How often a port that is waited for is looked at, whether it still runs.
_GLANCE_S: Final = 0.5


class ClientCase(ClientRequests):
    """One check's view of a client; see the module and `ClientRequests`."""

    def reply(
        self,
        sent: Sent,
        kind: str = "response",
        within_s: float = SOON_S,
        queue: WitnessQueue | None = None,
    ) -> Reply:
        """Wait for an envelope of this kind about a request, which has to be valid.

        Args:
            sent: The request.
            kind: The kind.
            within_s: For how long to wait.
            queue: Where it has to come; None for the response queue.

        Raises:
            NonConformance: None comes, or it is not valid.
        """
        where = queue or self.reply_queue
        message = self._awaited(
            where, lambda each: _is_about(each, sent.request_id, kind), within_s
        )
        if message is None:
            raise self.missing(f"no {kind} came within {within_s:g} s")
        self.observe()
        found = texts.judged(message.body, kind=kind)
        if found:
            raise NonConformance(
                f"the {kind} is not valid: {found[0].pointer or 'it'} {found[0].reason}",
                requirements=found[0].requirements,
                came=message.body,
            )
        envelope: dict[str, Any] = texts.loads(message.body)
        return Reply(envelope, message)

    def _awaited(
        self, queue: WitnessQueue, wanted: Callable[[Message], bool], within_s: float
    ) -> Message | None:
        """A message, as soon as it is there; a port that has ended is not waited for."""
        until = time.monotonic() + within_s
        while (left_s := until - time.monotonic()) > 0:
            has_ended = self.port.status is not None
            message = queue.wait(wanted, within_s=min(left_s, _GLANCE_S))
            if message is not None or has_ended:
                return message
        return None

    def missing(self, sentence: str) -> NonConformance:
        """The verdict that something did not come, with what that is due to if it can be told."""
        status = self.port.status
        if status is not None:
            return NonConformance(
                f"{sentence}: the port ended with status {status}",
                hint="What it printed last stands below.",
            )
        strangers = [m.body for m in self.reply_queue.messages() if m.sender == self.stage.sender]
        came = strangers[-1] if strangers else ""
        return NonConformance(sentence, came=came)

    def response(self, sent: Sent, within_s: float = SOON_S) -> dict[str, Any]:
        """Wait for the response to a request; see `reply`."""
        return self.reply(sent, within_s=within_s).envelope

    def answer(self, sent: Sent, within_s: float = SOON_S) -> bytes:
        """Wait for the answer to a request, which has to be a result.

        Raises:
            NonConformance: None comes, it is not valid, or it is an error.
        """
        return self.payload_of(self.response(sent, within_s))

    def payload_of(self, response: dict[str, Any]) -> bytes:
        """The bytes that a response carries, which has to be a result.

        Raises:
            NonConformance: It is an error, or cannot be decoded.
        """
        if "error" in response:
            error = response["error"]
            raise NonConformance(
                f"the answer is the error {error['errorType']}: {error['errorMessage']}",
                came=json.dumps(response),
                hint="Does the conformance handler do what PORTING.md says for this event?",
                blame=Blame.PORT if error["errorType"].startswith("Client.") else Blame.HARNESS,
            )
        return payloads.decoded(response["payload"], self._fetch)

    def result(self, sent: Sent, within_s: float = SOON_S) -> Any:
        """Wait for the answer to a request, as the JSON value that it is."""
        return self.value_of(self.response(sent, within_s))

    def value_of(self, response: dict[str, Any]) -> Any:
        """The JSON value that a response carries, which has to be a result.

        Raises:
            NonConformance: It is an error, cannot be decoded, or is no JSON.
        """
        body = self.payload_of(response)
        try:
            return texts.loads(body)
        except ValueError as exc:
            raise NonConformance(
                f"the answer is no JSON text: {exc}", came=repr(body[:500]), blame=Blame.HARNESS
            ) from exc

    def members(self, sent: Sent, *names: str) -> dict[str, Any]:
        """Wait for the answer to a request, which has to be an object with at least these members.

        Raises:
            NonConformance: None comes, it is not valid, an error, or another value.
        """
        found = self.result(sent)
        if not isinstance(found, dict) or not set(names) <= set(found):
            raise NonConformance(
                f"the answer is no object with {', '.join(names)}",
                came=json.dumps(found)[:2000],
                hint="PORTING.md says what the conformance handler returns for this event.",
                blame=Blame.HARNESS,
            )
        return found

    def error(self, sent: Sent, within_s: float = SOON_S) -> HandlerError:
        """Wait for the answer to a request, which has to be an error.

        Raises:
            NonConformance: None comes, it is not valid, or it is a result.
        """
        response = self.response(sent, within_s)
        if "error" not in response:
            raise NonConformance("the answer is no error", came=json.dumps(response))
        error = response["error"]
        body = payloads.decoded(error["payload"], self._fetch)
        return HandlerError(error["errorType"], error["errorMessage"], body)

    def _fetch(self, bucket: str, key: str) -> bytes | None:
        body: bytes | None = self.witness.create_bucket(bucket).get(key)
        return body

    def replies(self, sent: Sent, kind: str | None = None) -> list[Message]:
        """Every message so far that is about a request, in order of arrival."""
        return [
            message
            for message in self.reply_queue.messages()
            if _is_about(message, sent.request_id, kind)
        ]

    def no_answer(self, sent: Sent, for_s: float) -> None:
        """Wait so long, and go on only if no response came.

        Raises:
            NonConformance: One came.
        """
        message = self.reply_queue.wait(
            lambda each: _is_about(each, sent.request_id, "response"), within_s=for_s
        )
        came = "" if message is None else message.body
        self.expect(message is None, "a response came where none may come", came=came)

    def gone(self, sent: Sent, within_s: float = SOON_S) -> Message:
        """Wait until the message of a request is deleted by the client.

        Raises:
            NonConformance: It is not, in time.
        """
        message = self._awaited(
            self.requests,
            lambda each: each.id == sent.message_id and each.deleted_at_ms is not None,
            within_s,
        )
        if message is None:
            raise self.missing(f"the request is not deleted within {within_s:g} s")
        self.observe()
        return message

    def received(self, sent: Sent, times: int = 1, within_s: float = SOON_S) -> Message:
        """Wait until the client has received the message of a request so often.

        Raises:
            NonConformance: It has not, in time.
        """
        message = self._awaited(
            self.requests,
            lambda each: each.id == sent.message_id and len(each.receives) >= times,
            within_s,
        )
        if message is None:
            raise self.missing(f"the request is not received {times} times within {within_s:g} s")
        self.observe()
        return message

    def runs(self, nonce: str) -> list[Run]:
        """The runs of the handler for this nonce, in order.

        Raises:
            NonConformance: The handler writes something else than it has to.
        """
        return runs_in(self.port.scratch, nonce)

    def began(self, nonce: str, times: int = 1, within_s: float = SOON_S) -> Run:
        """Wait until the handler ran, or runs, so often for this nonce; the last of these runs.

        Raises:
            NonConformance: It did not, in time.
        """
        until = time.monotonic() + within_s
        while True:
            has_ended = self.port.status is not None  # asked first: its last word may be the run
            if len(runs := self.runs(nonce)) >= times:
                break
            if has_ended or time.monotonic() > until:
                raise self.missing(f"the handler did not run {times} times within {within_s:g} s")
            time.sleep(_LOOK_S)
        self.observe()
        return runs[times - 1]

    def restart(self) -> None:
        """End the client if it still runs, start it again, and wait until it listens.

        Raises:
            NonConformance: It does not listen in time.
        """
        mark = self.witness.calls.mark()
        self.port.restart()
        call = self.witness.calls.wait(
            lambda each: each.is_operation("ReceiveMessage"),
            since=mark,
            sender=self.stage.sender,
            within_s=SOON_S,
        )
        if call is None:
            raise self.missing("started again, it does not receive")

    def said(self, wanted: re.Pattern[str], *, since: float, within_s: float = SOON_S) -> bool:
        """Wait until the client has printed something.

        Args:
            wanted: What to look for.
            since: Only what it printed since this moment of `time.monotonic` counts.
            within_s: For how long to wait.

        Returns:
            Whether it printed it in time.
        """
        until = time.monotonic() + within_s
        while not wanted.search(self.port.output_since(since)):
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK_S)
        self.observe()
        return True

    def flag(self, name: str) -> None:
        """Set the flag that an event's `wait` or `throw-until` looks for."""
        (self.port.scratch / "flags" / name).touch()


def _is_about(message: Message, request_id: str, kind: str | None) -> bool:
    if request_id not in message.body:  # most are not; parsing each would take long
        return False
    try:
        envelope = texts.loads(message.body)
    except ValueError:
        return False
    if not isinstance(envelope, dict) or envelope.get("requestId") != request_id:
        return False
    return kind is None or envelope.get("kind") == kind
