"""`lambda-debug run`: the user's handler serves the request queue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ldp_client.config import OnError
    from ldp_client.programs.variables import Format


def _check(
    handler: str | None, program: tuple[str, ...], *, workers: bool, no_start: bool, form: bool
) -> None:
    """Refuse what does not go together.

    Raises:
        click.UsageError: It does not.
    """
    if handler is not None and program:
        raise click.UsageError("Name a handler of Python's, or a COMMAND behind --, not both.")
    if form and not no_start:
        raise click.UsageError("--format says how --no-start writes the variables: it is missing.")
    if not (handler or program or no_start):
        raise click.UsageError(
            "Name a handler, as in app.handler, or a program, as in -- ./my-program."
        )
    if workers and not (program or no_start):
        raise click.UsageError("--workers is for a COMMAND: a handler of Python's runs alone.")


class _Command(click.Command):
    """Takes what follows `--` as it is, for it is no argument of this command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set the program aside."""
        own, program = args, []
        if "--" in args:
            end = args.index("--")
            own, program = args[:end], args[end + 1 :]
        rest = super().parse_args(ctx, own)
        ctx.params["program"] = tuple(program)
        return rest


@click.command(cls=_Command)
@click.argument("handler", metavar="[MODULE.FUNCTION | -- COMMAND...]", required=False)
@click.option(
    "--workers",
    type=click.IntRange(1, 100),
    help="How many processes of COMMAND, for as many events at a time.  [default: 1]",
)
@click.option(
    "--no-start",
    is_flag=True,
    help="Start nothing: print the variables with which you, or an IDE, start the program.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["shell", "dotenv", "json"]),
    help="How --no-start writes them.  [default: shell; json with --json]",
)
@click.option("--once", is_flag=True, help="Serve one event and end.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Report as JSON lines on standard output; what the handler prints goes to standard error.",
)
@click.option(
    "-v",
    "--verbose",
    count=True,
    help="Show the beginnings of events and results, which may hold secrets; -vv shows all.",
)
@click.option("--region", help="Region of the queues.  [default: AWS_REGION, then the queue's URL]")
@click.option("--profile", help="AWS profile for the queues.  [default: the SDK's own choice]")
@click.option(
    "--lease-s",
    type=int,
    help="Seconds after which an event of a client that died is free again.  "
    "[default: LAMBDA_PROXY_LEASE_S, then 20]",
)
@click.option(
    "--on-error",
    type=click.Choice(["report", "hold"]),
    default="report",
    show_default=True,
    help="When the handler fails: report its error to the caller, or hold the event, to be run "
    "again with mended code at a press of Enter.",
)
@click.option(
    "--v0-errors",
    type=click.Choice(["hold", "report"]),
    default="hold",
    show_default=True,
    help="The same for a proxy of the origin's, which takes a reported error for a result.",
)
def run(  # noqa: PLR0913 - one for each option
    *,
    handler: str | None,
    program: tuple[str, ...],
    workers: int | None,
    no_start: bool,
    form: Format | None,
    once: bool,
    as_json: bool,
    verbose: int,
    region: str | None,
    profile: str | None,
    lease_s: int | None,
    on_error: OnError,
    v0_errors: OnError,
) -> None:
    """Serve a handler with the events of the request queue, until Ctrl-C.

    MODULE.FUNCTION is written as in Lambda: app.handler is the function handler in app.py, which
    is looked for in the current folder first. It runs in this process, on the main thread:
    breakpoint() stops in it.

    COMMAND is any program that speaks the Lambda Runtime API, in any language. It is started when
    the first event arrives, with Lambda's environment variables, and again when it has ended.

    LAMBDA_PROXY_REQ_QUEUE_URL and LAMBDA_PROXY_RESP_QUEUE_URL name the queues, as for the proxy.

    Ctrl-C lets a running event end and be answered; a second one abandons it. A held event is
    given back at once, and run by the client that you start next.
    """
    import os  # noqa: PLC0415 - commands import what they need when they run

    from ldp_client.config import read_config  # noqa: PLC0415 - as above

    _check(handler, program, workers=bool(workers), no_start=no_start, form=bool(form))

    config = read_config(
        os.environ,
        once=once,
        report_format="json" if as_json else "text",
        verbosity=verbose,
        region=region,
        profile=profile,
        lease_s=lease_s,
        on_error=on_error,
        v0_errors=v0_errors,
    )
    if no_start:
        from ldp_client.programs.serve import serve_others  # noqa: PLC0415 - as above

        config = replace(config, handlers=workers or 1)
        serve_others(
            config,
            program or (() if handler is None else (handler,)),
            form or ("json" if as_json else "shell"),
        )
    elif handler is not None:
        from ldp_client.handlers.serve import serve  # noqa: PLC0415 - as above

        serve(handler, config)
    else:
        from ldp_client.programs.serve import serve_started  # noqa: PLC0415 - as above

        serve_started(replace(config, command=program, handlers=workers or 1))
