"""`lambda-debug deploy`: the proxy as a stack of CloudFormation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ldp_client.cli.account import (
    PARAMETERS,
    Where,
    account_options,
    ask,
    explained,
    introduce,
    progress,
)
from ldp_client.errors import AccountFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.stacks import Stack


@click.command()
@account_options
@click.option("--function-name", help="Name of the function.  [default: lambda-debug-proxy]")
@click.option("--request-queue", help="Name of the request queue.  [default: LAMBDA_PROXY_REQ]")
@click.option("--response-queue", help="Name of the response queue.  [default: LAMBDA_PROXY_RESP]")
@click.option(
    "--mode",
    type=click.Choice(["wait", "notify"]),
    help="Whether the caller waits for the answer.  [default: wait]",
)
@click.option(
    "--reply",
    type=click.Choice(["shared", "dedicated"]),
    help="One response queue and one event at a time, or any number.  [default: shared]",
)
@click.option(
    "--payload-bucket",
    type=click.Choice(["yes", "no"]),
    help="Whether payloads that fit in no message pass through the bucket.  [default: yes]",
)
@click.option("--start-within-s", help="Seconds after which nobody is there.  [default: no limit]")
@click.option(
    "--when-absent",
    type=click.Choice(["error", "fallback"]),
    help="What the caller gets then.  [default: error]",
)
@click.option("--fallback-function", help="What answers then, as in orders:7.")
@click.option(
    "--tracing-level",
    type=click.Choice(["INFO", "DEBUG", "TRACE"]),
    help="How much the proxy logs.  [default: INFO]",
)
@click.option("--timeout-s", help="The function's timeout.  [default: 900]")
@click.option("--memory-mb", help="The function's memory.  [default: 128]")
@click.option("--log-retention-days", help="How long its log is kept.  [default: 7]")
def deploy(
    *, stack: str, profile: str | None, region: str | None, yes: bool, **options: str | None
) -> None:
    """Make the proxy in your AWS account, or change it to what the options say.

    What will be done is shown, and you are asked. Options that are not given have their defaults,
    also when there is a stack already. Run it again after it was interrupted: it goes on.
    """
    with explained():
        from ldp_account.aws import Aws  # noqa: PLC0415 - commands import when they run
        from ldp_account.deployment import Deployment  # noqa: PLC0415 - as above

        aws = Aws(profile, region)
        given = {PARAMETERS[name]: value for name, value in options.items() if value is not None}
        deployment = Deployment(aws, proxy_zip(), progress)
        introduce(aws, stack)
        plan = deployment.plan(stack, given)
        done = plan.stack
        if plan.changes:
            click.echo("\nThis will be done:")
            for line in plan.changes:
                progress(line)
            ask("\nGo on?", yes=yes)
            done = deployment.carry_out(plan)
        click.echo("\nDone." if plan.changes else "\nNothing is to be done.")
        _conclude(done, Where(stack, profile, region).command("destroy"))


def proxy_zip() -> bytes:
    """The proxy's zip, built of what is installed.

    Raises:
        AccountFailed: It cannot be built.
    """
    from pathlib import Path  # noqa: PLC0415 - as above
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - as above

    from ldp_client.packaging import PackagingError, build_proxy_zip  # noqa: PLC0415 - as above

    with TemporaryDirectory(prefix="lambda-debug-") as folder:
        path = Path(folder) / "proxy.zip"
        try:
            build_proxy_zip(path)
        except PackagingError as exc:
            raise AccountFailed(str(exc), hint=exc.hint) from exc
        return path.read_bytes()


def _conclude(stack: Stack | None, undo: str) -> None:
    from ldp_account.deployment import exports  # noqa: PLC0415 - as above

    if stack is not None:
        show_client(exports(stack), stack.outputs["DeveloperPolicyArn"])
    click.echo(f"\nThis deletes it all:\n  {undo}")


def show_client(variables: Mapping[str, str], policy: str) -> None:
    """Show what whoever answers events needs: the policy, and the variables."""
    click.echo(f"Attach this policy to whoever answers events:\n  {policy}")
    from shlex import quote  # noqa: PLC0415 - as above

    click.echo("\nFor `lambda-debug run`:\n")
    for name, value in variables.items():
        click.echo(f"export {name}={quote(value)}")
