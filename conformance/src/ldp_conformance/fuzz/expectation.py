"""What has to follow from a message, told from its text alone, the schemas, and what is trusted.

Where parsers of JSON may differ nothing is asked but that the client goes on.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.fuzz.corpus import DEEP
from ldp_conformance.fuzz.dialect import has_lone_surrogate
from ldp_conformance.fuzz.strategies import members

if TYPE_CHECKING:
    from ldp_conformance.fuzz.dialect import Dialect
    from ldp_conformance.vectors.filling import Surroundings

_LARGEST: Final = 2**53 - 1
_IDENTIFIER: Final = re.compile(r"[0-9A-Za-z_-]{1,128}")
_FROZEN_VERSION: Final = re.compile(r"(1|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})")
_URL: Final = re.compile(
    r"https?://[!$-.0->@-~]+(?:/[!$-.0->@-~]+)*/([0-9]{12})/([0-9A-Za-z_-]{1,80})"
)
_IN_HEADERS: Final = ("invokedFunctionArn", "traceId", "tenantId", "invocationId")
_VISIBLE: Final = re.compile(r"[!-~]*")
_IN_VARIABLES: Final = ("functionName", "functionVersion", "logGroupName", "logStreamName")
_WITHOUT_NUL: Final = re.compile(r"[^\0]*")
_SURE_DEPTH: Final = 2 * DEEP
#: Python reads no longer ones.
_MOST_DIGITS: Final = 4_000


class Outcome(Enum):
    """What the client does; the words are those of the vectors."""

    ANSWERED = "answered"
    HANDED_OVER = "handed-over"
    RAN = "ran"
    REFUSED = "refused"
    DROPPED = "dropped"
    BAD = "bad"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to follow.

    Attributes:
        outcome: What the client does.
        result: What the handler returns, for `ANSWERED`.
        why: What is wrong with the message, where it is bad.
        requirements: What asks for it.
    """

    outcome: Outcome
    result: Any = None
    why: str = ""
    requirements: tuple[str, ...] = ()


class _Wild(Exception):  # noqa: N818 - no error: parsers differ
    """The text holds what parsers read in several ways."""


class Reader:
    """Reads a JSON text and notices what parsers differ in."""

    def __init__(self) -> None:
        self.is_wild = False

    def read(self, text: str) -> Any:
        """The value of a JSON text.

        Raises:
            ValueError: It is none.
        """
        value = texts.loads(
            text,
            object_pairs_hook=self._members,
            parse_constant=self._constant,
            parse_int=self._integer,
            parse_float=self._fraction,
        )
        self._look(value, 1)
        return value

    def _members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.is_wild |= len(found) != len(pairs)
        return found

    def _constant(self, word: str) -> float:
        self.is_wild = True
        return float(word)

    def _integer(self, literal: str) -> int | float:
        number = int(literal) if len(literal) <= _MOST_DIGITS else float("inf")
        self.is_wild |= abs(number) > _LARGEST
        return number

    def _fraction(self, literal: str) -> float:
        number = float(literal)
        self.is_wild |= abs(number) > _LARGEST
        return number

    def _look(self, value: Any, depth: int) -> None:
        self.is_wild |= depth > _SURE_DEPTH
        if isinstance(value, str):
            self.is_wild |= has_lone_surrogate(value)
        elif isinstance(value, dict):
            for name, member in value.items():
                self._look(name, depth)
                self._look(member, depth + 1)
        elif isinstance(value, list):
            for item in value:
                self._look(item, depth + 1)


def expected(body: str, around: Surroundings, dialect: Dialect) -> Expected:
    """What a client has to do with a message.

    Args:
        body: Its text.
        around: What is trusted, and the time.
        dialect: What the port's language can hold.
    """
    reader = Reader()
    try:
        envelope = reader.read(body)
    except ValueError:
        outcome = Outcome.SURVIVED if body.startswith("\ufeff") else Outcome.BAD
        return Expected(outcome, why="it is no JSON", requirements=("SES-29",))
    if not isinstance(envelope, dict):
        return Expected(Outcome.DROPPED, why="it is no object", requirements=("SES-29",))
    if not _is_tellable(envelope):
        return Expected(Outcome.SURVIVED)
    found = [
        each
        for each in texts.judged(json.dumps(_known(envelope)), kind="request")
        if each.requirements != ("PAY-7",)  # the choice of the form, which receivers do not judge
    ]
    if reader.is_wild:
        # Bad for all parsers only if it stays bad without what they read differently.
        return Expected(Outcome.SURVIVED)
    is_new = _has_new_id(envelope, around)
    if found:
        outcome = _of_bad(envelope, around) if is_new else Outcome.BAD
        why = f"{found[0].pointer} {found[0].reason}"
        return Expected(outcome, why=why, requirements=("SES-29", "SES-31"))
    return _of_good(envelope, around, dialect) if is_new else Expected(Outcome.SURVIVED)


def _has_new_id(envelope: dict[str, Any], around: Surroundings) -> bool:
    """Whether no other message can have had its ID; what is known is deleted in silence (SES-6)."""
    request_id = envelope.get("requestId")
    is_one = isinstance(request_id, str) and _IDENTIFIER.fullmatch(request_id) is not None
    return not is_one or around.names["requestId"] in str(request_id)


