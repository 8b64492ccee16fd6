"""`lambda-debug destroy`: deletes what `lambda-debug deploy` made."""

from __future__ import annotations

import click

from ldp_client.cli.account import (
    Where,
    account_options,
    ask,
    explained,
    introduce,
    progress,
)


@click.command()
@account_options
def destroy(*, stack: str, profile: str | None, region: str | None, yes: bool) -> None:
    """Delete the proxy from your AWS account, with its queues, its bucket and all that they hold.

    What goes is shown, and you are asked. Run it again after it was interrupted: it goes on.
    """
    with explained():
        from ldp_account.aws import Aws  # noqa: PLC0415 - commands import when they run
        from ldp_account.destruction import Destruction  # noqa: PLC0415 - as above

        aws = Aws(profile, region)
        destruction = Destruction(aws, progress)
        introduce(aws, stack)
        plan = destruction.plan(stack)
        if plan is None:
            click.echo("\nThere is no such stack: nothing is to be done.")
            return
        click.echo("\nThis will be deleted:")
        for line in plan.lines:
            progress(line)
        ask("\nDelete it?", yes=yes)
        destruction.carry_out(plan)
        click.echo("\nDone: nothing is left.\n\nThis makes it anew:")
        progress(Where(stack, profile, region).deploying(plan.stack.parameters))
