"""Events: every form in which one may come, and all that is no form of one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.cases import payloads
from ldp_conformance.cases.payloads import LARGEST_BYTES
from ldp_conformance.check import client_check
from ldp_conformance.checks.client.memory import resident_peak_bytes
from ldp_conformance.checks.client.refusing import Bad, Reply, expect_refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.cases.client_case import ClientCase

#: What breaks where somebody escapes, normalises, trims or counts wrongly.
_NASTY: Final = (
    "",
    " \t\r\n ",
    "\u0000\u0001\u001f\u007f",
    "\"\\/\b\f' `$(x)` %s {0}",
    "é e\u0301 ﬁ İ ß",
    "\u2028\u2029\u0085\ufeff\ufffe\uffff",
    "🙂\U0001d4b3\U0010ffff",
    "</script>&amp;&#0;",
)
_BOMB_BYTES: Final = 400 * 1024 * 1024
#: What a client may take while it refuses a bomb: some copies of the message and of the limit.
_ROOM_BYTES: Final = 160 * 1024 * 1024


@client_check("payload.text-event", "PAY-1", "PAY-3")
def a_text_event_reaches_the_handler(case: ClientCase) -> None:
    """An event in the encoding `text` reaches the handler as it is, whatever its characters."""
    for text in _NASTY:
        sent = case.send(case.request("measure", text=text))
        _expect_measured(case, case.result(sent), text)
        case.gone(sent)
    plain = case.request("measure", text="".join(_NASTY))
    event = json.dumps(case.event_of(plain), ensure_ascii=False)
    sent = case.send(plain | {"payload": payloads.text(f"\n\t {event} \r\n")})
    _expect_measured(case, case.result(sent), "".join(_NASTY))
    case.gone(sent)


@client_check("payload.base64-event", "PAY-1", "PAY-5")
def a_base64_event_reaches_the_handler(case: ClientCase) -> None:
    """An event in the encoding `base64` reaches the handler, with one `=`, with two, with none."""
    _expect_form(case, payloads.in_base64, "base64")


@client_check("payload.gzip-event", "PAY-1", "PAY-4")
def a_zipped_event_reaches_the_handler(case: ClientCase) -> None:
    """An event in the encoding `gzip+base64` reaches the handler, however it was compressed.

    Compressed well or not at all, with a file name and a comment in gzip's header or without.
    """
    _expect_form(case, payloads.zipped, "gzip+base64")
    _expect_form(case, lambda body: _gzip(gzip.compress(body, 0)), "gzip+base64 of stored blocks")
    _expect_form(case, _with_header, "gzip+base64 with a file name and a comment")


def _expect_form(case: ClientCase, encode: Callable[[bytes], dict[str, Any]], what: str) -> None:
    for padding in range(3):
        text = "".join(_NASTY) + "x" * padding
        request = case.request("measure", text=text)
        body = json.dumps(case.event_of(request), ensure_ascii=False).encode()
        sent = case.send(request | {"payload": encode(body)})
        _expect_measured(case, case.result(sent), text, what)
        case.gone(sent)


def _expect_measured(case: ClientCase, result: object, text: str, what: str = "text") -> None:
    expected = {
        "codePoints": len(text),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    case.expect_equal(result, expected, f"the handler did not get the event that came as {what}")


@client_check("payload.exact-event", "PAY-1", "PAY-2")
def nobody_tidies_an_event(case: ClientCase) -> None:
    """What only a parser would change arrives unchanged, both ways.

    Numbers beyond 2^53 and halves of surrogate pairs are tried where the manifest says that the
    handler's JSON has them.
    """
    texts = ["1.0", "-0.0", "1e-7", '{"b": 1, "a": 2}', '"\\u00e9\\/"']
    if case.manifest.has_exact_numbers:
        texts += ["9007199254740993", "-12345678901234567890"]
    if case.manifest.has_lone_surrogates:
        texts += ['"\\ud83d"', '{"\\udc00": "\\ud800x"}']
    for text in texts:
        nonce = case.fresh("nonce")
        event = f'{{"do": "echo", "nonce": "{nonce}", "value": {text}}}'
        sent = case.send(case.request() | {"payload": payloads.text(event)})
        found, expected = case.result(sent), json.loads(text)
        if isinstance(expected, float) and type(found) is int:
            found = float(found)  # 1 and 1.0 are one number to many
        case.expect_equal(found, expected, f"{text} does not come back as it was sent")
        case.gone(sent)


@client_check("payload.no-utf-8", "PAY-1", "PAY-5", "SES-29")
def bytes_that_are_no_text_are_an_event(case: ClientCase) -> None:
    """Bytes that are no UTF-8 are handed to the handler's runtime, which answers for itself."""
    for body in (b"\xff\xfe\x00", b'{"do": "echo", "nonce": "\xc3"}', b""):
        sent = case.send(case.request() | {"payload": payloads.in_base64(body)})
        kind = case.response(sent).get("error", {}).get("errorType", "")
        case.expect(
            not kind.startswith("Client."),
            "an event that is no UTF-8 is taken for bad input",
            came=kind,
        )
        case.gone(sent)


