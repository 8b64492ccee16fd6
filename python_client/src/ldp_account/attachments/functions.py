"""One function, as far as attaching looks at it and changes it; what is not there is None."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

from ldp_account.attachments.errors import NoSuchFunction, NotSettled, VariablesHidden
from ldp_account.attachments.record import Mark
from ldp_account.errors import CallRefused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from types_boto3_lambda import LambdaClient

    from ldp_account.aws import Aws

_Answer = TypeVar("_Answer")
_SETTLED_WITHIN_S: Final = 300.0  # with network interfaces in a VPC it takes a minute or two
_FIRST_GLANCE_S, _LAST_GLANCE_S, _SLOWER = 0.1, 3.0, 1.5
_DOWNLOAD_WITHIN_S: Final = 60.0


class Function:
    """A function.

    Args:
        aws: The way to its account.
        name: Its name.
    """

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws = aws
        self.name = name

    @property
    def client(self) -> LambdaClient:
        """Lambda, for calls inside of `aws.calling`."""
        return self.aws.functions

    def or_none(self, call: Callable[[], _Answer]) -> _Answer | None:
        """What a call answers; None if what it is about does not exist.

        Raises:
            AccountError: It failed for another reason.
        """
        try:
            with self.aws.calling():
                return call()
        except CallRefused as exc:
            if "NotFound" in exc.code or exc.code == "NoSuchEntity":
                return None
            raise

    def configuration(self) -> dict[str, Any]:
        """What Lambda has as its configuration, once no change goes on any more.

        Raises:
            NoSuchFunction: There is none.
            NotSettled: A change failed, or does not end.
            AccountError: A call failed.
        """
        pause_s, until_s = _FIRST_GLANCE_S, time.monotonic() + _SETTLED_WITHIN_S
        while True:
            found = self.or_none(
                lambda: self.client.get_function_configuration(FunctionName=self.name)
            )
            if found is None:
                raise NoSuchFunction(self.name)
            state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "")
            said = f"{state}, its last change {update or 'unknown'}"
            if "Failed" in (state, update) or time.monotonic() > until_s:
                raise NotSettled(self.name, said)
            if state != "Pending" and update != "InProgress":
                return with_variables(without(found, ("ResponseMetadata",)))
            time.sleep(pause_s)
            pause_s = min(pause_s * _SLOWER, _LAST_GLANCE_S)

    def code(self) -> bytes:
        """Its zip.

        Raises:
            Unreachable: It could not be fetched whole.
            AccountError: The call failed.
        """
        with self.aws.calling():
            location = self.client.get_function(FunctionName=self.name)["Code"]["Location"]
        try:
            with urlopen(location, timeout=_DOWNLOAD_WITHIN_S) as answer:  # noqa: S310 - Lambda's
                content: bytes = answer.read()
        except (URLError, OSError, ValueError) as exc:
            raise Unreachable(f"the code of {self.name}: {exc}") from exc
        return content

    def tags(self, arn: str) -> dict[str, str]:
        """Its tags."""
        with self.aws.calling():
            return dict(self.client.list_tags(Resource=arn).get("Tags", {}))

    def mark(self) -> Mark | None:
        """What its tags say of an attachment; None if it is not attached."""
        return Mark.of(self.tags(self.configuration()["FunctionArn"]))

    def versions(self) -> dict[str, str]:
        """The numbers of its published versions, and what describes each."""
        with self.aws.calling():
            pages = self.client.get_paginator("list_versions_by_function")
            found = [v for p in pages.paginate(FunctionName=self.name) for v in p["Versions"]]
        return {v["Version"]: v.get("Description", "") for v in found if v["Version"] != "$LATEST"}

    def aliases(self) -> list[Mapping[str, Any]]:
        """Its aliases."""
        with self.aws.calling():
            pages = self.client.get_paginator("list_aliases").paginate(FunctionName=self.name)
            return [alias for page in pages for alias in page["Aliases"]]

    def alias(self, name: str) -> dict[str, Any] | None:
        """An alias."""
        found = self.or_none(lambda: self.client.get_alias(FunctionName=self.name, Name=name))
        return without_metadata(found)

    def event_invoke(self, qualifier: str | None) -> dict[str, Any] | None:
        """How asynchronous events are treated, if that was ever said."""
        found = self.or_none(
            lambda: self.client.get_function_event_invoke_config(
                FunctionName=self.name, **qualified(qualifier)
            )
        )
        return without_metadata(found)

    def concurrency(self) -> int | None:
        """Its reserved concurrency."""
        with self.aws.calling():
            answer = self.client.get_function_concurrency(FunctionName=self.name)
        return answer.get("ReservedConcurrentExecutions")

    def policy(self, qualifier: str | None) -> str | None:
        """Its resource policy, JSON, of the function or of a version or alias."""
        found = self.or_none(
            lambda: self.client.get_policy(FunctionName=self.name, **qualified(qualifier))
        )
        return None if found is None else found["Policy"]


def with_variables(configuration: dict[str, Any]) -> dict[str, Any]:
    """The same, which shows its variables if it has any.

    Raises:
        VariablesHidden: It does not: they would be taken for none.
    """
    error = configuration.get("Environment", {}).get("Error")
    if error is not None:
        key = configuration.get("KMSKeyArn", "")
        raise VariablesHidden(configuration["FunctionName"], key, error.get("Message", ""))
    return configuration


def qualified(qualifier: str | None) -> Any:
    """The parameter that names a version or alias; none for the function itself."""
    return {} if qualifier is None else {"Qualifier": qualifier}


def without_metadata(answer: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An answer without what the SDK adds, and without times, which no JSON has."""
    if answer is None:
        return None
    return without(answer, ("ResponseMetadata", "LastModified"))


def without(answer: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A copy without some of its members."""
    unwanted = set(names)
    return {key: value for key, value in answer.items() if key not in unwanted}


def lambda_sha256(content: bytes) -> str:
    """The hash of a zip in the form that Lambda gives it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
