"""`lambda-debug operator-policy` and `attach-policy`: print what one has to be allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from ldp_client.cli.account import STACK, with_options

if TYPE_CHECKING:
    from collections.abc import Callable


_Command = TypeVar("_Command", bound="Callable[..., object]")

_WHERE = (
    click.option("--stack", default=STACK, show_default=True, help="Name of the stack."),
    click.option("--region", default="*", show_default=True, help="AWS region; * for every one."),
    click.option(
        "--account", default="*", show_default=True, help="Number of the account; * for its own."
    ),
)


def _where_options(command: _Command) -> _Command:
    return with_options(_WHERE, command)


@click.command("operator-policy")
@_where_options
@click.option(
    "--function-name",
    "function",
    default="lambda-debug-proxy",
    show_default=True,
    help="Name of the function.",
)
@click.option(
    "--request-queue",
    default="LAMBDA_PROXY_REQ",
    show_default=True,
    help="Name of the request queue.",
)
@click.option(
    "--response-queue",
    default="LAMBDA_PROXY_RESP",
    show_default=True,
    help="Name of the response queue.",
)
def operator_policy(**names: str) -> None:
    """Print the IAM policy of whoever deploys, empties and destroys the proxy.

    Statements whose names begin with CloudFormation are for what it does in your name, and those
    with Examine for `lambda-debug doctor`, which needs the developer's policy besides.
    """
    from ldp_account.operator_policy import (  # noqa: PLC0415 - commands import when they run
        Operated,
        operator_policy,
    )

    click.echo(operator_policy(Operated(**names)), nl=False)


@click.command("attach-policy")
@_where_options
@click.option(
    "--functions", default="*", show_default=True, help="Which functions; * is for any characters."
)
@click.option(
    "--roles",
    default="*",
    show_default=True,
    help="Which roles they have, with their paths; * as above.",
)
def attach_policy(**names: str) -> None:
    """Print the IAM policy of whoever attaches functions to a deployed stack, and detaches them.

    Whoever has it can give these roles any permission: name no more of them than it takes.
    """
    from ldp_account.operator_policy import (  # noqa: PLC0415 - commands import when they run
        Attachables,
        attach_policy,
    )

    click.echo(attach_policy(Attachables(**names)), nl=False)
