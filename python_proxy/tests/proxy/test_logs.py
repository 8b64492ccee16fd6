from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import boto3
import pytest

from ldp_proxy import logs
from ldp_proxy.config import Config, Level

if TYPE_CHECKING:
    from ldp_testing.moto_server import MotoServer

OWN = "ldp_proxy.invoke"
CONFIG = Config("https://h/123456789012/req", None, "eu-west-1")


@pytest.fixture
def stream() -> io.StringIO:
    """Where the lines go."""
    return io.StringIO()


def _lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_one_line_of_json(stream: io.StringIO) -> None:
    """The runtime of its own logs events with their data, one JSON object to a line."""
    logs.log_json_lines(stream)
    logs.set_levels(Level.INFO)
    data = {"request_id": "r-1", "waited_ms": 7, "reason": "a\nb\ud800", "absent": None}

    logging.getLogger(OWN).info("exchange.answered", extra=data)
    logging.getLogger(OWN).debug("exchange.event", extra=data)

    (line,) = _lines(stream)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {
        "level": "INFO",
        "message": "exchange.answered",
        "logger": OWN,
        "request_id": "r-1",
        "waited_ms": 7,
        "reason": "a\nb\ud800",
    }


def test_an_exception_is_part_of_its_line(stream: io.StringIO) -> None:
    """A traceback does not break the lines."""
    logs.log_json_lines(stream)

    logging.getLogger("elsewhere").error("failed", exc_info=ValueError("odd"))

    (line,) = _lines(stream)
    assert isinstance(line["stackTrace"], list)
    assert line["stackTrace"][-1] == "ValueError: odd"


def _managed_handler(stream: io.StringIO, text: str | None) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    if text is not None:
        handler.setFormatter(logging.Formatter(text))
    logging.getLogger().handlers[:] = [handler]
    return handler


@pytest.mark.parametrize("text", ["%(levelname)s %(message)s", None])
def test_the_managed_text_format_gets_the_data(stream: io.StringIO, text: str | None) -> None:
    """Under the managed runtime's text format the data stand behind the event's name."""
    _managed_handler(stream, text)
    logs.adapt_managed_handlers({})
    logs.set_levels(Level.INFO)

    extra = {"request_id": "r-1", "aws_request_id": "a-1"}
    logging.getLogger(OWN).info("exchange.answered", extra=extra)
    logging.getLogger("elsewhere").warning("as it was %s", "before", extra=extra)

    lines = stream.getvalue().splitlines()
    assert lines[0].endswith('exchange.answered {"request_id": "r-1"}')
    assert lines[1].endswith("as it was before")


def test_the_managed_json_format_is_left_alone(stream: io.StringIO) -> None:
    """Where the managed runtime writes JSON, it merges the data by itself."""
    handler = _managed_handler(stream, "%(message)s")
    formatter = handler.formatter

    logs.adapt_managed_handlers({"AWS_LAMBDA_LOG_FORMAT": "json"})

    assert handler.formatter is formatter


@pytest.mark.parametrize(
    ("level", "own", "sdk"),
    [
        (Level.INFO, logging.INFO, logging.WARNING),
        (Level.DEBUG, logging.DEBUG, logging.WARNING),
        (Level.TRACE, logging.DEBUG, logging.DEBUG),
    ],
)
def test_levels_reach_as_deep_as_was_asked(level: Level, own: int, sdk: int) -> None:
    """INFO and DEBUG are the proxy's own; TRACE reaches into what it depends on."""
    logs.set_levels(level)

    assert logging.getLogger(OWN).getEffectiveLevel() == own
    assert logging.getLogger("botocore.auth").getEffectiveLevel() == sdk
    assert logging.getLogger("urllib3.connectionpool").getEffectiveLevel() == sdk


def test_a_start_says_what_was_set_up(stream: io.StringIO) -> None:
    """Variables that look like the proxy's own but are none are warned of."""
    logs.log_json_lines(stream)
    logs.set_levels(Level.INFO)

    logs.log_start(CONFIG._replace(unknown=("LAMBDA_PROXY_X",)), is_exact=False)
    logs.log_start(CONFIG._replace(reply_url="https://h/123456789012/resp"), is_exact=True)

    first, warning, second = _lines(stream)
    assert (first["mode"], first["is_exact"]) == ("notify", False)
    assert warning["variables"] == ["LAMBDA_PROXY_X"]
    assert (second["mode"], second["is_exact"]) == ("wait", True)


SECRETS = ["AKIDSECRETKEYID", "SecretSecretSecret", "SessionTokenToken", "the-payload"]


def test_the_sdk_tells_no_secret_at_trace(stream: io.StringIO, moto_server: MotoServer) -> None:
    """SEC-4: at TRACE the SDK's own lines have neither credentials nor signatures nor bodies."""
    url = moto_server.create_queue()
    _managed_handler(stream, "%(name)s %(message)s")
    logs.adapt_managed_handlers({})
    logs.set_levels(Level.TRACE)
    sqs = boto3.Session().client(
        "sqs",
        region_name="eu-west-1",
        endpoint_url=moto_server.url,
        aws_access_key_id=SECRETS[0],
        aws_secret_access_key=SECRETS[1],
        aws_session_token=SECRETS[2],
    )

    sqs.send_message(QueueUrl=url, MessageBody=SECRETS[3])
    receipt = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    sqs.close()

    text = stream.getvalue()
    assert "botocore.endpoint Making request for <OperationModel> with params: <dict>" in text
    assert "botocore.auth StringToSign:\n<str>" in text
    assert "botocore.hooks Event before-call.sqs.SendMessage" in text
    assert '"POST / HTTP/1.1" 200' in text
    assert not [secret for secret in [*SECRETS, receipt, "Credential="] if secret in text]


@pytest.mark.parametrize("arguments", [(), ({"token": "secret"},)])
def test_what_the_sdk_formats_itself_is_cut(
    stream: io.StringIO, arguments: tuple[object, ...]
) -> None:
    """SEC-4: of a text without arguments to drop, only the beginning is kept."""
    _managed_handler(stream, "%(message)s")
    logs.adapt_managed_handlers({})

    long = "x" * 75 + " secret" if not arguments else "got %s"
    logging.getLogger("botocore.made_up").warning(long, *arguments, exc_info=KeyError("secret"))

    assert "secret" not in stream.getvalue()
    assert stream.getvalue() in {"x" * 75 + "\n", "got %s\n"}