def _is_tellable(envelope: dict[str, Any]) -> bool:
    """Whether Lambda can tell a runtime such a context, in headers, a path, and variables."""
    context = envelope.get("context")
    if not isinstance(context, dict):
        return True
    return all(
        not isinstance(value, str) or pattern.fullmatch(value)
        for pattern, value in (
            (re.compile(r"[0-9A-Za-z_-]*"), context.get("awsRequestId")),
            *((_VISIBLE, context.get(name)) for name in _IN_HEADERS),
            *((_WITHOUT_NUL, context.get(name)) for name in _IN_VARIABLES),
        )
    )


def _known(envelope: dict[str, Any]) -> dict[str, Any]:
    """The envelope without the members that version 1.0 does not know."""
    names = {pointer[1:] for pointer in members() if pointer.count("/") == 1}
    return {
        name: value
        for name, value in envelope.items()
        if name in names - {"environment", "signature"}
    }


def _of_bad(envelope: dict[str, Any], around: Surroundings) -> Outcome:
    """Whether it has to be answered: its frozen members can be read, and its queue is trusted."""
    version, kind = envelope.get("version"), envelope.get("kind")
    if not _can_be_answered(envelope, around):
        return Outcome.DROPPED
    if not (isinstance(version, str) and _FROZEN_VERSION.fullmatch(version)):
        return Outcome.BAD
    is_sure = isinstance(kind, str) and envelope.get("oneWay") is not True
    return Outcome.REFUSED if is_sure else Outcome.BAD


def _can_be_answered(envelope: dict[str, Any], around: Surroundings) -> bool:
    """Whether a valid answer can be made, there is somewhere to send it, and still time."""
    request_id, reply_to = envelope.get("requestId"), envelope.get("replyTo")
    answer_by_ms = envelope.get("answerByMs")
    is_named = isinstance(request_id, str) and _IDENTIFIER.fullmatch(request_id) is not None
    has_queue = isinstance(reply_to, str) and is_trusted(reply_to, around)
    if isinstance(answer_by_ms, bool) or not isinstance(answer_by_ms, int | float):
        return False
    is_due = around.now_ms < answer_by_ms <= _LARGEST and float(answer_by_ms).is_integer()
    return is_named and has_queue and is_due


def is_trusted(reply_to: str, around: Surroundings) -> bool:
    """Whether an answer may go there: to the configured queue, whatever the host is."""
    found = _URL.fullmatch(reply_to)
    names = around.names
    return found is not None and found.groups() == (names["account"], names["replyQueue"])


def _of_good(envelope: dict[str, Any], around: Surroundings, dialect: Dialect) -> Expected:
    if _hangs_on_more(envelope, around, dialect):
        return Expected(Outcome.SURVIVED)
    if not envelope["oneWay"]:
        if not is_trusted(envelope["replyTo"], around):
            return Expected(Outcome.DROPPED, why="replyTo is not trusted", requirements=("SEC-3",))
        if envelope["answerByMs"] <= around.now_ms:
            return Expected(Outcome.DROPPED, why="its time is over", requirements=("SES-2",))
    try:
        result = _result(envelope, around.names["nonce"], dialect)
    except _Wild:
        outcome = Outcome.SURVIVED if envelope["oneWay"] else Outcome.HANDED_OVER
        return Expected(outcome, requirements=("PAY-1",))
    if envelope["oneWay"]:
        return Expected(Outcome.RAN, requirements=("SES-27",))
    return Expected(Outcome.ANSWERED, result, requirements=("PAY-1", "PAY-2"))


def _hangs_on_more(envelope: dict[str, Any], around: Surroundings, dialect: Dialect) -> bool:
    """Whether what follows hangs on a bucket, or on a start window that is over or unknown."""
    start_by_ms = envelope.get("startByMs")
    is_late = start_by_ms is not None and start_by_ms <= around.now_ms
    is_unknown = start_by_ms is not None and not dialect.has_start_window
    return is_late or is_unknown or envelope["payload"]["encoding"] == "s3"


def _result(envelope: dict[str, Any], nonce: str, dialect: Dialect) -> Any:
    """What the conformance handler returns for the event.

    Raises:
        _Wild: That cannot be told.
    """
    client_context = envelope["context"].get("clientContext")
    if client_context is not None and not _is_object(client_context):
        raise _Wild
    reader = Reader()
    try:
        event = reader.read(bytes_of(envelope["payload"]).decode())
    except ValueError:
        raise _Wild from None
    if not isinstance(event, dict) or event.get("nonce") != nonce:
        raise _Wild
    match event:
        case {"do": "echo", "value": value} if dialect.can_hold(value):
            return value
        case {"do": "measure", "text": str(text)} if not has_lone_surrogate(text):
            digest = hashlib.sha256(text.encode()).hexdigest()
            return {"codePoints": len(text), "sha256": digest}
    raise _Wild


def bytes_of(payload: dict[str, Any]) -> bytes:
    """What a valid payload object stands for; gzip of several members, too (RFC 1952)."""
    data: str = payload["data"]
    if payload["encoding"] == "text":
        return data.encode()
    raw = base64.b64decode(data)
    return gzip.decompress(raw) if payload["encoding"] == "gzip+base64" else raw


def _is_object(text: str) -> bool:
    try:
        return isinstance(texts.loads(text), dict)
    except ValueError:
        return False
