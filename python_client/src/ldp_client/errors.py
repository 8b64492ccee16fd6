"""What ends a client or keeps it from starting, each with what to do about it.

```
ClientError                    never raised itself; .hint, .exit_code
├─ ConfigError                 a setting is missing or wrong                            2
├─ NotMainThread               the handler would not run on the main thread             2
├─ HandlerError                never raised itself
│  ├─ NestedRun                `run` was called while the code was loaded again             2
│  ├─ MalformedHandlerName     the name is not `module.function`                        2
│  ├─ HandlerModuleNotFound    there is no such module                                  2
│  ├─ HandlerNotFound          the module has no such attribute                         2
│  ├─ HandlerNotCallable       the attribute is no function                             2
│  ├─ HandlerSyntaxError       the module is no Python; .file, .line                    1
│  └─ HandlerImportFailed      the module's own code failed; .traceback, .file, .line   1
├─ ProgramNotFound              there is no such program to start                       2
├─ ProgramsUnsupported          this system cannot start programs for events            2
├─ PartMissing                 an optional part of the client is not installed          2
├─ LocalLambdaFailed           the local Lambda cannot be hosted                        1
├─ AccountFailed               something in an AWS account cannot be done                1
├─ QueueSideLost               the process that talks to SQS ended                      1
├─ RuntimeApiUnusable          that process answers otherwise than the Runtime API does 1
└─ Abandoned                   a second signal ended the session                      130
```
The numbers are the exit statuses of `lambda-debug`. A handler that fails is no exception of the
client's: it is an answer (ENV-27).
"""

# ruff: noqa: N818 - the tree's names say the state of affairs

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitStatus(IntEnum):
    """How `lambda-debug` ends."""

    DONE = 0
    FAILED = 1
    MISUSED = 2  #: the command line, the configuration, or the handler's name
    ABANDONED = 130  #: what shells report of a program that SIGINT ended: 128 + 2


class ClientError(Exception):
    """The client cannot do what it was asked.

    Attributes:
        hint: What to do next, one or two sentences for a person.
        exit_code: The exit status that tells a shell what kind of error it was.
    """

    exit_code: ClassVar[ExitStatus] = ExitStatus.FAILED

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
        self.add_note(hint)  # shown with the traceback where nobody catches it

    @property
    def report(self) -> str:
        """The lines to print on standard error."""
        return f"lambda-debug: {self}\n  {self.hint}\n"


class ConfigError(ClientError):
    """A setting is missing or wrong; the message names it and what to set."""

    exit_code = ExitStatus.MISUSED


class NotMainThread(ClientError):
    """`run` was called outside the main thread, where signals and debuggers do not reach it."""

    exit_code = ExitStatus.MISUSED

    def __init__(self, thread: str) -> None:
        super().__init__(
            f"ldp_client.run was called in the thread {thread!r}, not in the main thread.",
            hint="Call it from the main thread: only there do Ctrl-C and pdb work.",
        )


class HandlerError(ClientError):
    """There is no handler to run.

    Attributes:
        file: The user's file that is at fault, or None where no file is.
        line: The line in it, counted from 1, or None.
        traceback: The user's part of the stack as Python prints it, or "".
    """

    exit_code = ExitStatus.MISUSED

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        file: str | None = None,
        line: int | None = None,
        traceback: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.line = line
        self.traceback = traceback

    @property
    def report(self) -> str:
        """The lines to print on standard error, with the user's part of the stack."""
        return self.traceback + super().report


class NestedRun(HandlerError):
    """A script calls `run` whenever it is executed, also when its handler is loaded again."""

    def __init__(self) -> None:
        super().__init__(
            "The script called ldp_client.run again while its code was loaded again.",
            hint='Put that call under if __name__ == "__main__": or start the client again.',
        )


class MalformedHandlerName(HandlerError):
    """The name has no dot, or an empty part."""


class HandlerModuleNotFound(HandlerError):
    """No module of that name can be found."""


class HandlerNotFound(HandlerError):
    """The module has no attribute of that name."""


class HandlerNotCallable(HandlerError):
    """The attribute is there and cannot be called."""


class HandlerSyntaxError(HandlerError):
    """The module, or one that it imports, is no valid Python."""

    exit_code = ExitStatus.FAILED


class HandlerImportFailed(HandlerError):
    """The module, or one that it imports, raised while it was imported."""

    exit_code = ExitStatus.FAILED


class ProgramNotFound(ClientError):
    """The command's program is not on the PATH, or may not be executed."""

    exit_code = ExitStatus.MISUSED

    def __init__(self, program: str) -> None:
        super().__init__(
            f"There is no program {program!r}, or it may not be executed.",
            hint="Give its path, or a name that is found on the PATH.",
        )


class ProgramsUnsupported(ClientError):
    """Programs are started, and ended with all that they started, on POSIX systems only."""

    exit_code = ExitStatus.MISUSED

    def __init__(self) -> None:
        super().__init__(
            "Programs are started for events on Linux and macOS only.",
            hint="Use --no-start, and start the program yourself with the variables that it shows.",
        )


class PartMissing(ClientError):
    """A part of the client that not every installation has is needed and not there."""

    exit_code = ExitStatus.MISUSED


class LocalLambdaFailed(ClientError):
    """The local Lambda cannot be hosted: its zip, its interpreter or its port is not usable."""


class AccountFailed(ClientError):
    """What was asked of an AWS account cannot be done, or was not done to the end."""


class QueueSideLost(ClientError):
    """The process that talks to SQS ended by itself.

    Args:
        cause: What it said last, if it said something.
        redelivered_within_s: Length of the lease of the event that was running, or None.
    """

    def __init__(self, cause: ClientError | None, redelivered_within_s: int | None) -> None:
        hint = "Start lambda-debug again." if cause is None else cause.hint
        if redelivered_within_s is not None:
            hint += (
                " The event that was running will be delivered again within "
                f"{redelivered_within_s} s."
            )
        end = " unexpectedly." if cause is None else f": {cause}"
        super().__init__(f"The process that talks to SQS ended{end}", hint=hint)


class RuntimeApiUnusable(ClientError):
    """What answers at the Runtime API's address is not the queue side."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The Runtime API on this machine gave an answer that cannot be used: {reason}",
            hint="Check that nothing intercepts connections to 127.0.0.1, and start again.",
        )


class Abandoned(ClientError):
    """A second signal ended the session in the middle of an event (SES-33)."""

    exit_code = ExitStatus.ABANDONED

    def __init__(self, lease_s: int) -> None:
        super().__init__(
            "Abandoned.",
            hint=f"An event that was running will be delivered again within {lease_s} s.",
        )
