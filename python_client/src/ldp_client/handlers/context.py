"""The context object that a handler receives: names, types and texts of awslambdaric 4.2.2's.

The one difference is where the function's name, version, memory and log names come from: there
from the process's environment, here from the invocation, since one client may serve several
functions one after the other.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from ldp_client.handlers.faults import Fault, FaultType

if TYPE_CHECKING:
    from ldp_client.handlers.invocation import Invocation

_W3C_FIELDS = ("traceparent", "tracestate", "baggage")
_MS_PER_S = 1000


class _Members:
    """A fixed set of members, filled from a JSON object; those that it lacks are None."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, members: Any) -> None:
        for name in self.__slots__:
            setattr(self, name, members.get(name))

    def __repr__(self) -> str:
        return _repr(self, self.__slots__)


class CognitoIdentity(_Members):
    """Who called, as far as Amazon Cognito knows."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")
    cognito_identity_id: Any
    cognito_identity_pool_id: Any


class Client(_Members):
    """The mobile application that called."""

    __slots__ = (
        "app_package_name",
        "app_title",
        "app_version_code",
        "app_version_name",
        "installation_id",
    )
    app_package_name: Any
    app_title: Any
    app_version_code: Any
    app_version_name: Any
    installation_id: Any

    def __repr__(self) -> str:
        order = ("installation_id", "app_title", "app_version_name", "app_version_code")
        return _repr(self, (*order, "app_package_name"))


class ClientContext(_Members):
    """What the caller sent along as client context; other top-level members are dropped."""

    __slots__ = ("client", "custom", "env")
    client: Any
    custom: Any
    env: Any

    def __repr__(self) -> str:
        return _repr(self, ("custom", "env", "client"))


class LambdaContext:
    """What a handler gets as its second argument.

    Attributes:
        aws_request_id: Lambda's request ID.
        log_group_name: The proxy's log group.
        log_stream_name: The log stream of the proxy's environment.
        function_name: The function's name.
        memory_limit_in_mb: The configured memory in MiB, a text.
        function_version: `$LATEST` or a published version.
        invoked_function_arn: The ARN that the caller named.
        tenant_id: The tenant of a tenant-isolated function, or None.
        client_context: What the caller sent along, or None.
        identity: Always an object; its members are None unless Cognito authenticated the caller.
    """

    aws_request_id: str
    log_group_name: str | None
    log_stream_name: str | None
    function_name: str | None
    memory_limit_in_mb: str | None
    function_version: str | None
    invoked_function_arn: str | None
    tenant_id: str | None
    client_context: ClientContext | None
    identity: CognitoIdentity

    def __init__(self, invocation: Invocation) -> None:
        """Build the context of an invocation.

        Raises:
            Fault: The client context or the identity is no JSON.
        """
        client_context = _parse(invocation.client_context, "Client Context")
        identity = _parse(invocation.cognito_identity, "Cognito Identity")
        self.aws_request_id = invocation.request_id
        self._copy_function(invocation)
        self.invoked_function_arn = invocation.invoked_function_arn
        self.tenant_id = invocation.tenant_id
        self._w3c_fields = _take_w3c(client_context)
        self.client_context = _client_context(client_context)
        self.identity = _identity(identity)
        self._epoch_deadline_time_in_ms = invocation.deadline_ms

    def get_remaining_time_in_millis(self) -> int:
        """The time until Lambda ends the invocation in AWS, in milliseconds, 0 or more.

        It goes on running while the handler stands at a breakpoint: so does Lambda's clock.
        """
        now_ms = int(time.time() * _MS_PER_S)
        return max(0, self._epoch_deadline_time_in_ms - now_ms)

    def w3c(self) -> dict[str, str]:
        """The W3C trace context that the caller sent along: a new dict at each call."""
        return dict(self._w3c_fields)

    def log(self, msg: object) -> None:
        """Write a message to standard output as it is, without a line end.

        In Lambda it goes where the logging handler of the runtime writes, which is there too.
        """
        for handler in logging.getLogger().handlers:
            sink = getattr(handler, "log_sink", None)
            if sink is not None:
                sink.log(str(msg))
                return
        sys.stdout.write(str(msg))
        sys.stdout.flush()

    def __repr__(self) -> str:
        names = (
            "aws_request_id",
            "log_group_name",
            "log_stream_name",
            "function_name",
            "memory_limit_in_mb",
            "function_version",
            "invoked_function_arn",
            "client_context",
            "identity",
            "tenant_id",
        )
        return _repr(self, names)

    def _copy_function(self, invocation: Invocation) -> None:
        function = invocation.function
        self.log_group_name = _or_variable(function.log_group_name, "LOG_GROUP_NAME")
        self.log_stream_name = _or_variable(function.log_stream_name, "LOG_STREAM_NAME")
        self.function_name = _or_variable(function.name, "FUNCTION_NAME")
        self.memory_limit_in_mb = _or_variable(function.memory_limit_in_mb, "FUNCTION_MEMORY_SIZE")
        self.function_version = _or_variable(function.version, "FUNCTION_VERSION")


def _or_variable(value: str | None, variable: str) -> str | None:
    return os.environ.get(f"AWS_LAMBDA_{variable}") if value is None else value


def _parse(text: str | None, name: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        message = f"Unable to parse {name} JSON: {exc}"
        raise Fault(FaultType.CONTEXT, message) from exc


def _take_w3c(client_context: Any) -> dict[str, str]:
    if not isinstance(client_context, dict):
        return {}
    fields = client_context.pop("w3c", None)
    if not isinstance(fields, dict):
        return {}
    return {name: fields[name] for name in _W3C_FIELDS if isinstance(fields.get(name), str)}


def _client_context(members: Any) -> ClientContext | None:
    if members is None:
        return None
    context = ClientContext(members)
    if context.client is not None:
        context.client = Client(context.client)
    return context


def _identity(members: Any) -> CognitoIdentity:
    if members is None:
        return CognitoIdentity({})
    return CognitoIdentity(
        {
            "cognito_identity_id": members.get("cognitoIdentityId"),
            "cognito_identity_pool_id": members.get("cognitoIdentityPoolId"),
        }
    )


def _repr(thing: object, names: tuple[str, ...]) -> str:
    members = ",".join(f"{name}={getattr(thing, name)}" for name in names)
    return f"{type(thing).__name__}([{members}])"
