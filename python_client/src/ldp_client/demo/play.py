"""The demo itself: sets the stage, lets the acts play, and counts their verdicts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rich.console import Console

from ldp_client.demo.acts.absent import nobody_attached
from ldp_client.demo.acts.at_once import many_at_once
from ldp_client.demo.acts.large import large_payloads
from ldp_client.demo.acts.sources import events_of_all_sources
from ldp_client.demo.client import client, run_in_foreground
from ldp_client.demo.show import Show
from ldp_client.demo.stage import Stage, set_stage

if TYPE_CHECKING:
    from ldp_client.demo.show import Row

_HANDLER: Final = "ldp_client.demo.sample_handler.handler"


def run(handler: str | None = None, *, swap_answers: bool = False) -> int:
    """Run the demo; 0 if every answer was right.

    Args:
        handler: The user's own ``module.function``: stay up and let it answer. None plays the
            sample events to the sample handler.
        swap_answers: Play the first act only, and exchange its first two answers, to show that
            the caller would notice.

    Returns:
        The exit status: 0, or 1 for a wrong answer.

    Raises:
        DemoUnavailable: A part that the demo needs does not start.
    """
    show = Show(Console(highlight=False, soft_wrap=True))
    begun_s = time.monotonic()
    with set_stage() as stage:
        _describe(show, stage)
        if handler is not None:
            return _serve(show, stage, handler)
        rows = _play(show, stage, swap_answers=swap_answers)
    show.table(rows)
    wrong = sum(row.fault is not None for row in rows)
    elapsed_s = time.monotonic() - begun_s
    if wrong:
        show.say(f"[red]{wrong} of {len(rows)} rows are wrong[/] ({elapsed_s:.1f} s)")
        return 1
    answers = sum(row.answers for row in rows)
    show.say(f"[green]all {answers} answers are right[/] ({elapsed_s:.1f} s)")
    return 0


def _describe(show: Show, stage: Stage) -> None:
    show.say(f"SQS, S3   {stage.sqs.endpoint_url} (moto, on this machine)")
    show.say(
        f"function  {stage.invoke_url} (the proxy's zip of {stage.zip_bytes:,} bytes, "
        f"under {stage.settings.entry.value})"
    )


def _serve(show: Show, stage: Stage, handler: str) -> int:
    """Let the user's handler answer until the client ends."""
    show.say(f"handler   {handler} (a breakpoint in it stops)\n")
    show.say("Send it an event from another terminal, and end with Ctrl-C:\n")
    show.say(f"  curl {stage.invoke_url} -d '{{\"order\": 1}}'\n")
    return run_in_foreground(handler, stage.client_environment())


def _play(show: Show, stage: Stage, *, swap_answers: bool) -> list[Row]:
    show.say(f"handler   {_HANDLER}\n")
    with client(_HANDLER, stage.client_environment(), show.client_line):
        rows = events_of_all_sources(stage, show, swap_answers=swap_answers)
        if swap_answers:
            return rows  # the others would show nothing more of it
        rows += [*large_payloads(stage, show), *many_at_once(stage, show)]
    return [*rows, *nobody_attached(stage, show)]
