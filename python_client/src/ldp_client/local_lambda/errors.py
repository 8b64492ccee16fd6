"""What the local Lambda refuses, and why.

```
LocalLambdaError                 never raised itself; .hint says what to do next
├─ SettingsError                 a setting that Lambda would not accept either
├─ PackageUnusable               the zip cannot be read or lacks what the entry needs
├─ EntryUnavailable              the interpreter cannot run the entry
└─ InvokeRefused                 the service's answer to a call; .status, .code, .reason
   ├─ InvalidRequestContent      400  the event is no JSON
   ├─ InvalidParameterValue      400  a header or argument is wrong
   ├─ FunctionNotFound           404  another function's or version's name
   ├─ AliasNotFound              404  another alias's name
   ├─ UnknownOperation           404  a call that the local Lambda does not serve
   ├─ RequestTooLarge            413  the event exceeds the limit
   ├─ TooManyRequests            429  as many run as are reserved
   └─ FunctionClosed             500  the local Lambda is shutting down
```
A function that fails is no exception: it is an `InvokeResult` with `function_error`.
"""

from __future__ import annotations

from typing import ClassVar


class LocalLambdaError(Exception):
    """The local Lambda cannot do what it was asked.

    Attributes:
        hint: What to do next, one sentence for a person.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(LocalLambdaError):
    """A setting is out of its range."""


class PackageUnusable(LocalLambdaError):  # noqa: N818 - the tree's names say the state of affairs
    """The function's zip cannot be used."""


class EntryUnavailable(LocalLambdaError):  # noqa: N818 - as above
    """The interpreter cannot run the entry that was asked for."""


class InvokeRefused(LocalLambdaError):  # noqa: N818 - as above
    """The service's refusal; the function was not run.

    Attributes:
        status: The HTTP status.
        code: The name of AWS's exception, as SDKs report it.
        reason: AWS's `Reason` member, or "".
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "ServiceException"

    def __init__(self, message: str, *, hint: str, reason: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class InvalidRequestContent(InvokeRefused):
    """The event is no JSON document in UTF-8."""

    status, code = 400, "InvalidRequestContentException"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Could not parse request body into json: {reason}",
            hint="Send one JSON value in UTF-8 as the payload.",
        )


class InvalidParameterValue(InvokeRefused):
    """A header or argument of the invoke has a value that Lambda refuses."""

    status, code = 400, "InvalidParameterValueException"

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name} is invalid: expected {expected}.", hint=f"Correct {name}.")


class FunctionNotFound(InvokeRefused):
    """No function, version or alias of this name is hosted here."""

    status, code = 404, "ResourceNotFoundException"

    def __init__(self, asked: str, hosted: str) -> None:
        super().__init__(f"Function not found: {asked}", hint=f"What is here is {hosted}.")


class AliasNotFound(InvokeRefused):
    """The function has no such alias."""

    status, code = 404, "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Cannot find alias arn: {arn}", hint="Set the alias first.")


class UnknownOperation(InvokeRefused):
    """The local Lambda serves three operations, and this is none of them."""

    status, code = 404, "UnknownOperationException"

    def __init__(self, method: str, path: str) -> None:
        super().__init__(
            f"Unknown operation: {method} {path}",
            hint="POST to /2015-03-31/functions/NAME/invocations.",
        )


class RequestTooLarge(InvokeRefused):
    """The event exceeds what Lambda takes for this invocation type."""

    status, code = 413, "RequestTooLargeException"

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(
            f"Request must be smaller than {limit_bytes} bytes for the InvokeFunction operation",
            hint=f"The event has {size_bytes} bytes; send a smaller one.",
        )


class TooManyRequests(InvokeRefused):
    """As many invocations run as are reserved for all versions together."""

    status, code = 429, "TooManyRequestsException"

    def __init__(self) -> None:
        super().__init__(
            "Rate Exceeded.",
            hint="Wait for a running invocation to end, or raise the reserved concurrency.",
            reason="ReservedFunctionConcurrentInvocationLimitExceeded",
        )


class FunctionClosed(InvokeRefused):
    """The local Lambda is shutting down."""

    def __init__(self) -> None:
        super().__init__("The function is shutting down.", hint="Start the local Lambda again.")
