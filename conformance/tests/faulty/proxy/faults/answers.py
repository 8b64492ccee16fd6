"""Faults in what becomes of an answer."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import BadInputError, CallFailed
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


@fault("lenient-base64", "PAY-11", red={"proxy.bad-answer.payload": "became the result"})
class LenientBase64(Proxy):
    """It skips characters that are no base64."""

    def read_base64(self, data: str) -> bytes:
        try:
            return base64.b64decode(data + "===")
        except ValueError as error:
            raise BadInputError("no base64") from error


@fault("lenient-gzip", "PAY-11", red={"proxy.bad-answer.payload": "truncated gzip became"})
class LenientGzip(Proxy):
    """It is content with the beginning of gzip data."""

    def unzip(self, packed: bytes) -> bytes:
        try:
            return zlib.decompressobj(31).decompress(packed, 6_291_557)
        except zlib.error as error:
            raise BadInputError("damaged") from error


@fault(
    "lenient-encodings", "PAY-11", red={"proxy.bad-answer.payload": "an unknown encoding became"}
)
class LenientEncodings(Proxy):
    """It takes an unknown encoding for text."""

    def _decode(self, encoding: Any, data: str) -> bytes:
        is_known = encoding in ("base64", "gzip+base64")
        return super()._decode(encoding if is_known else "text", data)


@fault(
    "lenient-text", "PAY-11", red={"proxy.bad-answer.payload": "half of a surrogate pair became"}
)
class LenientText(Proxy):
    """It replaces what is no Unicode."""

    def read_text(self, data: str) -> bytes:
        return data.encode("utf-8", "replace")


class _Waits(Proxy):
    def take_own(self, reply: Reply, running: Running) -> Outcome | None:
        if reply.kind != "response":
            return super().take_own(reply, running)
        try:
            return self.answer_of(reply)
        except BadInputError:
            return None
        finally:
            self.delete(running.reply_url, reply.receipt)


@fault(
    "waits-on",
    "EXC-16",
    red={
        "proxy.bad-answer.payload": "not Proxy.BadAnswer",
        "proxy.bad-answer.error": "not Proxy.BadAnswer",
        "proxy.bad-answer.other-major": "not Proxy.BadAnswer",
        "proxy.claim.unasked": "not Proxy.BadAnswer",
    },
)
class WaitsOn(_Waits):
    """It waits for a better answer where the first cannot be decoded."""


@fault(
    "first-of-both",
    "ENV-26",
    red={"proxy.bad-answer.error": "payload and error became the result"},
    green=("proxy.bad-answer.payload",),
)
class FirstOfBoth(Proxy):
    """It takes the payload where there is an error, too."""

    def answer_of(self, reply: Reply) -> Outcome:
        if reply.envelope.get("payload") is not None:
            reply.envelope.pop("error", None)
        return super().answer_of(reply)


@fault("any-major", "ENV-10", red={"proxy.bad-answer.other-major": "became the result"})
class AnyMajor(Proxy):
    """It reads results of other major versions as if it knew them."""

    def answer_of_other_major(self, reply: Reply, error: Any) -> Outcome:
        if error is None:
            return Outcome(self.read_payload(reply.envelope.get("payload"), reply.request_id))
        return super().answer_of_other_major(reply, error)


@fault("bomb", "PAY-10", red={"proxy.bad-answer.too-large": "became the result"})
class Bomb(Proxy):
    """It decompresses without a limit."""

    def read_payload(self, payload: Any, request_id: str) -> bytes:
        if isinstance(payload, dict) and payload.get("encoding") == "gzip+base64":
            return zlib.decompress(self.read_base64(payload["data"]), 31)
        return super().read_payload(payload, request_id)


@fault("six-mebibytes", "PAY-10", red={"proxy.bad-answer.too-large": "BadAnswer"})
class SixMebibytes(Proxy):
    """It stops at 6 MiB, a little before Lambda does."""

    def read_payload(self, payload: Any, request_id: str) -> bytes:
        body = super().read_payload(payload, request_id)
        if len(body) > 6 * 1024 * 1024:
            raise BadInputError("too large")
        return body


@fault("any-kind", "ENV-10", red={"proxy.bad-message.kind": "the caller got"})
class AnyKind(Proxy):
    """It takes a message of any kind for a response."""

    def read(self, message: dict[str, Any]) -> Reply:
        text = message["Body"].replace('"progress"', '"response"', 1)
        return super().read(message | {"Body": text})


@fault("leaves-garbage", "EXC-15", red={"proxy.bad-message.deleted": "that cannot be read is left"})
class LeavesGarbage(Proxy):
    """It leaves messages in the queue that it cannot read."""

    def delete(self, url: str, receipt: str) -> None:
        if self.is_garbage:
            self.hide(url, receipt, 1)
        else:
            super().delete(url, receipt)
        self.is_garbage = False

    is_garbage = False

    def log_bad(self, body: str, why: str) -> None:
        super().log_bad(body, why)
        self.is_garbage = True


@fault(
    "logs-garbage",
    "EXC-15",
    "SEC-4",
    red={"proxy.bad-message.logged": "the content is in the log"},
    green=("proxy.bad-message.deleted",),
)
class LogsGarbage(Proxy):
    """It logs what it cannot read, as it is."""

    def log_bad(self, body: str, why: str) -> None:
        super().log_bad(body, why)
        self.log("reply.bad_body", body=body)


@fault("silent-about-garbage", "EXC-15", red={"proxy.bad-message.logged": "is not in what"})
class SilentAboutGarbage(Proxy):
    """It says nothing of what it cannot read."""

    def log_bad(self, body: str, why: str) -> None:
        """Nothing is said."""


@fault("keeps-nothing", "PAY-16", red={"proxy.claim.answer": "was deleted from the bucket"})
class KeepsNothing(Proxy):
    """It deletes a claim check that it collected."""

    def get_object(self, key: str) -> bytes:
        body = super().get_object(key)
        self._object("DELETE", key, b"")
        return body


@fault(
    "no-collecting",
    "PAY-6",
    red={"proxy.claim.answer": "BadAnswer", "proxy.claim.error": "the error is Proxy.BadAnswer"},
    green=("proxy.claim.event", "proxy.claim.elsewhere"),
)
class NoCollecting(Proxy):
    """It does not collect claim checks, although it lists them."""

    def redeem(self, claim: dict[str, Any], request_id: str) -> bytes:
        raise BadInputError(f"a claim check of {request_id}")


@fault(
    "follows-pointers",
    "PAY-14",
    red={"proxy.claim.elsewhere": "got a result", "proxy.claim.unasked": "not Proxy.BadAnswer"},
    green=("proxy.claim.answer", "proxy.claim.verified"),
)
class FollowsPointers(Proxy):
    """It fetches whatever a claim check points to."""

    def redeem(self, claim: dict[str, Any], request_id: str) -> bytes:
        del request_id
        try:
            body = self.get_object(str(claim["key"]))
        except CallFailed as failure:
            raise self._storage(failure) from failure
        self.verify(claim, body)
        return body

    def _storage(self, failure: CallFailed) -> Exception:
        from faulty.proxy.errors import storage_error  # noqa: PLC0415 - for this alone

        return storage_error(failure)


@fault("unverified", "PAY-15", red={"proxy.claim.verified": "got a result"})
class Unverified(Proxy):
    """It does not look whether it fetched what was stored."""

    def verify(self, claim: dict[str, Any], body: bytes) -> None:
        """Nothing is compared."""


@fault("by-size-only", "PAY-15", red={"proxy.claim.verified": "got a result"})
class BySizeOnly(Proxy):
    """It compares the size of what it fetched, not the SHA-256."""

    def verify(self, claim: dict[str, Any], body: bytes) -> None:
        if claim.get("sizeBytes") != len(body):
            raise BadInputError("another size")


@fault("nothing-there", "ERR-11", red={"proxy.claim.not-fetched": "not Proxy.StorageError"})
class NothingThere(Proxy):
    """It takes an answer that it cannot fetch for a bad one."""

    def get_object(self, key: str) -> bytes:
        try:
            return super().get_object(key)
        except CallFailed as failure:
            raise BadInputError("nothing there") from failure


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
