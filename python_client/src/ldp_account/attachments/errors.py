"""What keeps a function from being attached or detached, each with what to do about it.

```
AccountError                 of `ldp_account.errors`
├─ NoSuchFunction            there is no such function, or no such alias
├─ NotSettled                its last change failed, or does not end
├─ VariablesHidden           its variables are encrypted, and may not be read
├─ StackUnfit                the stack has no bucket, no queues, or other replies than are needed
├─ AttachedByOther           somebody else attached it; .by
├─ AttachedOtherwise         it is attached, with other options
├─ ChangedMeanwhile          what attach changed was changed by somebody else; .changes
└─ Unattachable              never raised itself; attach refuses, nothing was changed
   ├─ ContainerImage         its code is an image
   ├─ EdgeFunction           it runs at CloudFront's edge
   ├─ SignedCode             it takes signed code only
   ├─ Provisioned            environments are provisioned for it
   ├─ SnapStarted            its published versions start from snapshots
   ├─ HasFileSystem          it mounts a file system
   ├─ NoWayToQueues          its VPC has no way to SQS, or none that can be seen
   ├─ NotRestorable          it is durable, runs on instances of its own, or its runtime is pinned
   ├─ TooManyVariables       its variables and the proxy's exceed Lambda's limit
   ├─ TooLittleConcurrency   it may not run while the proxy runs, which fallback needs
   ├─ Bypassed               there are ways in that do not reach the proxy; .ways
   └─ Production             it, or its account, is said to be production
```
"""

# ruff: noqa: N818 - the tree's names say the state of affairs

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ldp_account.errors import AccountError

if TYPE_CHECKING:
    from collections.abc import Sequence


class NoSuchFunction(AccountError):
    """There is no function, or no alias of it, with that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no function {name} in this account and region.",
            hint="`aws lambda list-functions` names those that there are; see --region, --profile.",
        )


class NotSettled(AccountError):
    """A change of the function's failed, or goes on for too long."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__(
            f"{name} is not in order: {state}.",
            hint="Look at it in the console, mend what Lambda says, and run it again.",
        )


class VariablesHidden(AccountError):
    """Lambda tells no variables whose key the caller may not use: they would be lost."""

    def __init__(self, name: str, key: str, why: str) -> None:
        super().__init__(
            f"The variables of {name} cannot be read: {why}",
            hint=f"Allow kms:Decrypt with {key or 'their key'} to yourself.",
        )


class StackUnfit(AccountError):
    """The stack is not what attaching needs."""

    def __init__(self, stack: str, why: str, hint: str) -> None:
        super().__init__(f"The stack {stack} {why}.", hint=hint)


class AttachedByOther(AccountError):
    """Somebody else attached it, and may be at work with it.

    Attributes:
        by: Who, as the function's tags say.
    """

    def __init__(self, name: str, by: str, since: str) -> None:
        super().__init__(
            f"{name} is attached since {since} by somebody else: {by}.",
            hint=f"Ask them to `lambda-debug detach {name}`; you may do so yourself.",
        )
        self.by = by


class AttachedOtherwise(AccountError):
    """It is attached already, and what is asked now is something else."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is attached already, with other options: nothing was changed.",
            hint=f"`lambda-debug detach {name}` first, or give the options of then.",
        )


class ChangedMeanwhile(AccountError):
    """Somebody changed, while it was attached, what attach had changed.

    Attributes:
        changes: What, a line for each.
    """

    def __init__(self, name: str, changes: Sequence[str]) -> None:
        lines = "".join(f"\n  {change}" for change in changes)
        super().__init__(
            f"{name} was changed since it was attached, and nothing was changed now:{lines}",
            hint="Keep a note of it, and detach with --overwrite, which restores what there was.",
        )
        self.changes = tuple(changes)


class Unattachable(AccountError):
    """The function cannot be attached; nothing was changed."""

    why: ClassVar[str]
    advice: ClassVar[str] = "Debug a copy of it, without this."

    def __init__(self, name: str, more: str = "") -> None:
        super().__init__(f"{name} cannot be attached: {self.why}{more}.", hint=self.advice)


class ContainerImage(Unattachable):
    """An image's function cannot be given a zip."""

    why = "its code is a container image"
    advice = "Debug a copy of it that is deployed as a zip, or deploy the proxy beside it."


class EdgeFunction(Unattachable):
    """CloudFront runs copies of it elsewhere, for 30 seconds at most, without variables."""

    why = "CloudFront runs copies of it at its edge (Lambda@Edge), which have no variables"
    advice = "Debug a copy of it that no distribution uses."


class SignedCode(Unattachable):
    """The proxy's zip is signed by none of the publishers that it trusts."""

    why = "a code-signing configuration says whose code it takes"
    advice = "Debug a copy of it without that configuration."


class Provisioned(Unattachable):
    """Provisioned environments belong to a version, and cost money for a proxy too."""

    why = "environments are provisioned for "
    advice = "Delete that configuration for the time, or debug a copy."


class SnapStarted(Unattachable):
    """A snapshot is taken of every version that is published."""

    why = "SnapStart is on"


class HasFileSystem(Unattachable):
    """The proxy would wait for its mount, and fail with it."""

    why = "it mounts a file system"


class NoWayToQueues(Unattachable):
    """The proxy in that VPC could not send an event."""

    why = "it runs in a VPC without a way to SQS: "
    advice = "Give the VPC an interface endpoint for SQS, or debug a copy outside of it."


class NotRestorable(Unattachable):
    """It has something that could not be made as it was."""

    why = "afterwards this could not be made as it is now: "


class TooManyVariables(Unattachable):
    """Lambda takes 4 KB of variables, names and values."""

    why = "with the proxy's, its variables have more than 4,096 bytes: "
    advice = "Take away what it does not need, or debug a copy."


class TooLittleConcurrency(Unattachable):
    """The reservation covers all versions: the proxy would take what the fallback needs."""

    why = "fallback needs a reserved concurrency of at least 2, or none; it is "
    advice = "Raise it or take it away, or leave out --when-absent fallback."


class Bypassed(Unattachable):
    """Some events go to a version, or to an alias of one, and would not reach the proxy.

    Attributes:
        ways: The ways in.
    """

    why = "these ways in do not reach the proxy"
    advice = "Name the alias with --alias, or leave them as they are with --latest-only."

    def __init__(self, name: str, ways: Sequence[str]) -> None:
        super().__init__(name, ":" + "".join(f"\n  {way}" for way in ways))
        self.ways = tuple(ways)


class Production(Unattachable):
    """Whoever calls it would wait for a person."""

    why = "it looks like production: "
    advice = "--i-know-this-is-production attaches it all the same."
