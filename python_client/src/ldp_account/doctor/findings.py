"""What an examination can find."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.aws import Aws, Identity
    from ldp_account.stacks import Stack


class State(Enum):
    """How something is."""

    GOOD = "good"
    WRONG = "wrong"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: How it is.
        what: What was seen, a line for a person.
        command: The line for a shell that mends it; None if it is good, or no command does.
    """

    state: State
    what: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found of one thing.

    Attributes:
        name: Of what.
        findings: Each thing that was looked at.
    """

    name: str
    findings: tuple[Finding, ...]

    @property
    def state(self) -> State:
        """Wrong if anything is, else not known if anything is not."""
        states = {finding.state for finding in self.findings}
        return next((s for s in (State.WRONG, State.UNKNOWN) if s in states), State.GOOD)


class Commands(Protocol):
    """Command lines for the account and the stack that are examined."""

    def command(self, verb: str, *arguments: str) -> str:
        """A command of `lambda-debug`."""

    def deploying(self, parameters: Mapping[str, str]) -> str:
        """The command that makes a stack with these parameters."""

    def aws(self, *words: str) -> str:
        """A command of the AWS command line."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined.

    Attributes:
        aws: The way to the account.
        identity: Who asks.
        commands: How commands are written that mend.
        stack: The stack; None if there is none, or it may not be asked for.
        given: The variables of this shell that the client reads.
        expected: Those that the stack tells; empty without one.
    """

    aws: Aws
    identity: Identity
    commands: Commands
    stack: Stack | None
    given: Mapping[str, str]
    expected: Mapping[str, str]

    @property
    def deploy(self) -> str:
        """The command that makes the stack, or makes it what it is said to be."""
        return self.commands.deploying({} if self.stack is None else self.stack.parameters)

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables that the client goes by: this shell's, else the stack's."""
        return self.given if REQUESTS in self.given else self.expected


REQUESTS = "LAMBDA_PROXY_REQ_QUEUE_URL"
REPLIES = "LAMBDA_PROXY_RESP_QUEUE_URL"
BUCKET = "LAMBDA_PROXY_PAYLOAD_BUCKET"
MODE = "LAMBDA_PROXY_MODE"
REPLY = "LAMBDA_PROXY_REPLY"
NAMES = (REQUESTS, REPLIES, BUCKET, MODE, REPLY)
"""The variables on which client and proxy have to agree."""


def good(what: str) -> Finding:
    """It is as it should be."""
    return Finding(State.GOOD, what)


def wrong(what: str, command: str | None = None) -> Finding:
    """It is not, and this mends it."""
    return Finding(State.WRONG, what, command)


def unknown(what: str, command: str | None = None) -> Finding:
    """It cannot be found out, and this would help."""
    return Finding(State.UNKNOWN, what, command)
