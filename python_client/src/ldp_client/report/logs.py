"""Where log records go: plain lines on a terminal, JSON lines everywhere else.

On standard error. Only the entry points of processes call this, never a library.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Final

from ldp_client.config import TRACING_LEVELS

_OWN: Final = ("ldp_client", "ldp_queues")
_TELLTALES: Final = ("boto3", "botocore", "s3transfer")
"""The SDK logs requests with their security tokens, and bodies of messages, at DEBUG (SEC-4)."""

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_MS_PER_S: Final = 1_000


class JsonFormatter(logging.Formatter):
    """A record as one JSON object, with the keys that Lambda's own JSON logs have."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: time, level, event name, logger, and what stands in `extra`."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "timestamp": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **_extra(record),
        }
        if record.exc_info:
            line["stackTrace"] = self.formatException(record.exc_info).splitlines()
        return json.dumps(line, default=str)


class ConsoleFormatter(logging.Formatter):
    """A record as a line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s  %(levelname)s  %(name)s: %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line, with what stands in `extra` behind it."""
        extra = "".join(f" {name}={value}" for name, value in _extra(record).items())
        return super().formatMessage(record) + extra


def configure_logging(tracing_level: str) -> None:
    """Send this process's log records to standard error, in place of what was configured before.

    The root logger gets a handler, as it has in Lambda, where functions rely on it.

    Args:
        tracing_level: One of `config.TRACING_LEVELS`. Records of other loggers than this program's
            pass from WARNING on, with TRACE from DEBUG on.
    """
    level = TRACING_LEVELS[tracing_level]
    handler = logging.StreamHandler()
    handler.setFormatter(ConsoleFormatter() if sys.stderr.isatty() else JsonFormatter())
    others = level if tracing_level == "TRACE" else logging.WARNING
    logging.basicConfig(level=others, handlers=[handler], force=True)
    for name in _OWN:
        logging.getLogger(name).setLevel(level)
    for name in _TELLTALES:
        logging.getLogger(name).setLevel(max(others, logging.INFO))


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}
