from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_client.report import Reporter, make_reporter
from ldp_client.report.text import TextReporter
from ldp_testing.deliveries import ONE_WAY_REQUEST, REQUEST
from ldp_wire.actions import Notice, NoticeKind

if TYPE_CHECKING:
    from ldp_client.config import ClientConfig
    from ldp_wire.envelopes import Request

EVENT = b'{"httpMethod": "GET", "resource": "/orders/{id}", "requestContext": {}, "secret": "s3cr"}'


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


class Page:
    """A reporter and what it wrote, without times."""

    def __init__(self, stream: io.StringIO | None = None, verbosity: int = 0) -> None:
        self.stream = stream or io.StringIO()
        self.reporter = TextReporter(self.stream, verbosity)

    @property
    def lines(self) -> list[str]:
        """The lines, each with a time that was cut off."""
        return [re.sub(r"^\d\d:\d\d:\d\d  ", "", line) for line in self.raw]

    @property
    def raw(self) -> list[str]:
        """The lines as written."""
        return self.stream.getvalue().splitlines()


def serve(reporter: Reporter, request: Request = REQUEST, error_type: str | None = None) -> None:
    """Tell a reporter of an event from its start to its answer."""
    reporter.started(request, EVENT, 1)
    outcome = "returned" if error_type is None else "failed"
    left_ms = None if request.terms is None else 891_000
    reporter.ended(
        request.request_id,
        outcome,  # type: ignore[arg-type]
        error_type=error_type,
        duration_ms=412,
        result_bytes=b'{"secret": "answer"}',
        left_ms=left_ms,
    )
    if request.terms is not None:
        reporter.answered(request.request_id, 321)


def test_an_answered_event_is_one_line() -> None:
    """Time, function, source, outcome, duration, sizes and time left stand on it."""
    page = Page()
    serve(page.reporter)

    [line] = page.raw
    assert re.match(r"\d\d:\d\d:\d\d  ", line)
    assert page.lines == [
        "orders  API GET /orders/{id}  returned  in 412 ms  89 B → 20 B  14 min 51 s left"
    ]


def test_a_failed_event_names_its_error() -> None:
    """The error's type is on the line; its text cannot drive the terminal."""
    page = Page()
    serve(page.reporter, error_type="Own\x1bError")

    assert "  failed Own\\u001bError  in 412 ms  " in page.lines[0]


def test_a_one_way_event_is_told_when_it_ends() -> None:
    """Nobody is answered, so its end is the end."""
    page = Page()
    serve(page.reporter, ONE_WAY_REQUEST)

    assert page.lines == [
        "orders  API GET /orders/{id}  returned  in 412 ms  89 B → 20 B  one-way, no answer"
    ]


def test_a_terminal_shows_the_start_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer at a breakpoint reads which event it is, and how long somebody waits."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    page = Page(Terminal())
    page.reporter.started(REQUEST, EVENT, 2)
    [line] = page.raw

    assert "\x1b[" in line
    plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
    assert plain.endswith(
        "  orders  API GET /orders/{id}  started  89 B  14 min 55 s to answer  attempt 2"
    )


def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR a terminal gets no colours (no-color.org)."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    page = Page(Terminal())
    page.reporter.started(ONE_WAY_REQUEST, EVENT, 1)

    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", page.raw[0])
    assert page.raw[0].count("to answer") == 0


def test_bodies_are_shown_only_when_asked_for() -> None:
    """Without -v no byte of an event or result is in the report (SEC-4)."""
    quiet, verbose = Page(), Page(verbosity=1)
    serve(quiet.reporter)
    serve(verbose.reporter, error_type="E")

    assert "s3cr" not in quiet.stream.getvalue()
    assert "answer" not in quiet.stream.getvalue()
    assert '   event │   "secret": "s3cr"' in verbose.raw
    assert '   error │ {"secret": "answer"}' in verbose.raw


def test_notices_stand_with_their_event() -> None:
    """A notice names the event that it is about, if that is known, and what to do next."""
    page = Page()
    page.reporter.started(REQUEST, EVENT, 1)
    page.reporter.notice(Notice(NoticeKind.LEASE_LAPSED, REQUEST.request_id))
    page.reporter.notice(Notice(NoticeKind.BAD_MESSAGE, None, "no JSON"))

    assert page.lines[0].startswith("orders  API GET /orders/{id}  The lease of an event ran out")
    assert page.lines[1].startswith("A message that is no valid request was not run: no JSON.  ")


