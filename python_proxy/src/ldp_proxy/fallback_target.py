"""The function that answers where nobody is there, as the environment names it; pure.

It is a version or an alias of any function. Of the proxy's own function it may not be the version
that is running, since the proxy would then call itself (EXC-25); which version an alias leads to
only Lambda knows (`ldp_proxy.fallback`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ldp_proxy.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

FUNCTION: Final = "LAMBDA_PROXY_FALLBACK_FUNCTION"

# Lambda's own pattern for names (API reference, Invoke), of which an ARN may lack what comes
# before the account.
_TARGET: Final = re.compile(
    r"(?P<function>(?:(?:arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):)?[0-9]{12}:function:)?"
    r"(?P<name>[0-9A-Za-z_-]{1,64}))"
    r"(?::(?P<qualifier>\$?[0-9A-Za-z_.-]{1,128}))?"
)
_VERSION: Final = re.compile(r"[1-9][0-9]*")
_ALIAS: Final = re.compile(r"(?![0-9]+$)[0-9A-Za-z_-]+")
_EXAMPLE: Final = "such as orders:7 or orders:live"


class Running(NamedTuple):
    """The function whose place the proxy has taken.

    Attributes:
        name: Its name.
        version: The version that is running, or `$LATEST`.
        region: Its region.
    """

    name: str
    version: str
    region: str

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], region: str) -> Running:
        """What Lambda tells; an emulator that tells nothing runs no function of that name."""
        return cls(
            environment.get("AWS_LAMBDA_FUNCTION_NAME", ""),
            environment.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            environment.get("AWS_REGION", region),
        )


class Target(NamedTuple):
    """A version or an alias of a function, and who asks for it.

    Attributes:
        function: The function's name or ARN.
        qualifier: The version's number or the alias's name.
        region: The function's region.
        running: The proxy's own function and version.
    """

    function: str
    qualifier: str
    region: str
    running: Running

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.rpartition(":")[2]

    @property
    def is_alias(self) -> bool:
        """Whether the qualifier is an alias, whose version only Lambda knows."""
        return not _VERSION.fullmatch(self.qualifier)

    @property
    def is_own(self) -> bool:
        """Whether it is a version of the proxy's own function.

        A proxy does not know its account when it starts, so that a function of its own name in
        another account counts as its own.
        """
        return (self.name, self.region) == (self.running.name, self.running.region)

    def is_invoked_as(self, arn: str) -> bool:
        """Whether an invocation under this ARN was meant for the target: it would call itself."""
        return self.is_own and arn.endswith(f":{self.name}:{self.qualifier}")

    def __str__(self) -> str:
        """As it was configured."""
        return f"{self.function}:{self.qualifier}"


def parse_target(text: str, running: Running) -> Target:
    """Read the name of the fallback function.

    Args:
        text: Name or ARN, with a qualifier.
        running: The proxy's own function and version.

    Raises:
        ConfigError: It is no name of a function, names no version, or names the running one.
    """
    match = _TARGET.fullmatch(text)
    if match is None:
        raise ConfigError(
            FUNCTION,
            f"is {text!r}; it has to be the name or ARN of a version or an alias, {_EXAMPLE}.",
        )
    function, qualifier = match["function"], match["qualifier"] or ""
    if not (_VERSION.fullmatch(qualifier) or _ALIAS.fullmatch(qualifier)):
        raise ConfigError(
            FUNCTION,
            f"is {text!r}, which names no published version and no alias; append one, {_EXAMPLE}.",
        )
    target = Target(function, qualifier, match["region"] or running.region, running)
    if target.is_own and qualifier == running.version:
        raise ConfigError(FUNCTION, running_version(target))
    return target


def running_version(target: Target) -> str:
    """What is wrong with a target that leads to the running version."""
    return (
        f"is {str(target)!r}, which leads to the running version {target.running.version}: the "
        "proxy would call itself; name a version that holds the function's own code."
    )
