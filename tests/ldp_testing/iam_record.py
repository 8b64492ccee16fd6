"""What a process asks of AWS, written down by the SDK itself as it asks.

It is a plugin of botocore's, which its clients load by the variables of `IamRecord.environment`:
so real processes are recorded, under whatever program, and nothing of theirs is replaced. One
record is one principal's. It imports the standard library only, since it is loaded in functions.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.limits import WAIT_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLUGINS: Final = "BOTOCORE_EXPERIMENTAL__PLUGINS"
_VARIABLE: Final = "LDP_TESTING_IAM_RECORD"
_KEY: Final = "ldp-testing-iam-record"
#: The parameters that name what an operation is about.
_NAMING: Final = (
    "QueueUrl",
    "PolicySourceArn",
    "QueueName",
    "QueueNamePrefix",
    "Bucket",
    "Key",
    "FunctionName",
    "Qualifier",
    "Resource",
    "RoleName",
    "S3Bucket",
    "S3Key",
    "StackName",
)
#: What is in the user agent of clients that only look on for a test, and that nobody records.
ONLOOKER: Final = "ldp-testing-onlooker"


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of the SDK's.

    Attributes:
        service: botocore's name of the service.
        operation: The operation's name.
        named: The parameters that name what it is about.
        given: The names of all its parameters.
    """

    service: str
    operation: str
    named: Mapping[str, str]
    given: frozenset[str]


class IamRecord:
    """The calls of all processes that were started with its environment.

    Args:
        path: The file that they write to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def environment(self) -> dict[str, str]:
        """The variables that make a process's SDK write down what it asks."""
        return {
            _PLUGINS: f"record={__name__}",
            "PYTHONPATH": str(Path(__file__).parents[1]),
            _VARIABLE: str(self._path),
        }

    def asked(self) -> list[Asked]:
        """All calls so far, in order."""
        if not self._path.exists():
            return []
        lines = map(json.loads, self._path.read_text(encoding="utf-8").splitlines())
        return [
            Asked(line["service"], line["operation"], line["named"], frozenset(line["given"]))
            for line in lines
        ]

    def operations(self) -> list[str]:
        """The names of all operations so far, in order."""
        return [asked.operation for asked in self.asked()]

    def wait_for(self, operation: str) -> None:
        """Return when an operation was asked for.

        Raises:
            TimeoutError: It was not, in time.
        """
        until_s, glance = time.monotonic() + WAIT_LIMIT_S, threading.Event()
        while operation not in self.operations():
            if time.monotonic() > until_s:
                raise TimeoutError(f"no {operation}, only {sorted(set(self.operations()))}")
            glance.wait(0.05)


def unrecorded(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that is another principal, whom nobody records."""
    return {name: value for name, value in environment.items() if name != _PLUGINS}


def initialize_client_plugin(client: Any) -> None:
    """Record what a client asks; botocore calls it for each that it makes."""
    if ONLOOKER in (client.meta.config.user_agent_extra or ""):
        return
    client.meta.events.register("before-parameter-build", _keep)
    client.meta.events.register("before-call", _write)


def _keep(params: Mapping[str, Any], context: dict[str, object], **_: object) -> None:
    """Keep the parameters as they were given, which the request has in its service's own form."""
    named = {name: params[name] for name in _NAMING if name in params}
    if "Delete" in params:
        keys = [one["Key"] for one in params["Delete"]["Objects"]]
        named["Key"] = f"{os.path.commonprefix(keys)}*"  # noqa: RUF071 - keys are no paths
    context[_KEY] = {"named": named, "given": sorted(params)}


def _write(model: Any, context: Mapping[str, Any], **_: object) -> None:
    service, operation = model.service_model.service_name, model.name
    line = json.dumps({"service": service, "operation": operation, **context[_KEY]}) + "\n"
    descriptor = os.open(os.environ[_VARIABLE], os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, line.encode())  # one call, so that processes do not mix their lines
    finally:
        os.close(descriptor)
