"""Faults in how payloads are written down and read."""

from __future__ import annotations

import base64
import json
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any

from faulty.client.faults.registry import fault
from faulty.client.payloads import Payloads
from faulty.client.rules import Wrong
from faulty.client.runtime import Runtime

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange


@fault(
    "reads-doubles",
    "PAY-1",
    red={
        "client.payload.exact-event": "} does not come back as it was sent",
        "client.v0.exact-event": "another event came to the handler",
    },
    green=("client.payload.base64-event",),
)
class ReadsDoubles(Runtime):
    """It parses events on the way, with every number a double."""

    def event(self, exchange: Exchange) -> bytes:
        value = json.loads(super().event(exchange), parse_int=float)
        return json.dumps(value).encode()


@fault(
    "composes-events",
    "PAY-1",
    red={"client.payload.gzip-event": "the handler did not get the event that came as gzip+base"},
    green=("client.payload.no-utf-8",),
)
class ComposesEvents(Runtime):
    """It brings the event's text into Unicode's composed form."""

    def event(self, exchange: Exchange) -> bytes:
        return unicodedata.normalize("NFC", super().event(exchange).decode()).encode()


@fault(
    "composes-results",
    "PAY-2",
    "PAY-1",
    red={"client.envelope.result-or-error": "the result is not what was returned"},
    green=("client.payload.base64-event",),
)
class ComposesResults(Runtime):
    """It brings the result's text into Unicode's composed form."""

    def serialised(self, value: object) -> bytes:
        return unicodedata.normalize("NFC", super().serialised(value).decode()).encode()


@fault(
    "writes-doubles",
    "PAY-2",
    red={"client.payload.exact-event": "} does not come back as it was sent"},
    green=("client.payload.gzip-answer",),
)
class WritesDoubles(Runtime):
    """It parses results on the way, with every number a double."""

    def serialised(self, value: object) -> bytes:
        parsed = json.loads(super().serialised(value), parse_int=float)
        return super().serialised(parsed)


@fault(
    "breaks-base64-lines",
    "PAY-4",
    red={"client.payload.gzip-answer": "with padding, without line breaks) of the gzip data (RFC"},
    green=("client.payload.gzip-event",),
)
class BreaksBase64Lines(Payloads):
    """It writes base64 in lines, as mail does."""

    def written(self, encoding: str, data: bytes) -> dict[str, Any]:
        if encoding == "gzip+base64":
            text = base64.encodebytes(self.gzip(data)).decode()
            return {"encoding": encoding, "data": text}
        return super().written(encoding, data)


@fault(
    "pads-nothing",
    "PAY-4",
    red={"client.payload.gzip-answer": "with padding, without line breaks) of the gzip data (RFC"},
    green=("client.payload.gzip-event",),
)
class PadsNothing(Payloads):
    """It writes the base64 of URLs, without padding."""

    def written(self, encoding: str, data: bytes) -> dict[str, Any]:
        if encoding == "gzip+base64":
            text = base64.urlsafe_b64encode(self.gzip(data)).decode().rstrip("=")
            return {"encoding": encoding, "data": text}
        return super().written(encoding, data)


@fault(
    "compresses-with-zlib",
    "PAY-4",
    red={"client.payload.gzip-answer": "the response is not valid: /payload/data is no gzip data:"},
    green=("client.payload.gzip-event",),
)
class CompressesWithZlib(Payloads):
    """It compresses with the frame of zlib and not with that of gzip."""

    def gzip(self, data: bytes) -> bytes:
        return zlib.compress(data)


@fault(
    "reads-no-gzip",
    "PAY-4",
    "PAY-1",
    red={
        "client.payload.gzip-event": "the answer is the error Runtime.UnmarshalError: the event i",
        "client.payload.zipped-both-ways": "the answer is the error Runtime.UnmarshalError: the e",
    },
    green=("client.payload.base64-event",),
)
class ReadsNoGzip(Payloads):
    """It hands compressed bytes on as they are."""

    def from_gzip(self, data: bytes) -> bytes:
        return data


@fault(
    "reads-no-base64",
    "PAY-5",
    "PAY-1",
    red={
        "client.payload.base64-event": "the answer is the error Runtime.UnmarshalError: the event"
    },
    green=("client.payload.no-utf-8",),
)
class ReadsNoBase64(Payloads):
    """It hands base64 on as it is."""

    def decode(self, payload: dict[str, Any]) -> bytes:
        if payload.get("encoding") == "base64":
            payload = {**payload, "encoding": "text"}
        return super().decode(payload)


@fault(
    "forgives-base64",
    "PAY-11",
    red={
        "client.payload.damaged-event": "without its padding: the answer is no error",
        "client.fuzz.payloads": "once decoded) is not refused with Client.BadRequest",
    },
    green=("client.start.answers",),
)
class ForgivesBase64(Payloads):
    """It skips what is no base64."""

    def from_base64(self, data: str) -> bytes:
        try:
            return base64.b64decode(data + "==")
        except ValueError:
            return data.encode()


@fault(
    "forgives-gzip",
    "PAY-11",
    red={
        "client.payload.damaged-event": "a request with gzip data that is truncated: the answer i",
        "client.vectors.payloads": "the answer is the error Runtime.UnmarshalError: the event is",
    },
    green=("client.start.answers",),
)
class ForgivesGzip(Payloads):
    """It takes what it could decompress, however the data ends."""

    def from_gzip(self, data: bytes) -> bytes:
        member = zlib.decompressobj(31)
        try:
            return member.decompress(data, self.limit_bytes)
        except zlib.error:
            return zlib.decompressobj(-15).decompress(data[10:], self.limit_bytes)


@fault(
    "guesses-encodings",
    "PAY-11",
    red={
        "client.bad-input.payload": "a request with /payload/encoding missing: the answer is no e"
    },
    green=("client.start.answers",),
)
class GuessesEncodings(Payloads):
    """It takes an encoding that it does not know for text."""

    def decode(self, payload: dict[str, Any]) -> bytes:
        if payload.get("encoding") not in {"text", "base64", "gzip+base64"}:
            payload = {**payload, "encoding": "text"}
        return super().decode(payload)


@fault(
    "refuses-what-is-no-text",
    "PAY-1",
    "PAY-5",
    red={"client.payload.no-utf-8": "an event that is no UTF-"},
    green=("client.payload.base64-event",),
)
class RefusesWhatIsNoText(Payloads):
    """It refuses events that are no UTF-8."""

    def from_base64(self, data: str) -> bytes:
        decoded = super().from_base64(data)
        if not decoded.startswith(b"\x1f\x8b"):
            self.text_of(decoded)
        return decoded

    def text_of(self, data: bytes) -> str:
        """The text that the bytes are."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise Wrong("is no text", "/payload/data") from None
