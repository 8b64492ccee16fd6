"""Faults that only show among replies that nobody thought of."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, ClassVar

from faulty.proxy.errors import BadInputError
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Invocation, Reply, Running
    from faulty.proxy.exchange import Outcome

_FUZZ = "proxy.fuzz.replies"


@fault(
    "believes-nameless-errors",
    "EXC-16",
    "ERR-6",
    red={_FUZZ: "not Proxy.BadAnswer"},
    green=("proxy.bad-answer.error", "proxy.answer.error"),
)
class BelievesNamelessErrors(Proxy):
    """It takes an error for the answer although its type or its message is missing or wrong."""

    def check_error(self, error: Any) -> None:
        if not isinstance(error, dict):
            raise BadInputError("the error is no object")


@fault(
    "takes-its-neighbours'",
    "EXC-2",
    red={_FUZZ: "the answer to another request; seen once, with 4 cases together"},
    green=("proxy.answer.own-only", "proxy.answer.first", "proxy.dedicated.random"),
)
class TakesItsNeighbours(Proxy):
    """It takes an answer to another invocation that the same function waits for just then."""

    waiting: ClassVar[set[str]] = set()

    def await_answer(self, invocation: Invocation, running: Running) -> Outcome:
        self.waiting.add(running.request_id)
        try:
            return super().await_answer(invocation, running)
        finally:
            self.waiting.discard(running.request_id)

    def is_own(self, reply: Reply, running: Running) -> bool:
        is_taken = reply.kind == "response" and reply.request_id in self.waiting
        return is_taken or super().is_own(reply, running)


@fault(
    "takes-namesakes",
    "EXC-2",
    red={_FUZZ: "the answer to another request"},
    green=("proxy.answer.own-only", "proxy.answer.first"),
)
class TakesNamesakes(Proxy):
    """It takes a reply for its own whose ID only begins as its own does."""

    def is_own(self, reply: Reply, running: Running) -> bool:
        return reply.request_id.startswith(running.request_id)


@fault(
    "first-gzip-member-only",
    "PAY-4",
    red={_FUZZ: "the caller got"},
    green=("proxy.answer.encodings", "proxy.bad-answer.payload"),
)
class FirstGzipMemberOnly(Proxy):
    """It reads the first member of gzip data, and takes that for the whole payload."""

    def unzip(self, packed: bytes) -> bytes:
        body = super().unzip(packed)
        return zlib.decompressobj(31).decompress(packed) if body else body


@fault(
    "fails-when-declined",
    "EXC-3",
    red={_FUZZ: "Proxy.BadAnswer"},
    green=("proxy.answer.first", "proxy.bad-message.kind"),
)
class FailsWhenDeclined(Proxy):
    """It fails when a client declines, although its answer, or another's, may still come."""

    def count(self, reply: Reply, running: Running) -> None:
        super().count(reply, running)
        if reply.kind == "declined":
            raise self.bad_answer(BadInputError("declined"))
