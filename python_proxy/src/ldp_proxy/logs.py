"""What is logged and how: levels, one shape for both entries, and nothing of what the SDK sends.

At TRACE the AWS SDK's loggers speak too. Among what they would say are the canonical request with
the session token, signatures, and the bodies of messages, so that of their arguments only numbers
and the names of types are kept (SEC-4).
"""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Final

from ldp_proxy.config import Config, Level, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

_logger = logging.getLogger(__name__)

_OWN: Final = "ldp_proxy"
_SDK: Final = ("boto3", "botocore", "urllib3")
# The names of the SDK's hooks; hosts, paths and statuses, of calls whose secrets are in headers.
_HARMLESS: Final = frozenset({"botocore.hooks", "urllib3.connectionpool"})
_SHOWN_CHARACTERS: Final = 75
# What a record has by itself, and what the managed runtime adds to it; the rest is `extra`.
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "tenant_id",
    "_frame_type",
}


def set_levels(level: Level) -> None:
    """Let the proxy's loggers speak, and at TRACE the SDK's."""
    logging.getLogger(_OWN).setLevel(logging.INFO if level is Level.INFO else logging.DEBUG)
    for name in _SDK:
        logging.getLogger(name).setLevel(logging.DEBUG if level is Level.TRACE else logging.WARNING)


def log_json_lines(stream: TextIO) -> None:
    """Write every record as one line of JSON, where no runtime has set up anything."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.addFilter(without_secrets)
    logging.getLogger().addHandler(handler)


def adapt_managed_handlers(environment: Mapping[str, str]) -> None:
    """Make the handlers that the managed runtime has set up fit for the proxy's records.

    In its text format they would drop `extra`; in its JSON format they merge it.
    """
    is_json = environment.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
    for handler in logging.getLogger().handlers:
        handler.addFilter(without_secrets)
        if not is_json:
            handler.setFormatter(WithData(handler.formatter or logging.Formatter()))


def log_start(config: Config, *, is_exact: bool) -> None:
    """Say how the proxy was set up, and warn of what looks like a mistake.

    Args:
        config: The configuration.
        is_exact: Whether the entry passes bytes on as they are.
    """
    mode = Mode.NOTIFY if config.reply_url is None else Mode.WAIT
    _logger.info(
        "proxy.started",
        extra={
            "mode": mode.value,
            "replies": config.replies.value,
            "region": config.region,
            "start_within_s": config.start_within_s,
            "fallback": None if config.fallback is None else str(config.fallback),
            "payload_bucket": None if config.bucket is None else config.bucket.name,
            "is_exact": is_exact,
        },
    )
    if config.unknown:
        _logger.warning("config.unknown_variables", extra={"variables": list(config.unknown)})


def without_secrets(record: logging.LogRecord) -> bool:
    """A filter that keeps every record, and of the SDK's only what cannot be secret."""
    if record.name.partition(".")[0] in _SDK and record.name not in _HARMLESS:
        if isinstance(record.args, tuple) and record.args:
            record.args = tuple(_shape(argument) for argument in record.args)
        else:
            record.msg, record.args = str(record.msg)[:_SHOWN_CHARACTERS], None
        record.exc_info = record.exc_text = record.stack_info = None
    return True


def _shape(argument: object) -> object:
    return argument if isinstance(argument, int | float) else f"<{type(argument).__name__}>"


class JsonLines(logging.Formatter):
    """One line of JSON for each record, in the shape of the managed runtime's JSON format."""

    def __init__(self) -> None:
        super().__init__()
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {
            "timestamp": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **_data(record),
        }
        if record.exc_info:
            line["stackTrace"] = self.formatException(record.exc_info).splitlines()
        return json.dumps(line, default=str)


class WithData(logging.Formatter):
    """Another formatter's text, with the data of the proxy's records behind the event's name.

    Args:
        inner: The other formatter.
    """

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The text."""
        if record.name.partition(".")[0] != _OWN:
            return self._inner.format(record)
        data = {name: value for name, value in _data(record).items() if name != "aws_request_id"}
        message = f"{record.getMessage()} {json.dumps(data, default=str)}"
        shown = logging.makeLogRecord({**vars(record), "msg": message, "args": None})
        return self._inner.format(shown)


def _data(record: logging.LogRecord) -> dict[str, object]:
    members = vars(record).items()
    return {name: value for name, value in members if name not in _STANDARD and value is not None}
