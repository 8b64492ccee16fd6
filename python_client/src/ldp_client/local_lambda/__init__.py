"""A Lambda function on this machine: the service's rules around a function's real zip.

For demos and tests of the proxy, and for whoever wants to see what the service would say. POSIX
only.
"""

from __future__ import annotations

from ldp_client.local_lambda.aliases import Alias
from ldp_client.local_lambda.endpoint import InvokeEndpoint
from ldp_client.local_lambda.errors import (
    AliasNotFound,
    EntryUnavailable,
    FunctionClosed,
    FunctionNotFound,
    InvalidParameterValue,
    InvalidRequestContent,
    InvokeRefused,
    LocalLambdaError,
    PackageUnusable,
    RequestTooLarge,
    SettingsError,
    TooManyRequests,
    UnknownOperation,
)
from ldp_client.local_lambda.function import LocalLambda
from ldp_client.local_lambda.invoke import InvocationType, InvokeOptions, InvokeResult
from ldp_client.local_lambda.logs import LogFile
from ldp_client.local_lambda.serve import Served, serve
from ldp_client.local_lambda.settings import Entry, FunctionSettings
from ldp_client.local_lambda.version import Package
from ldp_client.sandboxes.process import LogSink

__all__ = [
    "Alias",
    "AliasNotFound",
    "Entry",
    "EntryUnavailable",
    "FunctionClosed",
    "FunctionNotFound",
    "FunctionSettings",
    "InvalidParameterValue",
    "InvalidRequestContent",
    "InvocationType",
    "InvokeEndpoint",
    "InvokeOptions",
    "InvokeRefused",
    "InvokeResult",
    "LocalLambda",
    "LocalLambdaError",
    "LogFile",
    "LogSink",
    "Package",
    "PackageUnusable",
    "RequestTooLarge",
    "Served",
    "SettingsError",
    "TooManyRequests",
    "UnknownOperation",
    "serve",
]
