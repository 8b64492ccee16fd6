"""The commands, by name; each is imported when it is asked for."""

from __future__ import annotations

import importlib
import traceback
from typing import TYPE_CHECKING, Final

import click

from ldp_conformance.errors import ConformanceError, UsageError
from ldp_conformance.outcomes import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED: Final = 130

#: In which module each command is, as `command`, and what it is for.
_COMMANDS: Final = {
    "run": ("run", "Judge a port."),
    "list": ("listing", "Print the checks, or the requirements."),
    "explain": ("explain", "Say what a check or a requirement is about."),
    "repro": ("repro", "Run one generated case again."),
    "promote": ("promote", "Print the vector for a generated case."),
    "serve": ("serve", "Run queues and one case, for a port in a debugger."),
    "init": ("init", "Write a port to begin with, and a file for CI."),
    "report": ("report", "Make reports of a run that was written down."),
    "diff": ("diff", "Compare two reports."),
    "validate": ("validate", "Validate messages against the schemas."),
}


class _Lazy(click.Group):
    """A group that imports a command when it is asked for: `list` needs no HTTP server."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"ldp_conformance.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in _COMMANDS.items()])


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 conforms, 1 does not, 2 wrong usage, 3 suite or machine failed.",
)
@click.version_option(package_name="lambda-debug-conformance", prog_name="lambda-debug-conformance")
def _group() -> None:
    """Judge whether a port of the Lambda debug protocol is right."""


def commands(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Its words; None for those of the process.

    Returns:
        The exit status.
    """
    try:
        status = _group.main(arguments, standalone_mode=False)
    except click.ClickException as exc:
        exc.show()
        return ExitStatus.USAGE
    except click.Abort:
        click.echo("lambda-debug-conformance: interrupted", err=True)
        return INTERRUPTED
    except ConformanceError as exc:
        click.echo(f"lambda-debug-conformance: {exc}\n{exc.hint}", err=True)
        return ExitStatus.USAGE if isinstance(exc, UsageError) else ExitStatus.BROKEN
    except Exception:  # noqa: BLE001 - Python's own status for it is 1, a verdict on the port
        traceback.print_exc()
        click.echo("lambda-debug-conformance: a bug, please report it with the above.", err=True)
        return ExitStatus.BROKEN
    return status if isinstance(status, int) else 0
