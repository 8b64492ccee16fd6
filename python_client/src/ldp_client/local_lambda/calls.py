"""Which of Lambda's operations an HTTP request asks for; pure.

Functions are found by name, by ARN and by the ARN's end that begins with the account, each with
or without a qualifier, as everywhere in Lambda.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from ldp_client.local_lambda.errors import InvalidParameterValue, UnknownOperation

_PATHS: Final = {
    "Invoke": re.compile(r"POST /2015-03-31/functions/([^/]+)/invocations/?"),
    "GetAlias": re.compile(r"GET /2015-03-31/functions/([^/]+)/aliases/([^/]+)"),
    "GetFunctionConcurrency": re.compile(r"GET /2019-09-30/functions/([^/]+)/concurrency"),
}
_FUNCTION: Final = re.compile(
    r"(?:(?:arn:aws[\w-]*:lambda:[\w-]+:)?\d{12}:function:)?"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>[\w$-]+))?"
)


@dataclass(frozen=True, slots=True)
class Target:
    """The function that an operation is about.

    Attributes:
        asked: As the caller named it.
        name: Its name, or "" where what was asked is no name.
        qualifier: A version or an alias, or None.
    """

    asked: str
    name: str
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Invoke:
    """POST /2015-03-31/functions/NAME/invocations?Qualifier=QUALIFIER."""

    target: Target


@dataclass(frozen=True, slots=True)
class GetAlias:
    """GET /2015-03-31/functions/NAME/aliases/ALIAS."""

    target: Target
    alias: str


@dataclass(frozen=True, slots=True)
class GetFunctionConcurrency:
    """GET /2019-09-30/functions/NAME/concurrency."""

    target: Target


Call: TypeAlias = Invoke | GetAlias | GetFunctionConcurrency


def parse_call(method: str, request_target: str) -> Call:
    """The operation that a request asks for.

    Args:
        method: The HTTP method.
        request_target: Path and query as sent.

    Raises:
        UnknownOperation: None of those that are served.
        InvalidParameterValue: A qualifier where the operation takes none, or two of them.
    """
    url = urlsplit(request_target)
    for operation, path in _PATHS.items():
        if match := path.fullmatch(f"{method} {url.path}"):
            function, *others = map(unquote, match.groups())
            target = _target(function, parse_qs(url.query).get("Qualifier", []))
            if operation == "Invoke":
                return Invoke(target)
            if target.qualifier is not None:
                raise InvalidParameterValue("FunctionName", "a function without a qualifier")
            return GetAlias(target, *others) if others else GetFunctionConcurrency(target)
    raise UnknownOperation(method, url.path)


def _target(asked: str, named: list[str]) -> Target:
    function = _FUNCTION.fullmatch(asked)
    if function is None:
        return Target(asked, "")
    qualifiers = {*named, function["qualifier"]} - {None}
    if len(qualifiers) > 1:
        raise InvalidParameterValue("Qualifier", "the one in the function's name, or none there")
    return Target(asked, function["name"], next(iter(qualifiers), None))
