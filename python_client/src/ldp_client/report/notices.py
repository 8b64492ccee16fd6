"""What a developer is told besides outcomes: for each kind a sentence, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ldp_client.report.words import duration
from ldp_wire.actions import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_wire.actions import Notice


@dataclass(frozen=True, slots=True)
class Advice:
    """A notice in words.

    Attributes:
        sentence: What happened.
        next: What to do about it, or why nothing need be done.
        ends: Whether nothing more will be told of this request.
    """

    sentence: str
    next: str
    ends: bool = False


def advice(notice: Notice, left_ms: int | None = None) -> Advice:
    """The words for a notice, with its detail, and how long what it tells of lasts."""
    words = _ADVICE[notice.kind]
    sentence = words.sentence.removesuffix(".")
    if left_ms is not None:
        until = datetime.now().astimezone() + timedelta(milliseconds=left_ms)
        sentence += f" until {until:%H:%M:%S}, for {duration(left_ms)}"
    if notice.detail:
        sentence += f": {notice.detail.removesuffix('.')}"
    return Advice(f"{sentence}.", words.next, words.ends)


_ADVICE: Final[Mapping[NoticeKind, Advice]] = {
    NoticeKind.EXPIRED_BEFORE_START: Advice(
        "An event was not started because its caller has stopped waiting.",
        "It is deleted from the queue. Invoke the function again.",
    ),
    NoticeKind.EXPIRED_WHILE_RUNNING: Advice(
        "The caller has stopped waiting; what the handler returns now will not be sent.",
        "Step on as long as you like. For more time, raise the function's timeout; "
        "15 minutes is recommended.",
    ),
    NoticeKind.LATE_RESULT: Advice(
        "The handler's result came too late and was not sent.",
        "Invoke the function again, and raise its timeout if the handler needs more time.",
        ends=True,
    ),
    NoticeKind.LATE_WINDOW: Advice(
        "An event was not started because its start window had closed.",
        "Invoke the function again; a longer LAMBDA_PROXY_START_WITHIN_S on the proxy gives "
        "a client more time.",
    ),
    NoticeKind.LEASE_LAPSED: Advice(
        "The lease of an event ran out, perhaps because this machine was asleep.",
        "Another client may run the event too. If this one ends first, its answer is still sent.",
    ),
    NoticeKind.COPY_DELETED: Advice(
        "Another copy of an event that is done with was deleted.",
        "Nothing to do: SQS delivers a message more than once now and then.",
    ),
    NoticeKind.COPY_ADOPTED: Advice(
        "Another copy of the running event arrived, and is kept with it.",
        "Nothing to do: SQS delivers a message more than once now and then.",
    ),
    NoticeKind.CALLER_GONE: Advice(
        "The answer was not sent because the reply queue does not exist.",
        "The proxy that waited is gone. If this happens to every event, compare "
        "LAMBDA_PROXY_RESP_QUEUE_URL and the region here with the proxy's.",
        ends=True,
    ),
    NoticeKind.SEND_FAILED: Advice(
        "A reply could not be sent.",
        "An answer is sent again until its caller stops waiting. If it is about credentials, "
        "log in to AWS again now.",
    ),
    NoticeKind.RESULT_TOO_LARGE: Advice(
        "The result cannot be sent.",
        "Return less, or raise the response queue's maximum message size if it is below 1 MiB.",
    ),
    NoticeKind.BAD_MESSAGE: Advice(
        "A message that is no valid request was not run.",
        "Check that nothing but the proxy sends to the request queue, and that proxy and client "
        "are of versions that fit each other.",
    ),
    NoticeKind.RELEASED: Advice(
        "An event was given back to the queue.",
        "The next client that listens gets it, if its caller still waits.",
        ends=True,
    ),
    NoticeKind.HELD: Advice(
        "The event is held.",
        "Mend the code and press Enter to run it again, or Ctrl-C to give it back.",
    ),
    NoticeKind.HOLD_ENDED: Advice(
        "The time of a held event is over; its caller gets the last error.",
        "Invoke the function again to go on, and raise its timeout for more time; "
        "15 minutes is recommended.",
    ),
    NoticeKind.HOLD_EXPIRED: Advice(
        "The time of a held event is over, and its caller got no answer.",
        "Invoke the function again to go on, and raise its timeout for more time; "
        "15 minutes is recommended.",
        ends=True,
    ),
    NoticeKind.FETCH_FAILED: Advice(
        "An event was not started because it could not be fetched from the payload bucket.",
        "Compare LAMBDA_PROXY_PAYLOAD_BUCKET here with the proxy's, check that you may read that "
        "bucket, and invoke the function again.",
    ),
    NoticeKind.VERSION_0: Advice(
        "The proxy speaks version 0, in which an answer can reach the wrong invocation.",
        "Keep the reserved concurrency of its function at 1, or deploy the proxy of this version.",
    ),
}
