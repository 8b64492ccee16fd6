"""What a caller gets, as a value: an exchange's outcome in bytes, or in parts where it must be.

Pure. The error body that the handler's runtime wrote is passed on as it is wherever an entry can;
where it cannot, `error_parts` says what of it survives (ERR-15).
"""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from ldp_wire.envelopes import ClaimCheck
from ldp_wire.errors import LocalProtocolError
from ldp_wire.exchange import Forwarded, Outcome
from ldp_wire.failures import Failure

#: What a one-way caller gets (EXC-28).
_NULL: Final = b"null"
# A handler's stack trace goes by `stackTrace` in Python, Java, Ruby, .NET and Go, `trace` in Node.
_TRACE_MEMBERS: Final = ("stackTrace", "trace")


class ReplyError(NamedTuple):
    """The short form of an error, for logs and for those who cannot read its body.

    Attributes:
        type: The `errorType`.
        message: The `errorMessage`.
        is_own: Whether the proxy failed, and not the handler or the client.
    """

    type: str
    message: str
    is_own: bool = False


class Reply(NamedTuple):
    """What the caller gets.

    Attributes:
        body: The bytes of the result, or of the error body.
        error: Set if it is an error.
        receipt: Handle of the message that brought it, to be deleted; None if none did.
    """

    body: bytes
    error: ReplyError | None = None
    receipt: str | None = None


class ErrorParts(NamedTuple):
    """What of an error a managed runtime can pass on, as well-formed text throughout.

    Attributes:
        type: The `errorType`.
        message: The `errorMessage`.
        trace: The lines of the stack trace.
    """

    type: str
    message: str
    trace: list[str]


def reply_of(outcome: Outcome | None, receipt: str | None = None) -> Reply:
    """What an exchange's outcome means for its caller.

    Args:
        outcome: The outcome.
        receipt: Handle of the message that brought it.

    Raises:
        LocalProtocolError: The exchange is not over, or took an answer that this proxy did not
            say that it takes.
    """
    if isinstance(outcome, Forwarded):
        return Reply(_NULL)
    if isinstance(outcome, Failure):
        return _own(outcome, receipt)
    if outcome is None or isinstance(outcome.body, ClaimCheck):
        raise LocalProtocolError("there is nothing to pass on")
    error = outcome.error
    short = None if error is None else ReplyError(error.error_type, error.error_message)
    return Reply(outcome.body, short, receipt)


def reply_of_failure(failure: Failure) -> Reply:
    """What the caller gets where there was no exchange at all."""
    return _own(failure, None)


def reply_of_fallback(payload: bytes, *, is_error: bool) -> Reply:
    """What the caller gets where the fallback function answered: its bytes (EXC-27).

    Args:
        payload: The function's result, or its error body.
        is_error: Whether the function failed.
    """
    if not is_error:
        return Reply(payload)
    members = _members(payload)
    texts = [_text(members.get(name, "")) for name in ("errorType", "errorMessage")]
    return Reply(payload, ReplyError(texts[0] or "Error", texts[1]))


def _own(failure: Failure, receipt: str | None) -> Reply:
    error = ReplyError(failure.type.value, failure.message, is_own=True)
    return Reply(failure.body, error, receipt)


def own_parts(failure: Failure) -> ErrorParts:
    """The parts of a failure that is not the handler's, which has no stack trace."""
    return ErrorParts(failure.type.value, failure.message, [])


def error_parts(body: bytes, error: ReplyError) -> ErrorParts:
    """The type, message and stack trace of an error body, as far as it has them.

    A body without them, or that is no JSON object, leaves the short form. What is no text becomes
    JSON text, since the runtime prints it line by line, and halves of surrogate pairs become
    U+FFFD, because the runtime encodes all it is given.
    """
    members = _members(body)
    traces = [trace for name in _TRACE_MEMBERS if isinstance(trace := members.get(name), list)]
    lines = traces[0] if traces else []
    return ErrorParts(
        type=_text(members.get("errorType", error.type)),
        message=_text(members.get("errorMessage", error.message)),
        trace=[_text(line) for line in lines],
    )


def _members(body: bytes) -> dict[str, object]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