@client_check("payload.largest-event", "PAY-10", "PAY-1")
def the_largest_event_reaches_the_handler(case: ClientCase) -> None:
    """An event of exactly 6,291,556 bytes reaches the handler."""
    request = case.request("nonce")
    body = _padded(case, request, LARGEST_BYTES)
    sent = case.send(request | {"payload": payloads.zipped(body)})
    nonce = case.event_of(request)["nonce"]
    case.expect_equal(
        case.members(sent, "nonce")["nonce"], nonce, "the handler ran for another event"
    )
    case.gone(sent)


@client_check("payload.too-large-event", "PAY-10", "SES-31", "ERR-13")
def a_larger_event_is_bad_input(case: ClientCase) -> None:
    """An event of one byte more than 6,291,556 is bad input."""
    nonce = case.fresh("nonce")
    request = case.request("echo", nonce=nonce, value=1)
    body = _padded(case, request, LARGEST_BYTES + 1)
    request["payload"] = payloads.zipped(body)
    expect_refused(case, [Bad("6,291,557 bytes of event", request, nonce)], ("PAY-10",))


def _padded(case: ClientCase, request: dict[str, Any], size: int) -> bytes:
    """The event of a request, with so many blanks behind it that it has this size."""
    return json.dumps(case.event_of(request)).encode().ljust(size)


@client_check("payload.bomb", "PAY-10", "SES-29", alone=True)
def a_bomb_is_not_unpacked(case: ClientCase) -> None:
    """A small message whose event expands to 400 MiB is refused before it fills the memory."""
    nonce = case.fresh("nonce")
    request = case.request("echo", nonce=nonce, value=1)
    head = json.dumps(case.event_of(request)).encode()
    request["payload"] = _gzip(_bomb(head, _BOMB_BYTES))
    before = resident_peak_bytes(case.port.pids())
    expect_refused(case, [Bad("400 MiB of event", request, nonce)], ("PAY-10",))
    after = resident_peak_bytes(case.port.pids())
    if before is None or after is None:
        return  # what is left to see was seen
    grown = after - before
    case.expect(
        grown < _ROOM_BYTES,
        f"the client took {grown // 1024 // 1024} MiB of memory to refuse it",
        hint="Decompress piece by piece, and stop at 6,291,556 bytes.",
    )


def _bomb(head: bytes, size: int) -> bytes:
    """Gzip data of a text and blanks behind it, made without compressing them all."""
    blanks = b" " * (1024 * 1024)
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush()
    count = size // len(blanks)
    checksum = zlib.crc32(head)
    for _ in range(count):
        checksum = zlib.crc32(blanks, checksum)
    length = len(head) + count * len(blanks)
    trailer = checksum.to_bytes(4, "little") + length.to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + start + block * count + end + trailer


def _gzip(packed: bytes) -> dict[str, Any]:
    return {"encoding": "gzip+base64", "data": base64.b64encode(packed).decode()}


