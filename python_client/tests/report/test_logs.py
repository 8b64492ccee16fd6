from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest

from ldp_client.report.logs import configure_logging

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Loggers keep nothing of a test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    names = ("ldp_client", "ldp_queues", "boto3", "botocore", "s3transfer")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def written(
    monkeypatch: pytest.MonkeyPatch, level: str, stream: io.StringIO | None = None
) -> io.StringIO:
    """The stream that logging at a level writes to from now on."""
    stream = stream or io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure_logging(level)
    return stream


def test_records_are_json_lines_with_lambdas_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from a terminal a record is an object with its event name and its extra data."""
    stream = written(monkeypatch, "INFO")
    logging.getLogger("ldp_client.part").info("exchange.replied", extra={"waited_ms": 412})
    line = json.loads(stream.getvalue())

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "INFO",
        "message": "exchange.replied",
        "logger": "ldp_client.part",
        "waited_ms": 412,
    }


def test_exceptions_are_part_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logged exception stays on its record's line."""
    stream = written(monkeypatch, "INFO")
    try:
        int("oops")
    except ValueError:
        logging.getLogger("ldp_client").exception("part.failed")
    line = json.loads(stream.getvalue())

    assert line["stackTrace"][-1].startswith("ValueError: ")


def test_a_terminal_shows_lines_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a record is a line with its data behind it."""
    stream = written(monkeypatch, "INFO", Terminal())
    logging.getLogger("ldp_queues").warning("receive.failed", extra={"reason": "timeout"})

    assert stream.getvalue().endswith("  WARNING  ldp_queues: receive.failed reason=timeout\n")


@pytest.mark.parametrize(
    ("level", "own", "others"),
    [
        ("ERROR", logging.ERROR, logging.WARNING),
        ("WARN", logging.WARNING, logging.WARNING),
        ("INFO", logging.INFO, logging.WARNING),
        ("DEBUG", logging.DEBUG, logging.WARNING),
        ("TRACE", logging.DEBUG, logging.DEBUG),
    ],
)
def test_levels_reach_as_far_as_they_say(
    monkeypatch: pytest.MonkeyPatch, level: str, own: int, others: int
) -> None:
    """Only TRACE lets dependencies speak."""
    written(monkeypatch, level)

    assert logging.getLogger("ldp_client.queue_side").getEffectiveLevel() == own
    assert logging.getLogger("urllib3").getEffectiveLevel() == others


@pytest.mark.parametrize("level", ["DEBUG", "TRACE"])
def test_the_sdk_never_logs_requests(monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    """Not even TRACE shows what the SDK logs at DEBUG: tokens and bodies (SEC-4)."""
    stream = written(monkeypatch, level)
    for name in ("botocore.auth", "botocore.endpoint", "botocore.parsers", "boto3.resources"):
        logging.getLogger(name).debug("x-amz-security-token: secret")

    assert stream.getvalue() == ""


def test_a_handlers_own_logger_writes_as_in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that only sets the root's level, as is usual in Lambda, sees its records."""
    stream = written(monkeypatch, "WARN")
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger("app").info("of the user")

    assert "of the user" in stream.getvalue()
