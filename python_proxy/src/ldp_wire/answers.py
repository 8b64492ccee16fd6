"""The envelopes that a client sends, sized to fit (PAY-7, PAY-8, ENV-9, ENV-14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_wire.actions import Notice, NoticeKind, Purpose, Raised, Send
from ldp_wire.codec import encode
from ldp_wire.envelopes import Accepted, Declined, HandlerError, Response
from ldp_wire.errors import LocalProtocolError
from ldp_wire.failures import Failure, bad_request, result_too_large
from ldp_wire.limits import MAX_ERROR_TEXT_BYTES, MIN_MESSAGE_BYTES, MINOR
from ldp_wire.payloads import INLINE_ENCODINGS, fit

if TYPE_CHECKING:
    from collections.abc import Collection

    from ldp_wire.actions import Result
    from ldp_wire.arrivals import Arrival, BadArrival
    from ldp_wire.envelopes import ClientInfo, Payload, ReplyTerms

_SMALLEST_TEXT_BYTES: Final = 128


def display_text(text: str, limit_bytes: int = MAX_ERROR_TEXT_BYTES) -> str:
    """`text` as well-formed Unicode of at most `limit_bytes`, cut at a character (ENV-28)."""
    raw = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return raw[:limit_bytes].decode(errors="ignore")


class Answers:
    """Writes the replies of one client.

    Args:
        client: Who answers.
        max_message_bytes: Limit of the response queue, as far as known.
    """

    def __init__(self, client: ClientInfo, max_message_bytes: int) -> None:
        self._client = client
        self._max_message_bytes = max_message_bytes

    def accepted(self, arrival: Arrival) -> Send:
        """The announcement that the handler is about to start (SES-20)."""
        terms = _terms(arrival)
        envelope = Accepted(
            arrival.request_id, terms.answer_by_ms, self._client, min(MINOR, arrival.request.minor)
        )
        return _send(arrival, Purpose.ACCEPT, encode(envelope))

    def declined(self, arrival: Arrival, reason: str) -> Send:
        """The word that the handler did not and will not start (SES-22)."""
        terms = _terms(arrival)
        minor = min(MINOR, arrival.request.minor)
        envelope = Declined(arrival.request_id, terms.answer_by_ms, reason, self._client, minor)
        return _send(arrival, Purpose.DECLINE, encode(envelope))

    def answer(self, arrival: Arrival, result: Result) -> tuple[Send, Notice | None]:
        """The handler's result, or the error that says why it cannot be sent (PAY-9)."""
        terms = _terms(arrival)
        limit_bytes = min(self._max_message_bytes, terms.max_reply_bytes)
        text = self._fit(arrival, result, limit_bytes)
        if text is not None:
            return _send(arrival, Purpose.ANSWER, text), None
        failure = result_too_large(len(result.body), limit_bytes)
        send = _send(arrival, Purpose.ANSWER, self._failure(arrival, failure, limit_bytes))
        return send, Notice(NoticeKind.RESULT_TOO_LARGE, arrival.request_id, failure.message)

    def _fit(self, arrival: Arrival, result: Result, limit_bytes: int) -> str | None:
        terms = _terms(arrival)
        minor = min(MINOR, arrival.request.minor)

        def wrap(payload: Payload) -> Response:
            outcome: Payload | HandlerError = payload
            if isinstance(result, Raised):
                outcome = HandlerError(
                    display_text(result.error_type), display_text(result.error_message), payload
                )
            return Response(arrival.request_id, terms.answer_by_ms, outcome, minor)

        return fit(result.body, wrap, _encodings(terms), limit_bytes)

    def _failure(self, arrival: Arrival, failure: Failure, limit_bytes: int) -> str:
        """A failure of the client's own, which is small; shortened for the tiniest of queues."""
        raised = Raised(failure.type.value, failure.message, failure.body)
        text = self._fit(arrival, raised, limit_bytes)
        if text is None:
            short = Failure(failure.type, display_text(failure.message, _SMALLEST_TEXT_BYTES))
            raised = Raised(short.type.value, short.message, short.body)
            text = self._fit(arrival, raised, MIN_MESSAGE_BYTES)
        if text is None:
            raise LocalProtocolError("an error of a few words does not fit into a message")
        return text

    def too_large(self, arrival: Arrival, refused: Send | None) -> Send:
        """What to send instead of an answer that SQS refused for its size."""
        size_bytes = 0 if refused is None else len(refused.text.encode())
        failure = result_too_large(size_bytes, size_bytes - 1)
        return _send(arrival, Purpose.ANSWER, self._failure(arrival, failure, MIN_MESSAGE_BYTES))

    def refusal(self, bad: BadArrival, now_ms: int) -> Send | None:
        """The answer to a bad request, if it may and can be answered (SES-31)."""
        head = bad.head
        if bad.reply_queue is None or head is None or head.answer_by_ms is None:
            return None
        if now_ms >= head.answer_by_ms:
            return None
        failure = bad_request(str(bad.error))

        def wrap(payload: Payload) -> Response:
            error = HandlerError(failure.type.value, display_text(failure.message), payload)
            return Response(head.request_id, head.answer_by_ms or 0, error)

        text = fit(failure.body, wrap, INLINE_ENCODINGS, self._max_message_bytes)
        if text is None:
            return None
        return Send(head.request_id, Purpose.REFUSAL, bad.reply_queue, text)


def _terms(arrival: Arrival) -> ReplyTerms:
    terms = arrival.request.terms
    if terms is None:
        raise LocalProtocolError("nobody may answer a one-way request")
    return terms


def _send(arrival: Arrival, purpose: Purpose, text: str) -> Send:
    if arrival.reply_queue is None:
        raise LocalProtocolError("nobody may answer a one-way request")
    return Send(arrival.request_id, purpose, arrival.reply_queue, text)


def _encodings(terms: ReplyTerms) -> Collection[str]:
    return terms.accept_encodings
