"""An account on this machine whose functions, roles and buckets are moto's.

Its stack is ministack's, since moto's CloudFormation lacks types of resources that the template
has. What moto's Lambda lacks of Lambda's API is added on the way to it, by `LambdaRelay`; what it
does otherwise is checked by `test_divergences.py`.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from ldp_testing.ministack import onlooker
from ldp_testing.moto_server import aws_environment, free_port, process_environment
from ldp_testing.tap_effects import Answer
from ldp_testing.tap_http import TapServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_testing.ministack import Ministack
    from ldp_testing.moto_server import MotoServer
    from ldp_testing.tap_effects import Call

_CODE: Final = "/code-of/"
_DESCRIBED: Final = re.compile(r"GET /2015-03-31/functions/[^/?]+(/configuration)?([?].*)?$")
_GIVEN: Final = re.compile(r"(POST /2015-03-31/functions|PUT /2015-03-31/functions/[^/?]+/code)$")
#: What moto has no path for, and what Lambda says where nothing of it was set.
_UNSET: Final = {
    re.compile(r"GET /[^/]+/functions/[^/]+/urls([?].*)?$"): {"FunctionUrlConfigs": []},
    re.compile(r"GET /[^/]+/functions/[^/]+/provisioned-concurrency[?]List=ALL$"): {
        "ProvisionedConcurrencyConfigs": []
    },
    re.compile(r"GET /[^/]+/functions/[^/]+/runtime-management-config([?].*)?$"): {
        "UpdateRuntimeOn": "Auto"
    },
    re.compile(r"GET /2016-08-19/account-settings/?$"): {
        "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
    },
}


class LambdaRelay:
    """Adds to moto's Lambda what it has not: code to be fetched, revisions, what was never set.

    Args:
        moto: The server.
    """

    def __init__(self, moto: MotoServer) -> None:
        self._moto = moto
        self._codes: dict[str, bytes] = {}
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._server = TapServer(moto.url, self._carry, port)

    def end(self) -> None:
        """Listen no more.

        Raises:
            BaseException: What a connection's thread could not cope with.
        """
        self._server.refuse()
        self._server.end()
        for failure in self._server.failures:
            raise failure

    def _carry(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        unset = [said for path, said in _UNSET.items() if path.match(call.operation)]
        if unset:
            return Answer.of_tap(200, "application/json", json.dumps(unset[0]).encode())
        if call.operation.startswith(f"GET {_CODE}"):
            sha256 = unquote(call.operation.removeprefix(f"GET {_CODE}"))
            return Answer.of_tap(200, "application/zip", self._codes[sha256])
        answer = forward()
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            if _GIVEN.match(call.operation):
                self._keep(json.loads(call.parameters["Body"]), answer)
            elif _DESCRIBED.match(call.operation):
                return self._completed(answer)
        return answer

    def _keep(self, asked: dict[str, Any], answer: Answer) -> None:
        """Keep the code that a function was given."""
        given = asked.get("Code", asked)
        content = base64.b64decode(given["ZipFile"]) if "ZipFile" in given else self._stored(given)
        self._codes[json.loads(answer.body)["CodeSha256"]] = content

    def _stored(self, given: dict[str, str]) -> bytes:
        found = onlooker(self._moto.url, "s3").get_object(
            Bucket=given["S3Bucket"], Key=given["S3Key"]
        )
        content: bytes = found["Body"].read()
        return content

    def _completed(self, answer: Answer) -> Answer:
        """Say where the code can be fetched, and which revision it is."""
        told = json.loads(answer.body)
        configuration = told.get("Configuration", told)
        if "Code" in told:
            sha256 = quote(configuration["CodeSha256"], safe="")
            told["Code"]["Location"] = f"{self.url}{_CODE}{sha256}"
        configuration["RevisionId"] = str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(configuration)))
        return Answer(answer.status, answer.headers, json.dumps(told).encode())


@dataclass(frozen=True, slots=True)
class MotoAccount:
    """Such an account, as `Ministack` is one.

    Attributes:
        stacks: What has its stacks.
        moto: What has all else.
        relay: The way to Lambda.
    """

    stacks: Ministack
    moto: MotoServer
    relay: LambdaRelay

    def variables(self) -> dict[str, str]:
        """The variables with which an SDK finds the account."""
        return aws_environment(self.moto.url) | self._others()

    def environment(self) -> dict[str, str]:
        """The whole environment of a process that knows no AWS but this."""
        return process_environment(self.moto.url) | self._others()

    def client(self, service: str) -> Any:
        """A client of the SDK's own, to look at what there is."""
        urls = {"cloudformation": self.stacks.url, "lambda": self.relay.url}
        return onlooker(urls.get(service, self.moto.url), service)

    def _others(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL_CLOUDFORMATION": self.stacks.url,
            "AWS_ENDPOINT_URL_LAMBDA": self.relay.url,
        }


@contextmanager
def moto_account(stacks: Ministack, moto: MotoServer) -> Iterator[MotoAccount]:
    """Put the relay before a server."""
    relay = LambdaRelay(moto)
    try:
        yield MotoAccount(stacks, moto, relay)
    finally:
        relay.end()
