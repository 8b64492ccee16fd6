"""The seam between the queue side and the report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from ldp_client.config import ClientConfig
    from ldp_wire.actions import Notice
    from ldp_wire.envelopes import Request

Outcome: TypeAlias = Literal["returned", "failed"]


class Reporter(Protocol):
    """Is told what happens, in order and by one thread at a time.

    Where the output goes may be gone; then any of these raises OSError.
    """

    def listening(self, config: ClientConfig) -> None:
        """The client receives from now on."""

    def started(self, request: Request, event: bytes, attempt: int) -> None:
        """A handler was given an event.

        Args:
            request: Whose event it is.
            event: The event.
            attempt: How often SQS has handed it out or it was run again, from 1.
        """

    def ended(  # noqa: PLR0913 - told once, in one place
        self,
        request_id: str,
        outcome: Outcome,
        *,
        error_type: str | None,
        duration_ms: int,
        result_bytes: bytes,
        left_ms: int | None,
    ) -> None:
        """The handler is done.

        Args:
            request_id: Whose event it was.
            outcome: Whether it returned or failed.
            error_type: The `errorType` of a failure.
            duration_ms: From handing the event over to the end.
            result_bytes: The result or the error body.
            left_ms: How long somebody still waits for the answer; None for a one-way event.
        """

    def answered(self, request_id: str, sent_bytes: int) -> None:
        """SQS took the answer, a message of so many bytes."""

    def notice(self, notice: Notice, left_ms: int | None = None) -> None:
        """Something about an event that the developer has to know.

        Args:
            notice: What it is.
            left_ms: How long until it ends by itself; None if it does not.
        """

    def problem(self, message: str, hint: str) -> None:
        """Something is wrong beyond a single event; the client tries on."""

    def closed(self) -> None:
        """The client has ended."""


def make_reporter(config: ClientConfig) -> Reporter:
    """The reporter that the settings ask for, on this process's standard streams."""
    if config.report_format == "json":
        from ldp_client.report.json_lines import JsonReporter  # noqa: PLC0415 - one of the two

        return JsonReporter(sys.stdout, config.verbosity)
    from ldp_client.report.text import TextReporter  # noqa: PLC0415 - and with it rich

    return TextReporter(sys.stderr, config.verbosity)
