"""One invocation from its event to its answer, or to the error that is given instead."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from typing import Any, Final

from faulty.proxy.envelopes import Invocation, Reply, Running
from faulty.proxy.errors import BadInputError, CallFailed, ProxyError, queue_error
from faulty.proxy.replies import Replies

_GRACE_MS: Final = 3_000
_LONGEST_WAIT_S: Final = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller gets."""

    body: bytes
    is_error: bool = False


class Exchange(Replies):
    """A proxy that can carry out an exchange."""

    least_ms = 1_000

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run one invocation to its end; a failure of the proxy is an outcome too."""
        try:
            return self.exchange(invocation)
        except ProxyError as error:
            self.log("exchange.failed", errorType=error.error_type)
            return Outcome(error.body(), is_error=True)

    def exchange(self, invocation: Invocation) -> Outcome:
        """Send the request, and wait for the answer.

        Raises:
            ProxyError: There is none.
        """
        answer_by_ms = self.answer_by_ms(invocation)
        if answer_by_ms - self.now_ms() < self.least_ms:
            raise ProxyError(
                "Proxy.TimeoutTooShort",
                "The function's timeout leaves less than 1 s to wait for an answer: raise it.",
            )
        url = "" if self.settings.is_one_way else self.reply_url(answer_by_ms)
        running = Running(self.request_id(invocation), answer_by_ms, self.start_by_ms(), url)
        self.send_request(invocation, running)
        if self.settings.is_one_way:
            return Outcome(b"null")
        try:
            return self.await_answer(invocation, running)
        finally:
            self.finished.add(running.request_id)

    def margin_ms(self) -> float:
        """How long before its deadline the proxy stops waiting (EXC-4)."""
        share_ms = self.settings.timeout_s * 1000 * 0.05
        return min(max(share_ms, 1_000), 5_000) + (3_000 if self.settings.bucket else 0)

    def answer_by_ms(self, invocation: Invocation) -> int:
        """When the wait ends."""
        return int(invocation.deadline_ms - self.margin_ms())

    def start_by_ms(self) -> int | None:
        """When the start window ends."""
        within_s = self.settings.start_within_s
        if within_s is None or self.settings.is_one_way:
            return None
        return int(self.now_ms() + within_s * 1000)

    def send_request(self, invocation: Invocation, running: Running) -> None:
        """Send the request in the first form that the queue takes (PAY-7, PAY-8)."""
        limit = self.largest_message
        while True:
            body = self.fitting(invocation, running, limit)
            try:
                self.send(body, running)
            except ProxyError as error:
                smaller = limit_told(error)
                if smaller is None or smaller >= limit:
                    raise
                limit = smaller
            else:
                return

    def send(self, body: str, running: Running) -> None:
        """Send one message, insisting."""

        def send() -> Any:
            return self.sqs("SendMessage", QueueUrl=self.settings.request_url, MessageBody=body)

        self.insist("SendMessage", send, running.answer_by_ms)

    def fitting(self, invocation: Invocation, running: Running, limit: int) -> str:
        """The body of the first form that fits.

        Raises:
            ProxyError: None does (ERR-4).
        """
        for encoding in self.forms(invocation.event):
            payload = self.write_payload(encoding, invocation.event, running.request_id)
            body = self.write(self.envelope(invocation, running, payload, self.now_ms()))
            if self.size_of(body) <= limit:
                return body
        raise ProxyError(
            "Proxy.EventTooLarge",
            f"The event fits in no message of {limit} bytes, compressed or not: configure a "
            "bucket by LAMBDA_PROXY_PAYLOAD_BUCKET.",
        )

    def await_answer(self, invocation: Invocation, running: Running) -> Outcome:
        """Poll until there is an answer, absence, or the end."""
        failure: CallFailed | None = None
        while (wait_s := self.wait_s(running, self.now_ms())) >= 1:
            begun_ms = self.now_ms()
            try:
                messages = self.receive(running.reply_url, wait_s)
            except CallFailed as failed:
                failure = failed
                self.after_failed_receive(failed)
                continue
            failure = None
            outcome, had_own = self.take_all(messages, running)
            if outcome:
                return outcome
            if self.is_absent(running, begun_ms, had_own=had_own):
                return self.when_absent(invocation, running)
        if failure:
            raise queue_error("ReceiveMessage", failure)
        raise self.no_response()

    def after_failed_receive(self, failure: CallFailed) -> None:
        """Wait a little, or give up (EXC-20, EXC-32, EXC-35)."""
        if not failure.is_passing:
            if failure.code == self.gone_code:
                self.own_url = ""
            raise queue_error("ReceiveMessage", failure) from failure
        self.log("queue.retrying", call="ReceiveMessage", code=failure.code)
        time.sleep(0.2)

    def wait_s(self, running: Running, now_ms: int) -> int:
        """How long the next receive waits, in whole seconds; under 1 for none (EXC-8)."""
        longest_s = (running.answer_by_ms - now_ms) // 1000
        if running.start_by_ms is None or running.is_accepted:
            return min(longest_s, _LONGEST_WAIT_S)
        end_ms = running.start_by_ms + (_GRACE_MS if now_ms > running.start_by_ms else 1)
        window_s = max(1, math.ceil((end_ms - now_ms) / 1000))
        return min(longest_s, window_s, _LONGEST_WAIT_S)

    def is_absent(self, running: Running, begun_ms: int, *, had_own: bool) -> bool:
        """Whether this receive proves that nobody is there (EXC-19)."""
        if running.start_by_ms is None or running.is_accepted or had_own:
            return False
        return begun_ms > running.start_by_ms and self.now_ms() >= running.start_by_ms + _GRACE_MS

    def when_absent(self, invocation: Invocation, running: Running) -> Outcome:
        """Do what is configured (EXC-21)."""
        del invocation, running
        raise ProxyError(
            "Proxy.Absent",
            "No client accepted the event within LAMBDA_PROXY_START_WITHIN_S. Start one.",
        )

    def no_response(self) -> ProxyError:
        """Nobody answered in time (EXC-7)."""
        return ProxyError(
            "Proxy.NoResponse",
            "No client answered in time. Check that a client runs, that it listens to the same "
            "queue, and that no breakpoint held the event for too long.",
        )

    def take_all(
        self, messages: list[dict[str, Any]], running: Running
    ) -> tuple[Outcome | None, bool]:
        """Look at what a receive brought: the outcome, and whether any was of this exchange."""
        had_own = False
        for message in messages:
            try:
                reply = self.read(message)
            except BadInputError as error:
                self.log_bad(message["Body"], str(error))
                self.delete(running.reply_url, message["ReceiptHandle"])
                continue
            if self.is_own(reply, running):
                had_own = True
                if outcome := self.take_own(reply, running):
                    return outcome, True
            elif reply.request_id in self.finished:
                self.take_finished(reply)
                self.delete(running.reply_url, reply.receipt)
            else:
                self.take_foreign(running.reply_url, reply)
        return None, had_own

    def take_finished(self, reply: Reply) -> None:
        """Look at a reply to a request that was finished before (EXC-24)."""
        start_by_ms = self.fell_back.get(reply.request_id)
        if start_by_ms is None or reply.kind != "accepted":
            return
        if self.counts(reply, start_by_ms):
            self.log("Proxy.DoubleRun", requestId=reply.request_id)

    def is_own(self, reply: Reply, running: Running) -> bool:
        """Whether a reply is this exchange's (EXC-2)."""
        return reply.request_id == running.request_id

    def take_own(self, reply: Reply, running: Running) -> Outcome | None:
        """Take in a reply of this exchange; the answer if it is one."""
        if reply.kind in ("accepted", "declined") and reply.is_known:
            self.count(reply, running)
            self.delete(running.reply_url, reply.receipt)
            return None
        try:
            return self.answer_of(reply)
        except BadInputError as error:
            self.log_bad(json.dumps(reply.envelope), str(error))
            raise self.bad_answer(error) from error
        finally:
            self.delete(running.reply_url, reply.receipt)

    def bad_answer(self, error: BadInputError) -> ProxyError:
        """The first response cannot be decoded (EXC-16)."""
        return ProxyError(
            "Proxy.BadAnswer",
            f"The client's answer cannot be read: {error}. Is the client of this version?",
        )

    def count(self, reply: Reply, running: Running) -> None:
        """Take in an `accepted` or a `declined` (EXC-18, EXC-24)."""
        client = reply.envelope.get("client")
        instance = client.get("instanceId") if isinstance(client, dict) else None
        if not isinstance(instance, str):
            self.log_bad(json.dumps(reply.envelope), "no client")
        elif reply.kind == "declined":
            self.log("exchange.reply", kind="declined", reason=reply.envelope.get("reason"))
        elif running.start_by_ms is None:
            self.log_bad(json.dumps(reply.envelope), "an accepted that nobody asked for")
        elif self.counts(reply, running.start_by_ms):
            running.is_accepted = True
            running.instances.add(instance)
            if len(running.instances) > 1:
                self.log("Proxy.DoubleRun", instances=sorted(running.instances))

    def counts(self, reply: Reply, start_by_ms: int) -> bool:
        """Whether an `accepted` was stored in time (EXC-18)."""
        return reply.sent_at_ms <= start_by_ms

    def answer_of(self, reply: Reply) -> Outcome:
        """The outcome that a response carries (ENV-11, ENV-26, ENV-27)."""
        error: Any = reply.envelope.get("error")
        if not reply.is_known:
            return self.answer_of_other_major(reply, error)
        has_error = "error" in reply.envelope
        if ("payload" in reply.envelope) == has_error or reply.answer_by_ms is None:
            raise BadInputError("a response has a payload or an error, and answerByMs")
        if not has_error:
            return Outcome(self.read_payload(reply.envelope["payload"], reply.request_id))
        self.check_error(error)
        return Outcome(self.read_payload(error.get("payload"), reply.request_id), is_error=True)

    def check_error(self, error: Any) -> None:
        """Hold an error to its form."""
        if not isinstance(error, dict):
            raise BadInputError("the error is no object")
        for name in ("errorType", "errorMessage"):
            if not isinstance(error.get(name), str):
                raise BadInputError(f"the error has no {name}")

    def answer_of_other_major(self, reply: Reply, error: Any) -> Outcome:
        """An error of another major version is an answer, and nothing else of it is (ENV-11)."""
        self.check_error(error)
        try:
            return Outcome(self.read_payload(error.get("payload"), reply.request_id), is_error=True)
        except BadInputError:
            told = {name: error[name] for name in ("errorMessage", "errorType")}
            return Outcome(json.dumps(told).encode(), is_error=True)


def limit_told(error: ProxyError) -> int | None:
    """The limit of a queue that refused a message for its size, if that is why."""
    cause = error.__cause__
    if not isinstance(cause, CallFailed) or "shorter than" not in cause.message:
        return None
    digits = [word for word in cause.message.split() if word.isdigit()]
    return int(digits[-1]) if digits else None
