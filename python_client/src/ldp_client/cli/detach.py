"""`lambda-debug detach`: gives a function back what `lambda-debug attach` took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ldp_client.cli.account import (
    Where,
    account_options,
    ask,
    explained,
    introduce,
    progress,
)
from ldp_client.errors import ConfigError

if TYPE_CHECKING:
    from ldp_account.attachments.detaching import Detachment, DetachmentPlan
    from ldp_account.aws import Aws


@click.command()
@click.argument("function", required=False)
@account_options
@click.option("--all", "everything", is_flag=True, help="All functions that you attached.")
@click.option("--overwrite", is_flag=True, help="Also where somebody else changed it since.")
def detach(  # noqa: PLR0913 - an argument for each option
    *,
    function: str | None,
    stack: str,
    profile: str | None,
    region: str | None,
    yes: bool,
    everything: bool,
    overwrite: bool,
) -> None:
    """Give FUNCTION its own code and configuration again, exactly as they were.

    What will be changed is shown, and you are asked. What somebody else changed meanwhile stays.
    Run it again after it was interrupted: it goes on.
    """
    if (function is None) is not everything:
        raise ConfigError(
            "Which function is meant is not clear.", hint="Name one, or give --all, but not both."
        )
    with explained():
        from ldp_account.attachments.detaching import Detachment  # noqa: PLC0415 - when they run
        from ldp_account.aws import Aws  # noqa: PLC0415 - as above

        aws = Aws(profile, region)
        introduce(aws, stack)
        detachment = Detachment(aws, stack, progress)
        where = Where(stack, profile, region)
        names = _mine(aws, detachment, where) if function is None else [function]
        plans = [detachment.plan(name, overwrite=overwrite) for name in names]
        if not _show(plans):
            click.echo("\nNothing is to be done.")
            return
        ask("\nGo on?", yes=yes)
        for plan in plans:
            detachment.carry_out(plan)
        click.echo("\nDone.")


def _mine(aws: Aws, detachment: Detachment, where: Where) -> list[str]:
    """The functions that whoever asks attached with this stack; of the others it is said."""
    from ldp_account.attachments.listing import found  # noqa: PLC0415 - as above
    from ldp_account.attachments.record import tag_value  # noqa: PLC0415 - as above

    by, mine = tag_value(aws.identity().arn), []
    for one in found(aws):
        if not detachment.remembers(one):
            click.echo(f"\n{one.name} is attached by {one.by}; its record is not in this stack's")
            progress("bucket: name the stack that it was attached with.")
        elif one.by != by:
            click.echo(f"\n{one.name} is attached by {one.by}, and stays. To detach it too:")
            progress(where.command("detach", one.name))
        else:
            mine.append(one.name)
    return mine


def _show(plans: list[DetachmentPlan]) -> bool:
    """Show what will be done; whether that is anything."""
    for plan in plans:
        click.echo(f"\nFunction {plan.name}" + ("" if plan.site else " is not attached"))
        for line in (*plan.kept, *plan.changes):
            progress(line)
    return any(plan.changes for plan in plans)
