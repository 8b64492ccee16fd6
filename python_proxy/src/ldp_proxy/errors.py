"""What can keep a proxy from working at all.

    ProxyError               never raised itself; .hint says what to do next
    ├─ StartError            never raised itself; callers get `Proxy.Misconfigured` (ERR-8)
    │  ├─ ConfigError        a variable is missing or wrong; .variable names it
    │  └─ SdkError           the AWS SDK cannot be set up with what the environment says
    └─ RuntimeApiError       the Lambda Runtime API does not answer as it is documented to

    LambdaError              a call of the Lambda API failed; .hint, .transient, .may_have_run
    ├─ FunctionMissing       no such function, version or alias
    ├─ LambdaDenied          the proxy's role may not do this
    ├─ LambdaCredentialsError   the role's credentials are no longer valid
    ├─ LambdaThrottled       as many run as may                 (transient)
    └─ LambdaUnreachable     no answer of Lambda's came in time (transient)

What goes wrong with one invocation is no exception but an outcome: a typed error for its caller
(`ldp_wire.failures`).
"""

from __future__ import annotations

from ldp_queues.errors import QueueCredentialsError, ServiceError


class ProxyError(Exception):
    """The root of this package's errors; never raised itself.

    Attributes:
        hint: What to do next, a sentence for a person.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class StartError(ProxyError):
    """The proxy cannot start; its message is fit for a caller."""


class ConfigError(StartError):
    """A variable of the function's environment is missing or wrong.

    The message is one sentence that names the variable and says what it has to be.

    Attributes:
        variable: Its name.
    """

    def __init__(self, variable: str, problem: str) -> None:
        hint = f"Correct {variable} in the function's configuration."
        super().__init__(f"{variable} {problem}", hint=hint)
        self.variable = variable


class SdkError(StartError):
    """The AWS SDK cannot be set up: an endpoint, a region or a profile is wrong."""

    def __init__(self, reason: str, *, hint: str) -> None:
        super().__init__(f"{reason}. {hint}", hint=hint)


class RuntimeApiError(ProxyError):
    """The Runtime API cannot be used; a runtime can only end then, and Lambda starts another."""

    def __init__(self, message: str) -> None:
        hint = "Lambda replaces the execution environment; if it happens again, look at its logs."
        super().__init__(message, hint=hint)


class LambdaError(ServiceError):
    """A call of the Lambda API failed, for the fallback function's sake.

    Attributes:
        may_have_run: Whether the function may have been invoked all the same.
    """

    may_have_run = False
    hint = "Read what Lambda answered, and check the fallback function by invoking it yourself."


class FunctionMissing(LambdaError):  # noqa: N818 - the names say what happened, as Lambda's do
    """There is no such function, version or alias in this region."""

    hint = "Check LAMBDA_PROXY_FALLBACK_FUNCTION, and that the version or alias still exists."


class LambdaDenied(LambdaError):  # noqa: N818 - as above
    """The proxy's role may not do this."""

    hint = (
        "Allow lambda:InvokeFunction, lambda:GetAlias and lambda:GetFunctionConcurrency on the "
        "function to the proxy's role."
    )


class LambdaCredentialsError(LambdaError):
    """There are no usable AWS credentials, or they have expired."""

    hint = QueueCredentialsError.hint


class LambdaThrottled(LambdaError):  # noqa: N818 - as above
    """Lambda asks for fewer calls, or as many invocations run as may."""

    transient = True
    hint = (
        "The fallback function needs a place of its own beside every proxy that waits: raise or "
        "remove the function's reserved concurrency, or the account's limit."
    )


class LambdaUnreachable(LambdaError):  # noqa: N818 - as above
    """No answer of Lambda's came: no connection, a time limit, a server error."""

    transient = True
    may_have_run = True
    hint = (
        "Check the fallback function and how long it takes, and the network: in a VPC, Lambda "
        "needs a NAT gateway or an interface endpoint. Where they are set, check "
        "AWS_ENDPOINT_URL_LAMBDA and AWS_ENDPOINT_URL."
    )
