"""What a proxy has to make of a message in its reply queue, told from its text and the schemas.

Where the clauses leave a choice, or parsers of JSON differ, every ending that follows from one of
the readings is right; an answer to another request never is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ldp_conformance import texts
from ldp_conformance.fuzz.expectation import Reader, bytes_of

_IDENTIFIER: Final = re.compile(r"[0-9A-Za-z_-]{1,128}")
_VERSION: Final = re.compile(r"([1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})")
_LARGEST: Final = 2**53 - 1
_WORDS: Final = ("errorType", "errorMessage")


class End(Enum):
    """How an invocation ends."""

    RESULT = "a result"
    ERROR = "the handler's error"
    BAD_ANSWER = "Proxy.BadAnswer"


@dataclass(frozen=True, slots=True)
class Ending:
    """An end of an invocation.

    Attributes:
        end: How.
        body: What the caller gets; empty for the proxy's own error.
    """

    end: End
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reading:
    """What may become of a message.

    Attributes:
        endings: How the invocation may end by it.
        goes_on: Whether the proxy may go on waiting.
        is_unreadable: Whether nobody can tell whose it is, so that it has to be deleted (EXC-15).
        why: What is wrong with it, where something is.
        requirements: What asks for it.
    """

    endings: tuple[Ending, ...] = ()
    goes_on: bool = True
    is_unreadable: bool = False
    why: str = ""
    requirements: tuple[str, ...] = ()


_BAD: Final = Ending(End.BAD_ANSWER)
_IGNORED: Final = Reading(requirements=("EXC-2",))


def reading(body: str, request_id: str) -> Reading:
    """What may become of a message.

    Args:
        body: Its text.
        request_id: The request's, in whose reply queue it lies.
    """
    reader = Reader()
    try:
        envelope = reader.read(body)
    except ValueError:
        is_clear = not body.startswith("\ufeff")
        return Reading(is_unreadable=is_clear, why="it is no JSON", requirements=("EXC-15",))
    if not isinstance(envelope, dict):
        return Reading(is_unreadable=True, why="it is no object", requirements=("EXC-15",))
    if reader.is_wild:
        return _of_wild(envelope, request_id)
    return _of_clear(envelope, request_id)


def _of_wild(envelope: dict[str, Any], request_id: str) -> Reading:
    """Whatever follows for those who read it, or what follows for those who do not."""
    if request_id not in json.dumps(envelope):
        return _IGNORED
    clear = _of_clear(envelope, request_id)
    return Reading((*clear.endings, _BAD), why="parsers read it in several ways")


def _of_clear(envelope: dict[str, Any], request_id: str) -> Reading:
    version, kind, own = (envelope.get(name) for name in ("version", "kind", "requestId"))
    is_named = isinstance(own, str) and _IDENTIFIER.fullmatch(own) is not None
    if not is_named or not isinstance(kind, str):
        why = "no kind" if is_named else "no requestId"
        return Reading(is_unreadable=True, why=why, requirements=("EXC-15",))
    is_one = isinstance(version, str) and _VERSION.fullmatch(version) is not None
    if own != request_id:
        return _IGNORED
    if kind != "response":
        return Reading(why=f"its kind is {kind!r}", requirements=("ENV-10", "EXC-3"))
    if not is_one or not _is_instant(envelope.get("answerByMs")):
        # It is its own and no answer; whether it is read at all is not said.
        return Reading((_BAD,), why="a frozen member is wrong", requirements=("EXC-15", "EXC-16"))
    if not str(version).startswith("1."):
        return _of_other_major(envelope)
    return _of_response(envelope)


def _is_instant(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return float(value).is_integer() and 0 <= value <= _LARGEST


def _of_other_major(envelope: dict[str, Any]) -> Reading:
    """An error of another major version is the answer; of its body only type and message are."""
    error = envelope.get("error")
    needs = ("ENV-11", "EXC-16")
    if not isinstance(error, dict) or not _has_words(error):
        return Reading((_BAD,), goes_on=False, why="another major version", requirements=needs)
    told = json.dumps({name: error[name] for name in _WORDS}).encode()
    endings = [Ending(End.ERROR, told)]
    payload = error.get("payload")
    found = texts.judged(json.dumps(_response_of({"error": error})), kind="response")
    if not found and isinstance(payload, dict) and payload.get("encoding") != "s3":
        endings = [Ending(End.ERROR, bytes_of(payload))]
    return Reading(tuple(endings), goes_on=False, requirements=needs)


def _response_of(members: dict[str, Any]) -> dict[str, Any]:
    return {"version": "1.0", "kind": "response", "requestId": "r", "answerByMs": 0, **members}


def _of_response(envelope: dict[str, Any]) -> Reading:
    halves: dict[str, Any] = {
        name: envelope[name] for name in ("payload", "error") if name in envelope
    }
    found = [
        each
        for each in texts.judged(json.dumps(_response_of(halves)), kind="response")
        if each.requirements != ("PAY-7",)  # the choice of the form, which receivers do not judge
    ]
    if found:
        why = f"{found[0].pointer} {found[0].reason}"
        needs = tuple(dict.fromkeys(["EXC-16", *found[0].requirements]))
        # How long and how well formed its words for people are is the client's duty alone.
        is_only_of_words = all(each.requirements == ("ENV-28",) for each in found)
        endings = _answers(halves) if is_only_of_words and _has_words(halves["error"]) else ()
        return Reading((*endings, _BAD), goes_on=False, why=why, requirements=needs)
    endings = _answers(halves)
    if not endings:
        needs = ("PAY-14", "EXC-16")
        return Reading((_BAD,), goes_on=False, why="there is no bucket", requirements=needs)
    needs = ("ENV-27", "ERR-14") if "error" in halves else ("PAY-2",)
    return Reading(endings, goes_on=False, requirements=needs)


def _has_words(error: object) -> bool:
    """Whether an error has a type and a message, however long."""
    return isinstance(error, dict) and all(isinstance(error.get(name), str) for name in _WORDS)


def _answers(halves: dict[str, Any]) -> tuple[Ending, ...]:
    end = End.ERROR if "error" in halves else End.RESULT
    payload = halves["error"]["payload"] if "error" in halves else halves["payload"]
    return () if payload["encoding"] == "s3" else (Ending(end, bytes_of(payload)),)
