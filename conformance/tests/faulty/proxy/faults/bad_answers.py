"""Faults in what becomes of a response that is none, and of a message that is garbage."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import BadInputError
from faulty.proxy.exchange import Outcome
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Reply, Running


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
