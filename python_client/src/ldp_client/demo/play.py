"""The demo itself: sends the events, shows each round trip, and judges every answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ldp_client.demo.caller import invoke
from ldp_client.demo.client import client, run_in_foreground
from ldp_client.demo.samples import Sample, samples
from ldp_client.demo.stage import Stage, set_stage
from ldp_client.demo.verdict import Reply, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

_HANDLER: Final = "ldp_client.demo.sample_handler.handler"
_EVENTS_TO_SWAP: Final = 2


@dataclass(frozen=True, slots=True)
class _Row:
    sample: Sample
    reply: Reply
    fault: str | None


def run(handler: str | None = None, *, swap_answers: bool = False) -> int:
    """Run the demo; 0 if every answer was right.

    Args:
        handler: The user's own ``module.function``: stay up and let it answer. None plays the
            sample events to the sample handler.
        swap_answers: Exchange the first two answers, to show that the caller would notice.

    Returns:
        The exit status: 0, or 1 for a wrong answer.

    Raises:
        DemoUnavailable: A part that the demo needs does not start.
    """
    console = Console(highlight=False, soft_wrap=True)
    begun_s = time.monotonic()
    with set_stage() as stage:
        _describe(console, stage)
        if handler is not None:
            return _serve(console, stage, handler)
        rows = _play(console, stage, swap_answers=swap_answers)
    console.print(_table(rows))
    wrong = sum(row.fault is not None for row in rows)
    elapsed_s = time.monotonic() - begun_s
    if wrong:
        console.print(f"[red]{wrong} of {len(rows)} answers are wrong[/] ({elapsed_s:.1f} s)")
        return 1
    console.print(f"[green]all {len(rows)} answers are right[/] ({elapsed_s:.1f} s)")
    return 0


def _describe(console: Console, stage: Stage) -> None:
    console.print(f"SQS       {stage.sqs.endpoint_url} (moto, on this machine)")
    console.print(
        f"function  {stage.invoke_url} (the proxy's zip of {stage.zip_bytes:,} bytes, "
        f"under {stage.entry.value})"
    )


def _serve(console: Console, stage: Stage, handler: str) -> int:
    """Let the user's handler answer until the client ends."""
    console.print(f"handler   {handler} (a breakpoint in it stops)\n")
    console.print("Send it an event from another terminal, and end with Ctrl-C:\n")
    console.print(f"  curl {stage.invoke_url} -d '{{\"order\": 1}}'\n")
    return run_in_foreground(handler, stage.client_environment())


def _play(console: Console, stage: Stage, *, swap_answers: bool) -> list[_Row]:
    console.print(f"handler   {_HANDLER}\n")
    rows = []

    def on_line(line: str) -> None:
        console.print(f"  [dim]client │ {escape(line)}[/]")

    with client(_HANDLER, stage.client_environment(), on_line):
        trips = _trips(console, stage)
        for sample, reply in _swapped(trips) if swap_answers else trips:
            row = _Row(sample, reply, judge(sample, reply))
            rows.append(row)
            console.print(f"  caller │ {sample.source}: {_verdict(row)}, {reply.elapsed_ms:.0f} ms")
    return rows


def _trips(console: Console, stage: Stage) -> Iterator[tuple[Sample, Reply]]:
    for sample in samples():
        console.print(f"  caller │ {sample.source}: {len(sample.body):,} bytes")
        yield sample, invoke(stage.invoke_url, sample.body)


def _swapped(trips: Iterator[tuple[Sample, Reply]]) -> Iterator[tuple[Sample, Reply]]:
    """The same round trips with the first two answers exchanged."""
    first = [next(trips) for _ in range(_EVENTS_TO_SWAP)]
    replies = [reply for _, reply in reversed(first)]
    yield from ((sample, reply) for (sample, _), reply in zip(first, replies, strict=True))
    yield from trips


def _verdict(row: _Row) -> str:
    if row.fault is not None:
        return f"[red]wrong: {escape(row.fault)}[/]"
    return "[green]right[/], an error" if row.reply.is_error else "[green]right[/]"


def _table(rows: list[_Row]) -> Table:
    table = Table(title="What the caller sent and got back")
    table.add_column("event")
    for name in ("sent bytes", "received bytes"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    table.add_column("ms", justify="right")
    for row in rows:
        sent, received = len(row.sample.body), len(row.reply.body)
        verdict = _verdict(row)
        table.add_row(
            row.sample.source, f"{sent:,}", f"{received:,}", verdict, f"{row.reply.elapsed_ms:.0f}"
        )
    return table
