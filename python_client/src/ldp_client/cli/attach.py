"""`lambda-debug attach`: the proxy in the place of a function that there is."""

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

if TYPE_CHECKING:
    from ldp_account.attachments.attaching import AttachmentPlan


@click.command()
@click.argument("function")
@account_options
@click.option("--alias", help="Repoint this alias at the proxy, whose other versions stay.")
@click.option("--latest-only", is_flag=True, help="Leave ways in that do not reach the proxy.")
@click.option("--i-know-this-is-production", is_flag=True, help="Attach it all the same.")
@click.option("--start-within-s", help="Seconds after which nobody is there.  [default: stack's]")
@click.option(
    "--when-absent",
    type=click.Choice(["error", "fallback"]),
    default="error",
    show_default=True,
    help="What the caller gets then; fallback: what the function itself answers.",
)
def attach(  # noqa: PLR0913 - an argument for each option
    *,
    function: str,
    stack: str,
    profile: str | None,
    region: str | None,
    yes: bool,
    alias: str | None,
    latest_only: bool,
    i_know_this_is_production: bool,
    start_within_s: str | None,
    when_absent: str,
) -> None:
    """Put the proxy of a deployed stack in the place of FUNCTION, until you detach it.

    What comes to the function and what will be changed is shown, and you are asked. Its code and
    configuration are kept in the stack's bucket. Run it again after it was interrupted: it goes on.
    """
    with explained():
        from ldp_account.attachments.attaching import (  # noqa: PLC0415 - when they run
            Attachment,
            Leave,
        )
        from ldp_account.attachments.record import Wish  # noqa: PLC0415 - as above
        from ldp_account.aws import Aws  # noqa: PLC0415 - as above
        from ldp_client.cli.deploy import proxy_zip  # noqa: PLC0415 - as above

        aws = Aws(profile, region)
        wish = Wish(
            stack=stack,
            alias=alias,
            start_within_s=start_within_s or "",
            fallback=when_absent == "fallback",
        )
        leave = Leave(bypasses=latest_only, production=i_know_this_is_production)
        attachment = Attachment(aws, proxy_zip(), progress)
        introduce(aws, stack)
        plan = attachment.plan(function, wish, leave)
        _show(plan)
        if plan.changes:
            ask("\nGo on?", yes=yes)
            attachment.carry_out(plan)
        click.echo("\nDone." if plan.changes else "\nNothing is to be done.")
        _conclude(plan, Where(stack, profile, region).command("detach", function))


def _show(plan: AttachmentPlan) -> None:
    click.echo(f"\nFunction {plan.site.function.name}")
    for line in plan.facts:
        progress(line)
    if plan.changes:
        click.echo("\nThis will be changed:")
        for line in plan.changes:
            progress(line)


def _conclude(plan: AttachmentPlan, undo: str) -> None:
    from ldp_account.deployment import exports  # noqa: PLC0415 - commands import when they run
    from ldp_client.cli.deploy import show_client  # noqa: PLC0415 - as above

    stack = plan.site.stack
    show_client(exports(stack), stack.outputs["DeveloperPolicyArn"])
    click.echo(f"\nThis gives the function back:\n  {undo}")
