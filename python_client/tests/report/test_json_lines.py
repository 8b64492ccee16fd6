from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ldp_client.report import make_reporter
from ldp_client.report.json_lines import JsonReporter
from ldp_testing.deliveries import ANSWER_BY_MS, ONE_WAY_REQUEST, REQUEST
from ldp_wire.actions import Notice, NoticeKind

if TYPE_CHECKING:
    import pytest

    from ldp_client.config import ClientConfig

EVENT = b'{"order": 1, "secret": "\xc3\xa9\xff"}'


class Lines:
    """A reporter and the objects that it wrote, without their times."""

    def __init__(self, verbosity: int = 0) -> None:
        self.stream = io.StringIO()
        self.reporter = JsonReporter(self.stream, verbosity)

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The lines, parsed; each had a time."""
        objects = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        assert all(isinstance(each.pop("atMs"), int) for each in objects)
        return objects


def test_an_event_is_told_in_three_lines() -> None:
    """Start, end and answer have stable keys with their units in the names."""
    lines = Lines()
    lines.reporter.started(REQUEST, EVENT, 2)
    lines.reporter.ended(
        "r-1", "failed", error_type="E", duration_ms=412, result_bytes=b"123", left_ms=5
    )
    lines.reporter.answered("r-1", 321)

    assert lines.objects == [
        {
            "type": "started",
            "requestId": "r-1",
            "awsRequestId": REQUEST.context.aws_request_id,
            "functionName": "orders",
            "source": "Lambda direct",
            "attempt": 2,
            "oneWay": False,
            "eventBytes": len(EVENT),
            "answerByMs": ANSWER_BY_MS,
        },
        {
            "type": "ended",
            "requestId": "r-1",
            "outcome": "failed",
            "errorType": "E",
            "durationMs": 412,
            "resultBytes": 3,
            "leftMs": 5,
        },
        {"type": "answered", "requestId": "r-1", "sentBytes": 321},
    ]


def test_a_one_way_event_has_no_time_to_answer() -> None:
    """`answerByMs` is null where nobody waits."""
    lines = Lines()
    lines.reporter.started(ONE_WAY_REQUEST, EVENT, 1)

    assert lines.objects[0]["oneWay"] is True
    assert lines.objects[0]["answerByMs"] is None


def test_bodies_are_there_only_when_asked_for() -> None:
    """Without -v there is no text of a body, with it the beginning, with -vv all (SEC-4)."""
    texts = []
    for verbosity in (0, 1, 2):
        lines = Lines(verbosity)
        lines.reporter.started(REQUEST, EVENT, 1)
        lines.reporter.ended(
            "r", "returned", error_type=None, duration_ms=1, result_bytes=b"x" * 2_000, left_ms=1
        )
        started, ended = lines.objects
        texts.append((started.get("eventText"), len(ended.get("resultText", ""))))

    text = '{"order": 1, "secret": "é\\xff"}'
    assert texts == [(None, 0), (text, 1_000), (text, 2_000)]


def test_what_goes_wrong_is_told_with_what_to_do(config: ClientConfig) -> None:
    """Notices have a kind for programs and words for people; problems have words."""
    lines = Lines()
    lines.reporter.listening(config)
    lines.reporter.notice(Notice(NoticeKind.CALLER_GONE, REQUEST.request_id))
    lines.reporter.problem("Logged out.", "Log in.")
    lines.reporter.closed()
    listening, notice, problem, closed = lines.objects

    assert listening == {
        "type": "listening",
        "requestQueueUrl": config.request_queue_url,
        "responseQueueUrl": config.response_queue_url,
        "region": "eu-west-1",
        "leaseS": 20,
    }
    assert (notice["kind"], notice["requestId"]) == ("caller-gone", "r-1")
    assert notice["message"]
    assert notice["hint"]
    assert notice["untilMs"] is None
    assert problem == {"type": "problem", "message": "Logged out.", "hint": "Log in."}
    assert closed == {"type": "closed"}


def test_a_hold_is_told_with_its_end() -> None:
    """`untilMs` is this machine's clock, as `atMs` is."""
    lines = Lines()
    lines.reporter.notice(Notice(NoticeKind.HELD, REQUEST.request_id), 60_000)
    line = json.loads(lines.stream.getvalue())

    assert line["kind"] == "held"
    assert 0 <= line["untilMs"] - line["atMs"] - 60_000 + 1_000 <= 1_000


def test_programs_read_standard_output(
    config: ClientConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON lines are on standard output, one object a line."""
    make_reporter(replace(config, report_format="json")).closed()

    assert json.loads(capsys.readouterr().out)["type"] == "closed"
