"""The envelopes that a client sends, sized to fit (PAY-7, PAY-8, ENV-9, ENV-14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_wire import v0
from ldp_wire.actions import Attachment, Purpose, Raised, Send
from ldp_wire.claims import Direction, claim_check
from ldp_wire.codec import encode
from ldp_wire.envelopes import Accepted, Declined, Encoding, HandlerError, Inline, Response
from ldp_wire.errors import LocalProtocolError
from ldp_wire.failures import bad_request, result_no_text, result_too_large
from ldp_wire.limits import MAX_ERROR_TEXT_BYTES, MAX_PAYLOAD_BYTES, MINOR
from ldp_wire.payloads import fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_wire.actions import Result
    from ldp_wire.arrivals import Arrival, BadArrival
    from ldp_wire.claims import Bucket
    from ldp_wire.envelopes import ClientInfo, Payload, ReplyTerms, RequestId
    from ldp_wire.failures import Failure


def display_text(text: str, limit_bytes: int = MAX_ERROR_TEXT_BYTES) -> str:
    """`text` as well-formed Unicode of at most `limit_bytes`, cut at a character (ENV-28)."""
    raw = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return raw[:limit_bytes].decode(errors="ignore")


class Answers:
    """Writes the replies of one client.

    Args:
        client: Who answers.
        max_message_bytes: Limit of the response queue, as far as known.
        bucket: Where payloads go that fit in no message; None if there is none.
    """

    def __init__(
        self, client: ClientInfo, max_message_bytes: int, bucket: Bucket | None = None
    ) -> None:
        self._client = client
        self._max_message_bytes = max_message_bytes
        self._bucket = bucket

    def accepted(self, arrival: Arrival) -> Send:
        """The announcement that the handler is about to start (SES-20)."""
        terms, queue_name = _reply(arrival)
        minor = min(MINOR, arrival.request.minor)
        envelope = Accepted(arrival.request_id, terms.answer_by_ms, self._client, minor)
        return Send(arrival.request_id, Purpose.ACCEPT, queue_name, encode(envelope))

    def declined(self, arrival: Arrival, reason: str) -> Send:
        """The word that the handler did not and will not start (SES-22)."""
        terms, queue_name = _reply(arrival)
        minor = min(MINOR, arrival.request.minor)
        envelope = Declined(arrival.request_id, terms.answer_by_ms, reason, self._client, minor)
        return Send(arrival.request_id, Purpose.DECLINE, queue_name, encode(envelope))

    def answer(self, arrival: Arrival, result: Result) -> Send | Failure:
        """The handler's result, or why it cannot be carried (PAY-7, PAY-9)."""
        terms, queue_name = _reply(arrival)
        limit_bytes = min(self._max_message_bytes, terms.max_reply_bytes)
        attachment = None
        if arrival.dialect is not None:
            text = v0.answer_text(result.body, arrival.dialect)
            if text is None:
                return result_no_text()
        else:
            wrap = _response(arrival, terms, result)
            text = fit(result.body, wrap, terms.accept_encodings, limit_bytes)
            bucket = self._bucket if Encoding.S3.value in terms.accept_encodings else None
            if text is None and bucket is not None and len(result.body) <= MAX_PAYLOAD_BYTES:
                claim = claim_check(bucket, Direction.RESPONSE, arrival.request_id, result.body)
                text, attachment = encode(wrap(claim)), Attachment(claim.key, result.body)
        if text is None or len(text.encode()) > limit_bytes:
            return result_too_large(len(result.body), limit_bytes)
        return Send(arrival.request_id, Purpose.ANSWER, queue_name, text, attachment)

    def failed(self, arrival: Arrival, failure: Failure) -> Send:
        """What to send instead of an answer that there is not, or that cannot be carried."""
        terms, queue_name = _reply(arrival)
        text = _failed(arrival.request_id, terms.answer_by_ms, failure)
        return Send(arrival.request_id, Purpose.ANSWER, queue_name, text)

    def refusal(self, bad: BadArrival, now_ms: int) -> Send | None:
        """The answer to a bad request, if it may and can be answered in time (SES-31, SES-17)."""
        head = bad.head
        if bad.reply_queue is None or head is None or head.answer_by_ms is None:
            return None
        if now_ms >= head.answer_by_ms:
            return None
        failure = bad_request(str(bad.error))
        text = _failed(head.request_id, head.answer_by_ms, failure)
        return Send(head.request_id, Purpose.REFUSAL, bad.reply_queue, text)


def _response(arrival: Arrival, terms: ReplyTerms, result: Result) -> Callable[[Payload], Response]:
    """Puts a result's payload into the envelope that answers a request."""

    def wrap(payload: Payload) -> Response:
        outcome: Payload | HandlerError = payload
        if isinstance(result, Raised):
            outcome = HandlerError(
                display_text(result.error_type), display_text(result.error_message), payload
            )
        minor = min(MINOR, arrival.request.minor)
        return Response(arrival.request_id, terms.answer_by_ms, outcome, minor)

    return wrap


def _failed(request_id: RequestId, answer_by_ms: int, failure: Failure) -> str:
    """A failure of the client's own, as text, which fits into the smallest of queues."""
    payload = Inline(Encoding.TEXT, failure.body.decode())
    error = HandlerError(failure.type.value, failure.message, payload)
    return encode(Response(request_id, answer_by_ms, error))


def _reply(arrival: Arrival) -> tuple[ReplyTerms, str]:
    if arrival.request.terms is None or arrival.reply_queue is None:
        raise LocalProtocolError("nobody may answer a one-way request")
    return arrival.request.terms, arrival.reply_queue
