"""What the commands that touch an account have in common: options, questions, errors."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from shlex import join
from typing import TYPE_CHECKING, TypeVar

import click

from ldp_client.errors import AccountFailed, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ldp_account.aws import Aws

STACK = "lambda-debug-proxy"
"""The stack that is meant where none is named."""

PARAMETERS = {
    "function_name": "FunctionName",
    "request_queue": "RequestQueueName",
    "response_queue": "ResponseQueueName",
    "mode": "Mode",
    "reply": "Reply",
    "payload_bucket": "PayloadBucket",
    "start_within_s": "StartWithinS",
    "when_absent": "WhenAbsent",
    "fallback_function": "FallbackFunction",
    "tracing_level": "TracingLevel",
    "timeout_s": "TimeoutS",
    "memory_mb": "MemoryMb",
    "log_retention_days": "LogRetentionDays",
}
"""The options of `lambda-debug deploy`, and the template's parameters that they are."""

_Command = TypeVar("_Command", bound="Callable[..., object]")

_WHERE = (
    click.option("--stack", default=STACK, show_default=True, help="Name of the stack."),
    click.option("--profile", help="AWS profile.  [default: the SDK's own choice]"),
    click.option("--region", help="AWS region.  [default: that of the environment or profile]"),
)
_YES = click.option("--yes", is_flag=True, help="Do it without asking.")


def with_options(options: Sequence[Callable[[_Command], _Command]], command: _Command) -> _Command:
    """Give a command options, which its help shows in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def where_options(command: _Command) -> _Command:
    """Give a command the options that say which account and which stack is meant."""
    return with_options(_WHERE, command)


def account_options(command: _Command) -> _Command:
    """Give a command those, and the one that every command has which changes something."""
    return where_options(_YES(command))


@dataclass(frozen=True, slots=True)
class Where:
    """What was said of the account and of the stack, to be said again in another command.

    Attributes:
        stack: `--stack`.
        profile: `--profile`, if it was given.
        region: `--region`, if it was given.
    """

    stack: str
    profile: str | None
    region: str | None

    def command(self, verb: str, *arguments: str) -> str:
        """A command line for the same place, to be pasted into a shell.

        Args:
            verb: The command of `lambda-debug`.
            arguments: What comes after its options of the account.
        """
        return join(["lambda-debug", verb, "--stack", self.stack, *self._account, *arguments])

    def deploying(self, parameters: Mapping[str, str]) -> str:
        """The command that makes a stack with these parameters; defaults are left out."""
        from ldp_account.template import packaged_template  # noqa: PLC0415 - slow

        defaults = packaged_template().completed({})
        options = [
            word
            for name, parameter in PARAMETERS.items()
            if (value := parameters.get(parameter, defaults[parameter])) != defaults[parameter]
            for word in (f"--{name.replace('_', '-')}", value)
        ]
        return self.command("deploy", *options)

    def aws(self, *words: str) -> str:
        """The same for the AWS command line, without its name."""
        return join(["aws", *words, *self._account])

    @property
    def _account(self) -> list[str]:
        given = (("--profile", self.profile), ("--region", self.region))
        return [word for option, value in given if value is not None for word in (option, value)]


@contextmanager
def explained() -> Iterator[None]:
    """Let what goes wrong in an account end the command as other errors do.

    Raises:
        AccountFailed: The block raised an error of the account's.
    """
    from ldp_account.errors import AccountError  # noqa: PLC0415 - commands import when they run

    try:
        yield
    except AccountError as exc:
        raise AccountFailed(str(exc), hint=exc.hint) from exc


def introduce(aws: Aws, stack: str) -> None:
    """Say whose account, and which region, is about to be looked at and perhaps changed."""
    identity = aws.identity()
    click.echo(f"Account {identity.account}, region {aws.region}, as {identity.arn}")
    click.echo(f"Stack {stack}")


def progress(line: str) -> None:
    """Show a line of progress."""
    click.echo(f"  {line}")


def ask(question: str, *, yes: bool) -> None:
    """Ask whether the user wants it, and go on only then.

    Raises:
        ConfigError: There is no terminal to ask at, and no --yes.
        Abort: The user does not.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(
            "Nothing was changed: there is no terminal to ask at.",
            hint="Look at what it says, and give --yes to have it done.",
        )
    click.confirm(question, abort=True)
