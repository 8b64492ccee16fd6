"""The commands of `lambda-debug`, and how each of them ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ldp_client.cli.attach import attach
from ldp_client.cli.demo import demo
from ldp_client.cli.deploy import deploy
from ldp_client.cli.destroy import destroy
from ldp_client.cli.detach import detach
from ldp_client.cli.doctor import doctor
from ldp_client.cli.local_lambda import local_lambda
from ldp_client.cli.operator_policy import attach_policy, operator_policy
from ldp_client.cli.purge import purge
from ldp_client.cli.run import run
from ldp_client.cli.status import status
from ldp_client.cli.template import template
from ldp_client.errors import ClientError, ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _version(context: click.Context, _parameter: click.Parameter, value: object) -> None:
    if not value or context.resilient_parsing:
        return
    from importlib.metadata import version  # noqa: PLC0415 - slow, and seldom asked for

    from ldp_wire.limits import MAJOR, MINOR  # noqa: PLC0415 - as above

    click.echo(f"lambda-debug {version('lambda-debug')} (protocol {MAJOR}.{MINOR})")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Show the versions of the client and of the protocol, and exit.",
)
@click.pass_context
def command_line(context: click.Context) -> None:
    """Debug a Lambda function on this machine with the events of the real one."""
    context.obj()  # what __main__ does before a command runs


command_line.add_command(run)
command_line.add_command(local_lambda)
command_line.add_command(demo)
command_line.add_command(template)
command_line.add_command(operator_policy)
command_line.add_command(attach_policy)
command_line.add_command(deploy)
command_line.add_command(destroy)
command_line.add_command(purge)
command_line.add_command(attach)
command_line.add_command(detach)
command_line.add_command(doctor)
command_line.add_command(status)


def execute(prepare: Callable[[], None], arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; errors are printed, without a traceback.

    Args:
        prepare: Called before a command, and not for `--help`; may raise ClientError.
        arguments: Without the program's name; those of this process by default.

    Returns:
        The exit status, one of `ExitStatus`.
    """
    try:
        status = command_line.main(
            arguments, prog_name="lambda-debug", standalone_mode=False, obj=prepare
        )
    except click.ClickException as exc:
        exc.show()
        return ExitStatus.MISUSED
    except (click.Abort, KeyboardInterrupt):
        return ExitStatus.ABANDONED
    except ClientError as exc:
        sys.stderr.write(exc.report)
        return exc.exit_code
    return status if isinstance(status, int) else ExitStatus.DONE
