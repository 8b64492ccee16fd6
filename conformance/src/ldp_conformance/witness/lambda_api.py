"""Lambda's REST protocol, as far as a fallback needs it: to invoke a function and to look at it."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from ldp_conformance.witness import refusals
from ldp_conformance.witness.asks import Answer
from ldp_conformance.witness.fault_box import FaultBox
from ldp_conformance.witness.names import ACCOUNT, REGION
from ldp_conformance.witness.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.witness.asks import Ask
    from ldp_conformance.witness.functions import Functions, WitnessFunction

#: Each operation has the date of the day on which it came to Lambda.
PATH: Final = re.compile(r"/20[0-9]{2}-[0-9]{2}-[0-9]{2}/functions/([^/]+)(/.*)?")
_NAME: Final = re.compile(
    r"(?:(?:arn:aws[a-z-]*:lambda:[^:]+:)?[0-9]{12}:function:)?([^:]+)(?::(.+))?"
)
_OPERATIONS: Final = {
    ("POST", "invocations"): "Invoke",
    ("GET", "aliases"): "GetAlias",
    ("GET", "concurrency"): "GetFunctionConcurrency",
    ("GET", "configuration"): "GetFunctionConfiguration",
    ("GET", ""): "GetFunction",
}
_TOLD: Final = {
    "x-amz-invocation-type": "InvocationType",
    "x-amz-client-context": "ClientContext",
    "x-amz-tenant-id": "TenantId",
    "x-amz-log-type": "LogType",
}


class LambdaService:
    """Lambda in front of functions."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def understand(self, ask: Ask) -> LambdaErrand:
        """What is asked for, of which function."""
        return LambdaErrand(self._functions, ask)


class LambdaErrand:
    """One call to Lambda; see `Errand`."""

    def __init__(self, functions: Functions, ask: Ask) -> None:
        match = PATH.fullmatch(ask.path)
        rest = (match[2] or "") if match else ""
        what, _, self._detail = unquote(rest).strip("/").partition("/")
        name = _NAME.fullmatch(unquote(match[1]) if match else "")
        self._name = name[1] if name else ""
        self._qualifier = ask.query.get("Qualifier") or (name[2] if name else "") or ""
        self._event = ask.body
        self.operation: str = f"Lambda.{_OPERATIONS.get((ask.method, what), what)}"
        self.queue: str | None = None
        self.request: Mapping[str, object] = {
            "FunctionName": self._name,
            "Qualifier": self._qualifier or self._detail,
            "Payload": ask.body,
            **{told: ask.headers[name] for name, told in _TOLD.items() if name in ask.headers},
        }
        self._function = functions.find(self._name)
        self.faults = self._function.faults if self._function else FaultBox()

    async def run(self, _clock_off_ms: int) -> Answer:
        """Do it; see `Errand.run`."""
        function = self._function
        if function is None or function.version_of(self._qualifier) is None:
            raise self._not_found()
        match self.operation:
            case "Lambda.Invoke":
                return await self._invoke(function)
            case "Lambda.GetAlias":
                return _answer(self._alias(function))
            case "Lambda.GetFunctionConcurrency":
                reserved = function.reserved_concurrency
                told = {} if reserved is None else {"ReservedConcurrentExecutions": reserved}
                return _answer(told)
            case "Lambda.GetFunctionConfiguration":
                return _answer(self._configuration(function))
            case "Lambda.GetFunction":
                return _answer({"Configuration": self._configuration(function)})
            case _:
                raise Refusal("UnknownOperationException", "There is no such operation", status=404)

    def refuse(self, refusal: Refusal) -> Answer:
        """Say no, with the code in a header of its own."""
        code = refusal.type.rpartition("#")[2]
        headers = _headers() | {"x-amzn-ErrorType": code}
        who = "User" if refusal.is_senders_fault else "Service"
        body = {"Type": who, "Message": refusal.text, "message": refusal.text}
        return Answer(refusal.status, json.dumps(body).encode(), headers, code)

    def denied(self) -> Refusal:
        """The refusal for who may not do it."""
        action = self.operation.removeprefix("Lambda.")
        name = f"lambda:{'InvokeFunction' if action == 'Invoke' else action}"
        return refusals.denied(name, self._arn())

    def throttled(self) -> Refusal:
        """The refusal where there are too many."""
        return Refusal("TooManyRequestsException", "Rate Exceeded.", status=429)

    def failed(self, status: int) -> Refusal:
        """The refusal where Lambda itself is at fault."""
        return Refusal("ServiceException", "An error occurred. Try again.", status=status)

    async def _invoke(self, function: WitnessFunction) -> Answer:
        if self._event:
            _check_json(self._event)
        invocation = self.request.get("InvocationType", "RequestResponse")
        version = function.version_of(self._qualifier) or ""
        headers = _headers() | {"X-Amz-Executed-Version": version}
        if invocation == "DryRun":
            return Answer(204, headers=headers)
        answered = await asyncio.to_thread(function.answer, self._event)
        if invocation == "Event":
            return Answer(202, headers=headers)
        if answered.error is not None:
            headers["X-Amz-Function-Error"] = answered.error
        return Answer(200, answered.payload, headers)

    def _alias(self, function: WitnessFunction) -> dict[str, object]:
        version = function.aliases.get(self._detail)
        if version is None:
            raise self._not_found(self._detail)
        told: dict[str, object] = {
            "AliasArn": f"{function.arn}:{self._detail}",
            "Name": self._detail,
            "FunctionVersion": version,
            "Description": "",
            "RevisionId": str(uuid.uuid4()),
        }
        if weights := function.weights.get(self._detail):
            told["RoutingConfig"] = {"AdditionalVersionWeights": dict(weights)}
        return told

    def _configuration(self, function: WitnessFunction) -> dict[str, object]:
        version = function.version_of(self._qualifier) or ""
        qualified = f":{self._qualifier}" if self._qualifier else ""
        return {
            "FunctionName": function.name,
            "FunctionArn": function.arn + qualified,
            "Version": version,
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Timeout": 900,
            "MemorySize": 128,
        }

    def _not_found(self, qualifier: str = "") -> Refusal:
        text = f"Function not found: {self._arn(qualifier)}"
        return Refusal("ResourceNotFoundException", text, status=404)

    def _arn(self, qualifier: str = "") -> str:
        qualifier = qualifier or self._qualifier
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self._name}"
        return f"{arn}:{qualifier}" if qualifier else arn


def _check_json(event: bytes) -> None:
    try:
        json.loads(event)
    except ValueError as error:
        raise Refusal(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error


def _answer(told: Mapping[str, object]) -> Answer:
    return Answer(200, json.dumps(told).encode(), _headers())


def _headers() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid.uuid4()), "Content-Type": "application/json"}
