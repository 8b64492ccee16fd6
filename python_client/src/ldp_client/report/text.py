"""The report for people: one line for each event when it is answered, on standard error.

On a terminal also one when it starts, so that a breakpoint has a context, and colours. Bodies only
with -v: events hold secrets (SEC-4).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Console
from rich.text import Text

from ldp_client.report import bodies, words
from ldp_client.report.notices import advice
from ldp_client.report.sources import title
from ldp_queues.addresses import QueueAddress
from ldp_wire.actions import NoticeKind

if TYPE_CHECKING:
    from ldp_client.config import ClientConfig
    from ldp_client.report.reporter import Outcome
    from ldp_wire.actions import Notice
    from ldp_wire.envelopes import Request

_WHOLE: Final = 2  # as in -vv
_Part = tuple[str, str]  # a text and its style


@dataclass(slots=True)
class _Open:
    """An event that has started, and of which more is to be told."""

    function: str
    title: str
    event_bytes: int
    one_way: bool
    outcome: tuple[_Part, ...] = ()

    @property
    def heading(self) -> tuple[_Part, ...]:
        return ((self.function, "bold"), (self.title, "cyan"))


class TextReporter:
    """Writes lines.

    Args:
        stream: Where to; colours and starting lines only if it is a terminal.
        verbosity: 0 without bodies, 1 with their beginnings, 2 with all of them.
    """

    def __init__(self, stream: TextIO = sys.stderr, verbosity: int = 0) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True, emoji=False)
        self._verbosity = verbosity
        self._open: dict[str, _Open] = {}
        self._count = 0

    def listening(self, config: ClientConfig) -> None:
        """The client receives from now on."""
        where = f" ({config.region})" if config.region else ""
        answers = (
            "answers nobody"
            if config.response_queue_url is None
            else f"answers through {QueueAddress.parse(config.response_queue_url).name}"
        )
        queue = QueueAddress.parse(config.request_queue_url).name
        holds = ", holds what fails" if config.on_error == "hold" else ""
        self._line((f"listening to {queue}{where}, {answers}{holds}; Ctrl-C ends", "bold"))

    def started(self, request: Request, event: bytes, attempt: int) -> None:
        """A handler was given an event."""
        terms = request.terms
        opened = _Open(request.context.function_name, title(event), len(event), terms is None)
        self._count += request.request_id not in self._open
        self._open[request.request_id] = opened
        if self._console.is_terminal or self._verbosity:
            parts = [("started", ""), (words.size(len(event)), "dim")]
            if terms is not None:
                wait_ms = terms.answer_by_ms - request.sent_at_ms
                parts.append((f"{words.duration(wait_ms)} to answer", "dim"))
            if attempt > 1:
                parts.append((f"attempt {attempt}", "yellow"))
            self._line(*opened.heading, *parts)
        self._body("event", event)

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
        opened = self._open.get(request_id)
        if opened is None:
            return
        self._body("result" if outcome == "returned" else "error", result_bytes)
        failed = f"failed {words.visible(error_type or '')}".rstrip()
        sizes = f"{words.size(opened.event_bytes)} → {words.size(len(result_bytes))}"
        opened.outcome = (
            ("returned", "green") if outcome == "returned" else (failed, "red"),
            (f"in {words.duration(duration_ms)}", ""),
            (sizes, "dim"),
        )
        if left_ms is not None:
            opened.outcome += ((f"{words.duration(left_ms)} left", "dim"),)
        if opened.one_way:
            self._finish(request_id, (("one-way, no answer", "dim"),))

    def answered(self, request_id: str, sent_bytes: int) -> None:  # noqa: ARG002 - of no interest
        """SQS took the answer."""
        self._finish(request_id, ())

    def notice(self, notice: Notice, left_ms: int | None = None) -> None:
        """Something about an event that the developer has to know."""
        opened = self._open.get(notice.request_id or "")
        words_ = advice(notice, left_ms)
        if notice.kind is NoticeKind.HELD and opened is not None:
            self._line(*opened.heading, *opened.outcome)
            opened.outcome = opened.outcome[:1]
        heading = () if opened is None else opened.heading
        self._line(*heading, (words_.sentence, "yellow"), (words_.next, ""))
        if words_.ends and notice.request_id is not None:
            self._open.pop(notice.request_id, None)

    def problem(self, message: str, hint: str) -> None:
        """Something is wrong beyond a single event."""
        self._line(("problem", "bold red"), (message, ""), (hint, ""))

    def closed(self) -> None:
        """The client has ended."""
        events = "1 event" if self._count == 1 else f"{self._count} events"
        self._line((f"ended after {events}", "bold"))

    def _finish(self, request_id: str, parts: tuple[_Part, ...]) -> None:
        opened = self._open.pop(request_id, None)
        if opened is not None:
            self._line(*opened.heading, *opened.outcome, *parts)

    def _body(self, name: str, body: bytes) -> None:
        if self._verbosity:
            for line in bodies.lines(body, whole=self._verbosity >= _WHOLE):
                self._console.print(Text.assemble((f"  {name:>6} │ ", "dim"), line))

    def _line(self, *parts: _Part) -> None:
        line = Text(f"{datetime.now().astimezone():%H:%M:%S}", "dim")
        for text, style in parts:
            line.append("  ").append(words.visible(text), style)
        self._console.print(line)