def _with_header(body: bytes) -> dict[str, Any]:
    plain = gzip.compress(body, mtime=1)
    extra = b"event.json\0" + b"made by hand\0"
    return _gzip(plain[:3] + b"\x18" + plain[4:10] + extra + plain[10:])


@client_check("payload.damaged-event", "PAY-11", "PAY-4", "PAY-5", "SES-31")
def a_damaged_event_is_bad_input(case: ClientCase) -> None:
    """What does not decode by the letter is bad input, although a lenient decoder could guess."""
    expect_refused(
        case,
        [_damaged(case, what, encoding, damage) for what, encoding, damage in _DAMAGES],
        ("PAY-11",),
    )


def _damaged(case: ClientCase, what: str, encoding: str, damage: Callable[[str], object]) -> Bad:
    """A request whose payload is damaged, with an event that shows all of base64's alphabet."""
    nonce = case.fresh("nonce")
    request = case.request("echo", nonce=nonce, value="ÿþûï?>~ÿ¿" * 30)
    body = json.dumps(case.event_of(request), ensure_ascii=False).encode()
    body += b" " * ((1 - len(body)) % 3)  # so that its base64 ends with two =
    made = payloads.zipped(body) if encoding.startswith("gzip") else payloads.in_base64(body)
    if encoding == "text":
        made = payloads.text(body.decode())
    request["payload"] = {"encoding": encoding, "data": damage(made["data"])}
    return Bad(what, request, nonce, Reply.ERROR)


def _repacked(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    return lambda data: base64.b64encode(change(base64.b64decode(data))).decode()


def _unpacked(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    return lambda data: base64.b64encode(change(gzip.decompress(base64.b64decode(data)))).decode()


_DAMAGES: Final[tuple[tuple[str, str, Callable[[str], object]], ...]] = (
    ("base64 without its padding", "base64", lambda data: data.rstrip("=")),
    ("base64 of the alphabet for URLs", "base64", lambda d: d.translate({43: "-", 47: "_"})),
    ("base64 with a line break", "base64", lambda data: f"{data[:76]}\n{data[76:]}"),
    ("base64 with a line end behind it", "base64", lambda data: data + "\n"),
    ("base64 with a blank in it", "base64", lambda data: f"{data[:40]} {data[40:]}"),
    ("base64 with a foreign character", "base64", lambda data: f"{data[:40]}*{data[40:]}"),
    ("base64 that goes on behind its padding", "base64", lambda data: data + "e30="),
    ("half of base64's last group", "base64", lambda data: data + "e3"),
    ("gzip data without its last character", "gzip+base64", lambda data: data[:-1]),
    ("gzip data that is truncated", "gzip+base64", _repacked(lambda raw: raw[:-9])),
    ("gzip data without its trailer", "gzip+base64", _repacked(lambda raw: raw[:-8])),
    (
        "gzip data whose checksum is wrong",
        "gzip+base64",
        _repacked(lambda raw: raw[:-8] + bytes(each ^ 1 for each in raw[-8:-4]) + raw[-4:]),
    ),
    (
        "gzip data whose length is wrong",
        "gzip+base64",
        _repacked(lambda raw: raw[:-4] + bytes(each ^ 1 for each in raw[-4:])),
    ),
    ("zlib data where gzip data has to be", "gzip+base64", _unpacked(zlib.compress)),
    ("plain base64 where gzip data has to be", "gzip+base64", _unpacked(lambda raw: raw)),
    ("text where gzip data has to be", "gzip+base64", lambda _data: "{}"),
    ("nothing where gzip data has to be", "gzip+base64", lambda _data: ""),
    ("the unknown encoding br+base64", "br+base64", lambda data: data),
    ("the unknown encoding TEXT", "TEXT", lambda data: base64.b64decode(data).decode()),
    ("the unknown encoding of no letters", "", lambda data: data),
    ("an object for data", "text", json.loads),
    ("nothing for data", "text", lambda _data: None),
)
