"""`lambda-debug demo`: the whole way of an event, on this machine."""

from __future__ import annotations

import click


@click.command()
@click.argument("handler", metavar="[MODULE.FUNCTION]", required=False)
@click.option(
    "--break",
    "swap_answers",
    is_flag=True,
    help="Swap two answers, to see that the caller notices; ends with status 1.",
)
def demo(*, handler: str | None, swap_answers: bool) -> int:
    """Send AWS events through proxy, queues and client on this machine, without AWS.

    With MODULE.FUNCTION it stays up, prints a curl line, and your own handler answers.
    """
    try:
        from ldp_client.demo import run  # noqa: PLC0415 - commands import when they run
    except ModuleNotFoundError as exc:
        raise _missing(exc) from exc
    return run(handler, swap_answers=swap_answers)


def _missing(exc: ModuleNotFoundError) -> Exception:
    from ldp_client.errors import PartMissing  # noqa: PLC0415 - as above

    return PartMissing(
        f"The demo needs {exc.name}, which is not installed.",
        hint="Install the demo's parts: pip install 'lambda-debug[demo]'.",
    )