def test_a_bad_message_with_the_id_of_an_event_does_not_end_it() -> None:
    """What became of the event itself is told all the same (SES-31)."""
    page = Page()
    page.reporter.started(REQUEST, EVENT, 1)
    page.reporter.notice(Notice(NoticeKind.BAD_MESSAGE, REQUEST.request_id, "no context"))
    page.reporter.ended(
        "r-1", "returned", error_type=None, duration_ms=1, result_bytes=b"1", left_ms=None
    )
    page.reporter.answered(REQUEST.request_id, 1)

    assert "returned" in page.lines[-1]


def test_a_held_event_is_told_with_its_failure_and_its_time() -> None:
    """The failure is a line, then until when there is time and what to do; it counts once."""
    page = Page()
    for attempt in (1, 2):
        page.reporter.started(REQUEST, EVENT, attempt)
        page.reporter.ended(
            "r-1", "failed", error_type="E", duration_ms=412, result_bytes=b"1", left_ms=891_000
        )
        page.reporter.notice(Notice(NoticeKind.HELD, REQUEST.request_id), 889_000)
    page.reporter.notice(Notice(NoticeKind.HOLD_ENDED, REQUEST.request_id))
    page.reporter.answered(REQUEST.request_id, 5)
    page.reporter.closed()

    source = "orders  API GET /orders/{id}"
    assert page.lines[0] == f"{source}  failed E  in 412 ms  89 B → 1 B  14 min 51 s left"
    assert re.fullmatch(
        rf"{re.escape(source)}  The event is held until \d\d:\d\d:\d\d, for 14 min 49 s\.  Mend .*",
        page.lines[1],
    )
    assert page.lines[2:4] == page.lines[:2]
    assert page.lines[4].startswith(f"{source}  The time of a held event is over")
    assert page.lines[5:] == [f"{source}  failed E", "ended after 1 event"]


@pytest.mark.parametrize("kind", [NoticeKind.LATE_RESULT, NoticeKind.RELEASED])
def test_an_event_that_ends_with_a_notice_is_forgotten(kind: NoticeKind) -> None:
    """After the last word on an event nothing more is told of it."""
    page = Page()
    page.reporter.started(REQUEST, EVENT, 1)
    page.reporter.notice(Notice(kind, REQUEST.request_id))
    page.reporter.answered(REQUEST.request_id, 1)

    assert len(page.lines) == 1


def test_what_was_never_started_is_not_told() -> None:
    """An end of an unknown event, which a late result is, is left to its notice."""
    page = Page()
    page.reporter.ended(
        "r-9", "returned", error_type=None, duration_ms=1, result_bytes=b"", left_ms=1
    )
    page.reporter.answered("r-9", 1)

    assert page.lines == []


def test_a_session_is_framed(config: ClientConfig) -> None:
    """Where the client listens, what is wrong, and how it ended are a line each."""
    page = Page()
    page.reporter.listening(config)
    page.reporter.listening(replace(config, response_queue_url=None, region=None))
    page.reporter.listening(replace(config, response_queue_url=None, on_error="hold"))
    page.reporter.problem("Logged out.", "Log in.")
    page.reporter.closed()

    assert page.lines == [
        "listening to LAMBDA_PROXY_REQ (eu-west-1), answers through LAMBDA_PROXY_RESP; Ctrl-C ends",
        "listening to LAMBDA_PROXY_REQ, answers nobody; Ctrl-C ends",
        "listening to LAMBDA_PROXY_REQ (eu-west-1), answers nobody, holds what fails; Ctrl-C ends",
        "problem  Logged out.  Log in.",
        "ended after 0 events",
    ]


def test_one_event_is_counted_as_one() -> None:
    """The last line counts."""
    page = Page()
    serve(page.reporter)
    page.reporter.closed()

    assert page.lines[-1] == "ended after 1 event"


def test_people_read_standard_error(
    config: ClientConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report for people leaves standard output to the handler."""
    make_reporter(config).closed()

    out, err = capsys.readouterr()
    assert out == ""
    assert "ended" in err
