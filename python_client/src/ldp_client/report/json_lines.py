"""The report for programs: a JSON object a line on standard output, flushed at once.

Every line has `type` and `atMs` (epoch milliseconds, this machine's clock). Keys are stable; new
ones may come. By type:

- `listening`: requestQueueUrl, responseQueueUrl or null, region or null, leaseS
- `started`: requestId, awsRequestId, functionName, source, attempt, oneWay, eventBytes,
  answerByMs or null; eventText with -v
- `ended`: requestId, outcome (`returned`, `failed`), errorType or null, durationMs, resultBytes,
  leftMs or null; resultText with -v
- `answered`: requestId, sentBytes
- `notice`: requestId or null, kind, message, hint, untilMs or null (when a hold ends by itself)
- `problem`: message, hint
- `closed`

Texts of bodies are cut at 1,000 characters with -v, and whole with -vv.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final, TextIO

from ldp_client.report.notices import advice
from ldp_client.report.sources import title

if TYPE_CHECKING:
    from ldp_client.config import ClientConfig
    from ldp_client.report.reporter import Outcome
    from ldp_wire.actions import Notice
    from ldp_wire.envelopes import Request

_MS_PER_S: Final = 1_000
_BRIEF_CHARACTERS: Final = 1_000
_WHOLE: Final = 2  # as in -vv


class JsonReporter:
    """Writes JSON lines.

    Args:
        stream: Where to.
        verbosity: 0 without bodies, 1 with their beginnings, 2 with all of them.
    """

    def __init__(self, stream: TextIO, verbosity: int) -> None:
        self._stream = stream
        self._verbosity = verbosity

    def listening(self, config: ClientConfig) -> None:
        """The client receives from now on."""
        self._write(
            "listening",
            requestQueueUrl=config.request_queue_url,
            responseQueueUrl=config.response_queue_url,
            region=config.region,
            leaseS=config.lease_s,
        )

    def started(self, request: Request, event: bytes, attempt: int) -> None:
        """A handler was given an event."""
        self._write(
            "started",
            requestId=request.request_id,
            awsRequestId=request.context.aws_request_id,
            functionName=request.context.function_name,
            source=title(event),
            attempt=attempt,
            oneWay=request.terms is None,
            eventBytes=len(event),
            answerByMs=None if request.terms is None else request.terms.answer_by_ms,
            **self._text("eventText", event),
        )

    def ended(  # noqa: PLR0913 - the seam's
        self,
        request_id: str,
        outcome: Outcome,
        *,
        error_type: str | None,
        duration_ms: int,
        result_bytes: bytes,
        left_ms: int | None,
    ) -> None:
        """The handler is done."""
        self._write(
            "ended",
            requestId=request_id,
            outcome=outcome,
            errorType=error_type,
            durationMs=duration_ms,
            resultBytes=len(result_bytes),
            leftMs=left_ms,
            **self._text("resultText", result_bytes),
        )

    def answered(self, request_id: str, sent_bytes: int) -> None:
        """SQS took the answer."""
        self._write("answered", requestId=request_id, sentBytes=sent_bytes)

    def notice(self, notice: Notice, left_ms: int | None = None) -> None:
        """Something about an event that the developer has to know."""
        words = advice(notice, left_ms)
        self._write(
            "notice",
            requestId=notice.request_id,
            kind=notice.kind.value.replace(" ", "-"),
            message=words.sentence,
            hint=words.next,
            untilMs=None if left_ms is None else _now_ms() + left_ms,
        )

    def problem(self, message: str, hint: str) -> None:
        """Something is wrong beyond a single event."""
        self._write("problem", message=message, hint=hint)

    def closed(self) -> None:
        """The client has ended."""
        self._write("closed")

    def _text(self, key: str, body: bytes) -> dict[str, str]:
        if not self._verbosity:
            return {}
        text = body.decode("utf-8", "backslashreplace")
        return {key: text if self._verbosity >= _WHOLE else text[:_BRIEF_CHARACTERS]}

    def _write(self, type_: str, **members: str | int | bool | None) -> None:
        line = json.dumps({"type": type_, "atMs": _now_ms(), **members})
        self._stream.write(f"{line}\n")
        self._stream.flush()


def _now_ms() -> int:
    return int(time.time() * _MS_PER_S)
