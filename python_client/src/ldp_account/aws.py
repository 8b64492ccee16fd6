"""The way to AWS's control plane: one session, a client for each service, and its errors mapped.

The SDK's own retries stay on: these calls are made seldom, by a person who waits, and each of them
can be repeated. Endpoints come from the standard variables, as everywhere.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore import exceptions as sdk
from botocore.config import Config
from botocore.parsers import ResponseParserError

from ldp_account import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_iam import IAMClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

_DENIED: Final = re.compile(r"AccessDenied|UnauthorizedOperation|NotAuthorized|^403$")
_EXPIRED: Final = re.compile(
    r"ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|InvalidToken"
    r"|SignatureDoesNotMatch|RequestExpired|InvalidSignature"
)
#: "User: arn:… is not authorized to perform: sqs:CreateQueue on resource: arn:… because …"
_SENTENCE: Final = re.compile(
    r"(?:User: (?P<who>\S+) is )?not authorized to perform: (?P<action>\S+)"
    r"(?: on resource: (?P<resource>\S+))?"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the calls are made as.

    Attributes:
        account: The account's number.
        arn: The user or the session of a role.
    """

    account: str
    arn: str


@dataclass(frozen=True, slots=True)
class Invoked:
    """What a function answered.

    Attributes:
        payload: Its result, or its error.
        failed: Whether it is an error.
    """

    payload: bytes
    failed: bool


class Aws:
    """The session and the clients of one command."""

    def __init__(self, profile: str | None, region: str | None) -> None:
        """Find profile and region, without a call over the network.

        Args:
            profile: The AWS profile; None for the SDK's own choice.
            region: The region; None for that of the environment or of the profile.

        Raises:
            NoSuchProfile: There is no such profile.
            NoRegion: No region is known.
        """
        self._profile = profile
        region = region or os.environ.get("AWS_REGION")  # which only this SDK does not read
        with self.calling():
            self._session = boto3.Session(profile_name=profile, region_name=region)
        if self._session.region_name is None:
            raise errors.NoRegion
        self.region: str = self._session.region_name

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """CloudFormation."""
        return self._session.client("cloudformation")

    @cached_property
    def ec2(self) -> Any:  # its types are larger than all of this program
        """EC2, for VPCs."""
        return self._session.client("ec2")

    @cached_property
    def functions(self) -> LambdaClient:
        """Lambda."""
        return self._session.client("lambda")

    @cached_property
    def iam(self) -> IAMClient:
        """IAM."""
        return self._session.client("iam")

    @cached_property
    def s3(self) -> S3Client:
        """S3."""
        return self._session.client("s3")

    @cached_property
    def sqs(self) -> SQSClient:
        """SQS."""
        return self._session.client("sqs")

    def identity(self) -> Identity:
        """Ask who the credentials belong to.

        Raises:
            AccountError: There are none, they are not valid any more, or nobody answers.
        """
        with self.calling():
            answer = self._session.client("sts").get_caller_identity()
        return Identity(answer["Account"], answer["Arn"])

    def ask(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        """Call an operation that is chosen by data; its answer.

        Args:
            service: The SDK's name of the service.
            operation: The SDK's name of the operation.
            parameters: What it is given.

        Raises:
            AccountError: The call failed.
        """
        with self.calling():
            client: Any = self._session.client(service)  # type: ignore[call-overload]
            answer: Mapping[str, Any] = getattr(client, operation)(**parameters)
        return answer

    def invoke(self, function: str, payload: bytes, patience_s: float) -> Invoked:
        """Invoke a function once, and wait for its answer.

        Args:
            function: Its name or ARN.
            payload: The event.
            patience_s: How long nothing may come; it runs on, then.

        Raises:
            AccountError: The call failed, or nothing came.
        """
        once = Config(read_timeout=patience_s, retries={"total_max_attempts": 1})
        with self.calling():
            client: Any = self._session.client("lambda", config=once)
            answer = client.invoke(FunctionName=function, Payload=payload)
            return Invoked(answer["Payload"].read(), "FunctionError" in answer)

    def seconds_ahead(self) -> float | None:
        """How far AWS's clock is ahead of this machine's, to a second; None if it does not say.

        Also an answer that refuses a signature for its age has AWS's date.

        Raises:
            AccountError: No answer came.
        """
        began_s = time.time()
        with self.calling():
            try:
                answer: Any = self._session.client("sts").get_caller_identity()
            except sdk.ClientError as exc:
                answer = exc.response
        ours_s = (began_s + time.time()) / 2
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        return None if date is None else parsedate_to_datetime(date).timestamp() - ours_s

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Raise the SDK's errors in the block as errors of this package.

        Raises:
            AccountError: The block raised an error of the SDK's.
        """
        try:
            yield
        except sdk.ClientError as exc:
            raise self._answered(exc) from exc
        except (sdk.BotoCoreError, ResponseParserError) as exc:
            raise self._local(exc) from exc

    def _answered(self, exc: sdk.ClientError) -> errors.AccountError:
        error = exc.response.get("Error", {})
        code, message = error.get("Code", ""), error.get("Message", "")
        if _EXPIRED.search(code):
            return errors.LoginExpired(self._profile, message)
        if _DENIED.search(code):
            found = _SENTENCE.search(message)
            named = found.groupdict(default="") if found else {}
            action = named.get("action") or exc.operation_name
            return errors.AccessDenied(action, named.get("resource", ""), named.get("who", ""))
        return errors.CallRefused(exc.operation_name, code, message)

    def _local(self, exc: Exception) -> errors.AccountError:
        if isinstance(exc, sdk.ProfileNotFound):
            return errors.NoSuchProfile(self._profile or str(exc))
        if isinstance(exc, sdk.NoCredentialsError | sdk.PartialCredentialsError):
            return errors.NoCredentials()
        if isinstance(exc, sdk.SSOError | sdk.TokenRetrievalError | sdk.CredentialRetrievalError):
            return errors.LoginExpired(self._profile, str(exc))
        return errors.Unreachable(str(exc))
