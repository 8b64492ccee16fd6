"""`lambda-debug purge`: empties the queues between the proxy and the client."""

from __future__ import annotations

import click

from ldp_client.cli.account import account_options, ask, explained, introduce, progress


@click.command()
@account_options
def purge(*, stack: str, profile: str | None, region: str | None, yes: bool) -> None:
    """Delete all messages: events that nobody took, and answers that nobody fetched.

    How many there are is shown, and you are asked. What a client has begun goes on to its end.
    """
    with explained():
        from ldp_account.aws import Aws  # noqa: PLC0415 - commands import when they run
        from ldp_account.purge import Purge  # noqa: PLC0415 - as above

        aws = Aws(profile, region)
        purging = Purge(aws, progress)
        introduce(aws, stack)
        plan = purging.plan(stack)
        if plan is None:
            click.echo("\nThere is no such stack: nothing is to be done.")
            return
        click.echo("\nThese queues will be emptied, with what comes while SQS does it:")
        for line in plan.lines:
            progress(line)
        click.echo("Nothing brings a message back; whoever waits for its answer gets an error.")
        ask("\nEmpty them?", yes=yes)
        purging.carry_out(plan)
        click.echo("\nDone: SQS deletes the messages within 60 s.")
