"""What can keep a proxy from working at all.

    ProxyError               never raised itself; .hint says what to do next
    ├─ StartError            never raised itself; callers get `Proxy.Misconfigured` (ERR-8)
    │  ├─ ConfigError        a variable is missing or wrong; .variable names it
    │  └─ SdkError           the AWS SDK cannot be set up with what the environment says
    └─ RuntimeApiError       the Lambda Runtime API does not answer as it is documented to

What goes wrong with one invocation is no exception but an outcome: a typed error for its caller
(`ldp_wire.failures`).
"""

from __future__ import annotations


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
