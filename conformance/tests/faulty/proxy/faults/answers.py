"""Faults in what becomes of an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import BadInputError
from faulty.proxy.exchange import Outcome
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Reply, Running


@fault(
    "tidied-answers",
    "PAY-2",
    red={"proxy.answer.bytes": "the caller got"},
    green=("proxy.start.exchange", "proxy.event.bytes"),
)
class TidiedAnswers(Proxy):
    """It parses an answer and writes it again."""

    def answer_of(self, reply: Reply) -> Outcome:
        outcome = super().answer_of(reply)
        return Outcome(json.dumps(json.loads(outcome.body)).encode(), outcome.is_error)


@fault("no-base64", "PAY-5", "ENV-19", red={"proxy.answer.encodings": "BadAnswer"})
class NoBase64(Proxy):
    """It cannot read base64, and lists it."""

    def read_base64(self, data: str) -> bytes:
        raise BadInputError(data[:10])


class _Rebuilt(Proxy):
    names: tuple[str, ...] = ()

    def answer_of(self, reply: Reply) -> Outcome:
        outcome = super().answer_of(reply)
        if not outcome.is_error:
            return outcome
        told = json.loads(outcome.body)
        kept = {name: told[name] for name in self.names if name in told}
        return Outcome(json.dumps(kept).encode(), is_error=True)


@fault(
    "stackless-errors",
    "ERR-15",
    red={"proxy.answer.error": "stackTrace of the error is another"},
    green=("proxy.answer.error-payload",),
)
class StacklessErrors(_Rebuilt):
    """It passes on type and message of an error, and no more."""

    names = ("errorType", "errorMessage")


@fault(
    "rebuilt-errors",
    "ERR-14",
    red={"proxy.answer.error-bytes": "the error body is another"},
    green=("proxy.answer.error",),
)
class RebuiltErrors(_Rebuilt):
    """It passes on what it knows of an error, in its own form."""

    names = ("errorType", "errorMessage", "stackTrace")


@fault("errors-are-results", "ENV-27", red={"proxy.answer.error": "got a result"})
class ErrorsAreResults(Proxy):
    """It passes an error on as a result."""

    def answer_of(self, reply: Reply) -> Outcome:
        return Outcome(super().answer_of(reply).body)


@fault("people's-error", "ENV-27", red={"proxy.answer.error-payload": "the error is ForPeople"})
class PeoplesError(Proxy):
    """It passes on what an error says for people."""

    def answer_of(self, reply: Reply) -> Outcome:
        outcome = super().answer_of(reply)
        if outcome.is_error:
            told = {name: reply.envelope["error"][name] for name in ("errorType", "errorMessage")}
            return Outcome(json.dumps(told).encode(), is_error=True)
        return outcome


@fault(
    "strict",
    "ENV-2",
    red={"proxy.answer.unknown-members": "BadAnswer"},
    green=("proxy.answer.minor",),
)
class Strict(Proxy):
    """It refuses members that it does not know."""

    def answer_of(self, reply: Reply) -> Outcome:
        known = {"version", "kind", "requestId", "answerByMs", "payload", "error"}
        if reply.is_known and set(reply.envelope) - known:
            raise BadInputError("unknown members")
        return super().answer_of(reply)


@fault(
    "only-1.0",
    "ENV-8",
    red={"proxy.answer.minor": "BadAnswer"},
    green=("proxy.start.exchange", "proxy.answer.unknown-members"),
)
class OnlyOneZero(Proxy):
    """It refuses later minor versions."""

    def answer_of(self, reply: Reply) -> Outcome:
        if reply.is_known and reply.envelope["version"] != "1.0":
            raise BadInputError("another version")
        return super().answer_of(reply)


@fault(
    "no-other-major",
    "ENV-11",
    red={
        "proxy.answer.other-major-error": "it is Proxy.BadAnswer",
        "proxy.answer.other-major-form": "the error is Proxy.BadAnswer",
    },
    green=("proxy.bad-answer.other-major",),
)
class NoOtherMajor(Proxy):
    """It refuses errors of other major versions."""

    def answer_of_other_major(self, reply: Reply, error: Any) -> Outcome:
        raise BadInputError("another major version")


@fault(
    "known-forms-only",
    "ENV-11",
    red={"proxy.answer.other-major-form": "the error is Proxy.BadAnswer"},
    green=("proxy.answer.other-major-error",),
)
class KnownFormsOnly(Proxy):
    """It wants errors of other major versions in the form of its own."""

    def answer_of_other_major(self, reply: Reply, error: Any) -> Outcome:
        self.check_error(error)
        return Outcome(self.read_payload(error.get("payload"), reply.request_id), is_error=True)


@fault(
    "takes-any-answer",
    "EXC-2",
    red={
        "proxy.answer.own-only": "the caller got",
        "proxy.shared.several-at-once": "the callers got",
    },
    green=("proxy.start.exchange",),
)
class TakesAnyAnswer(Proxy):
    """It takes whatever comes for its own."""

    def is_own(self, reply: Reply, running: Running) -> bool:
        del reply, running
        return True


@fault("last-answer-wins", "EXC-3", red={"proxy.answer.first": "the caller got"})
class LastAnswerWins(Proxy):
    """It looks for a second answer, and prefers that."""

    def take_own(self, reply: Reply, running: Running) -> Outcome | None:
        outcome = super().take_own(reply, running)
        for message in self.receive(running.reply_url, 1) if outcome else ():
            later = self.read(message)
            self.delete(running.reply_url, later.receipt)
            if later.request_id == running.request_id:
                return self.answer_of(later)
        return outcome


@fault(
    "never-deletes",
    "EXC-10",
    red={"proxy.answer.deleted": "is left in the queue", "proxy.answer.first": "is left"},
    green=("proxy.start.exchange",),
)
class NeverDeletes(Proxy):
    """It leaves every message to the queue's retention."""

    def delete(self, url: str, receipt: str) -> None:
        """Nothing is done."""


@fault(
    "forgetful",
    "EXC-10",
    red={"proxy.answer.first": "is left"},
    green=("proxy.answer.deleted", "proxy.shared.released"),
)
class Forgetful(Proxy):
    """It does not know which requests were its own."""

    def exchange(self, invocation: Any) -> Outcome:
        self.finished.clear()
        return super().exchange(invocation)


@fault(
    "takes-finished",
    "SQS-12",
    "EXC-2",
    red={"proxy.answer.first": "got another answer", "proxy.trouble.copies": "got b"},
    green=("proxy.answer.own-only",),
)
class TakesFinished(Proxy):
    """It takes an answer to an earlier request of its own for the answer."""

    def is_own(self, reply: Reply, running: Running) -> bool:
        return super().is_own(reply, running) or reply.request_id in self.finished


@fault(
    "answers-itself",
    "EXC-3",
    red={"proxy.start.exchange": "no request came, and the caller got"},
    green=(),
)
class AnswersItself(Proxy):
    """It gives every event the same answer, without asking anybody."""

    def exchange(self, invocation: Any) -> Outcome:
        del invocation
        return Outcome(b"{}")


@fault(
    "loses-answers",
    "EXC-3",
    red={"proxy.start.exchange": "the caller got another answer"},
    green=(),
)
class LosesAnswers(Proxy):
    """It gives every caller the same answer, after whatever came."""

    def answer_of(self, reply: Reply) -> Outcome:
        del reply
        return Outcome(b"{}")
