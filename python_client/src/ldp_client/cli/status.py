"""`lambda-debug status`: what is deployed, what is attached, and what waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ldp_client.cli.account import Where, explained, introduce, where_options

if TYPE_CHECKING:
    from ldp_account.attachments.status import FunctionStatus, Status


@click.command()
@where_options
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def status(*, stack: str, profile: str | None, region: str | None, as_json: bool) -> None:
    """Show the stack with its queues, and every attached function: since when, and by whom.

    Nothing is changed.
    """
    with explained():
        from ldp_account.attachments import status as state  # noqa: PLC0415 - when it runs
        from ldp_account.aws import Aws  # noqa: PLC0415 - as above

        aws, where = Aws(profile, region), Where(stack, profile, region)
        if not as_json:
            introduce(aws, stack)
        seen = state.status(aws, stack)
        if as_json:
            click.echo(json.dumps(_document(seen, where), indent=2))
        else:
            _tell(seen, where)


def _tell(seen: Status, where: Where) -> None:
    click.echo("  there is no such stack" if seen.stack is None else f"  {seen.stack.status}")
    for url, depth in seen.queues:
        click.echo(
            f"  {url}: {depth.visible} waiting, {depth.in_flight} in flight, "
            f"{depth.delayed} delayed"
        )
    if seen.stack is not None:
        click.echo(f"  {_listening(seen, where)}")
    click.echo(f"\nAttached functions: {len(seen.functions) or 'none'}")
    for one in seen.functions:
        alias = "" if one.alias is None else f", alias {one.alias}"
        click.echo(f"  {one.attached.name}{alias}, since {one.attached.since}")
        click.echo(f"    by {one.attached.by}")
        click.echo(f"    {_detach(one, where)}")


def _listening(seen: Status, where: Where) -> str:
    if seen.taken:
        return f"somebody listens: {seen.taken} events are taken"
    echo = where.command("doctor", "--echo")
    return f"whether somebody listens SQS does not tell; this asks:\n    {echo}"


def _detach(one: FunctionStatus, where: Where) -> str:
    if one.manifest is None:
        return "its record is not in this stack's bucket: name its stack with --stack"
    return where.command("detach", one.attached.name)


def _document(seen: Status, where: Where) -> dict[str, object]:
    return {
        "stack": None
        if seen.stack is None
        else {"name": seen.stack.name, "state": seen.stack.status},
        "queues": [
            {
                "url": url,
                "visible": depth.visible,
                "inFlight": depth.in_flight,
                "delayed": depth.delayed,
            }
            for url, depth in seen.queues
        ],
        "listening": True if seen.taken else None,
        "functions": [
            {
                "name": one.attached.name,
                "arn": one.attached.arn,
                "since": one.attached.since,
                "by": one.attached.by,
                "alias": one.alias,
                "detach": None
                if one.manifest is None
                else where.command("detach", one.attached.name),
            }
            for one in seen.functions
        ],
    }
