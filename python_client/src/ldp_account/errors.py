"""What keeps a stack from being made, changed or deleted, each with what to do about it.

Those of attaching a function are in `ldp_account.attachments.errors`.

```
AccountError              never raised itself; .hint
├─ BadOption              an option has a wrong value, or does not go with another
├─ NoCredentials          there are no credentials
├─ LoginExpired           there were, and they are no longer valid
├─ NoSuchProfile          the profile that is named does not exist
├─ NoRegion               no region is known
├─ AccessDenied           the identity may not do this; .action, .resource
├─ Unreachable            no answer came
├─ CallRefused            a service refused a call, for a reason of its own; .code
├─ ForeignStack           a stack of that name exists and is somebody else's
├─ StuckStack             the stack is in a state from which it can only be deleted; .status
├─ StackFailed            CloudFormation gave up; .reasons
├─ NothingToReserve       the account has no concurrency left to reserve
├─ BucketInUse            the bucket holds what is not the deployment's
├─ SomethingLeft          after deleting, something is still there
├─ StillPurging           SQS is emptying the queue for somebody, and takes no second order; .url
└─ RecordDamaged          what is remembered of an attached function is gone, or not what it was
```
"""

# ruff: noqa: N818 - the tree's names say the state of affairs

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class AccountError(Exception):
    """Something in the account cannot be done; never raised itself.

    Attributes:
        hint: What to do next, one or two sentences for a person.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class BadOption(AccountError):
    """An option has a value that the template does not take, or has no effect without another."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="`lambda-debug deploy --help` names the options.")


class NoCredentials(AccountError):
    """The SDK's chain of credentials came to its end."""

    def __init__(self) -> None:
        super().__init__(
            "There are no AWS credentials.",
            hint="Log in (`aws sso login`, `aws configure`), or name a profile with --profile.",
        )


class LoginExpired(AccountError):
    """The credentials, or the session that they are made from, are no longer valid."""

    def __init__(self, profile: str | None, what: str) -> None:
        login = "aws sso login" if profile is None else f"aws sso login --profile {profile}"
        super().__init__(
            f"The AWS credentials are not valid, or not any more: {what}",
            hint=f"Log in again (`{login}`), or set new keys.",
        )


class NoSuchProfile(AccountError):
    """No file of the AWS configuration has a profile of that name."""

    def __init__(self, profile: str) -> None:
        super().__init__(
            f"There is no AWS profile {profile!r}.",
            hint="`aws configure list-profiles` names those that there are.",
        )


class NoRegion(AccountError):
    """Neither the command line, nor the environment, nor the profile names a region."""

    def __init__(self) -> None:
        super().__init__(
            "No AWS region is known.",
            hint="Name one with --region, or set AWS_REGION.",
        )


class AccessDenied(AccountError):
    """The credentials are valid, and not allowed to do this.

    Attributes:
        action: The IAM action, as in `sqs:CreateQueue`.
        resource: The ARN that it was refused on, or what AWS named instead; "" if nothing.
    """

    def __init__(self, action: str, resource: str, who: str) -> None:
        on = f" on {resource}" if resource else ""
        super().__init__(
            f"{who or 'This identity'} may not do {action}{on}.",
            hint=f"Allow {action}{on} to it, or log in as somebody who may.",
        )
        self.action = action
        self.resource = resource


class Unreachable(AccountError):
    """No answer of AWS's came: no connection, or a time limit."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"AWS does not answer: {what}",
            hint="Check the network, HTTPS_PROXY and AWS_ENDPOINT_URL. It is safe to run it again.",
        )


class CallRefused(AccountError):
    """A service refused a call, for a reason that has no error of its own here.

    Attributes:
        code: The service's code of it.
    """

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(
            f"AWS refused {operation}: {message} ({code})",
            hint="Mend what it names, and run it again, which goes on where this ended.",
        )
        self.code = code


class ForeignStack(AccountError):
    """A stack of that name exists which was not made by `lambda-debug deploy`."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The stack {name} exists, and lambda-debug did not make it: nothing was changed.",
            hint="Choose another name with --stack.",
        )


class StuckStack(AccountError):
    """The stack is in a state from which CloudFormation only lets it be deleted.

    Attributes:
        status: CloudFormation's word for it.
    """

    def __init__(self, name: str, status: str) -> None:
        super().__init__(
            f"The stack {name} is in the state {status}, in which it can only be deleted.",
            hint=f"`lambda-debug destroy --stack {name}` deletes it; then deploy again.",
        )
        self.status = status


class StackFailed(AccountError):
    """CloudFormation could not make, change or delete something, and gave up.

    Attributes:
        reasons: What it said of each resource that failed.
    """

    def __init__(self, name: str, status: str, reasons: Sequence[str]) -> None:
        said = "".join(f"\n  {reason}" for reason in reasons)
        super().__init__(
            f"CloudFormation gave up on the stack {name} ({status}).{said}",
            hint="Mend what it names, and run the same command again.",
        )
        self.reasons = tuple(reasons)


class NothingToReserve(AccountError):
    """One event at a time takes a reserved concurrency of 1, which the account cannot spare."""

    def __init__(self, quota: int, unreserved: int) -> None:
        super().__init__(
            "With shared replies the function needs a reserved concurrency of 1, and the account "
            f"has none to spare: {unreserved} of its {quota} are unreserved, and Lambda keeps them "
            "so. Nothing was changed.",
            hint="Deploy the stack with --reply dedicated, which reserves nothing; or ask for more "
            "(`aws service-quotas request-service-quota-increase --service-code lambda "
            "--quota-code L-B99A9384 --desired-value 1000`).",
        )


class BucketInUse(AccountError):
    """The bucket holds objects that no deployment put there, and that nothing else has."""

    def __init__(self, bucket: str, count: int, prefix: str) -> None:
        super().__init__(
            f"The bucket {bucket} holds {count} objects under {prefix}, which are no part of the "
            "deployment: nothing was deleted.",
            hint="Give back the functions that are attached with it (`lambda-debug detach --all`, "
            "with the same --stack), or move the objects elsewhere "
            f"(`aws s3 mv --recursive s3://{bucket}/{prefix} …`), and run it again.",
        )


class SomethingLeft(AccountError):
    """CloudFormation says that the stack is gone, but not all that it had made."""

    def __init__(self, left: Sequence[str]) -> None:
        super().__init__(
            f"The stack is gone, and this is left of it: {', '.join(left)}.",
            hint="Delete it in the console or with the AWS command line.",
        )


class StillPurging(AccountError):
    """SQS takes an order to purge a queue once in 60 s, and has one already.

    Attributes:
        url: The queue's.
    """

    def __init__(self, url: str) -> None:
        super().__init__(
            f"SQS is still emptying {url} for somebody, and takes no second order meanwhile.",
            hint="Run it again in a minute.",
        )
        self.url = url


class RecordDamaged(AccountError):
    """What attach remembered of a function cannot be restored from."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(
            f"The record {key} of the attached function is of no use: {why}. Nothing was changed.",
            hint="Name the stack that it was attached with, if that is another; or deploy the "
            "function again from its sources, and take its lambda-debug tags away.",
        )
