from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from ldp_account import errors
from ldp_account.aws import Aws
from ldp_account.stacks import Stack, Stacks
from ldp_client.errors import ExitStatus

if TYPE_CHECKING:
    from ldp_testing.account_stage import Place

DENIED = (
    "User: arn:aws:iam::123456789012:user/eve is not authorized to perform: "
    "sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:123456789012:q because of a policy"
)
BARE = "AWSTemplateFormatVersion: '2010-09-09'\nResources: {T: {Type: 'AWS::SQS::Queue'}}\n"
FAILING = "Resources: {P: {Type: 'AWS::Logs::ResourcePolicy', Properties: {}}}\n"


def answered(code: str, message: str = "no") -> sdk.ClientError:
    """What the SDK raises when a service answers with an error."""
    return sdk.ClientError({"Error": {"Code": code, "Message": message}}, "CreateQueue")


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (
            answered("AccessDenied", DENIED),
            errors.AccessDenied,
            "may not do sqs:CreateQueue on arn",
        ),
        (answered("AccessDeniedException"), errors.AccessDenied, "may not do CreateQueue."),
        (answered("403"), errors.AccessDenied, "may not do CreateQueue."),
        (answered("ExpiredToken"), errors.LoginExpired, "not any more: no"),
        (answered("InvalidClientTokenId"), errors.LoginExpired, "not any more: no"),
        (answered("LimitExceeded", "two"), errors.CallRefused, "CreateQueue: two (LimitExceeded)"),
        (sdk.NoCredentialsError(), errors.NoCredentials, "no AWS credentials"),
        (
            sdk.TokenRetrievalError(provider="sso", error_msg="expired"),
            errors.LoginExpired,
            "expired",
        ),
        (sdk.UnauthorizedSSOTokenError(), errors.LoginExpired, "SSO"),
        (sdk.EndpointConnectionError(endpoint_url="http://x"), errors.Unreachable, "http://x"),
        (ResponseParserError("no XML"), errors.Unreachable, "no XML"),
    ],
)
def test_what_the_sdk_raises_is_explained(
    place: Place, raised: Exception, kind: type[errors.AccountError], said: str
) -> None:
    """Each trouble of the SDK's and of a service's has an error that says what to do."""
    with (
        pytest.raises(kind) as caught,
        Aws(None, place.account.environment()["AWS_REGION"]).calling(),
    ):
        raise raised

    assert said in str(caught.value)
    assert caught.value.hint


def test_a_profile_that_does_not_exist_is_named(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong --profile is said before anything is called."""
    assert place.destroy("--profile", "nobody") == ExitStatus.FAILED
    assert "There is no AWS profile 'nobody'." in capsys.readouterr().err


def test_a_region_is_asked_for(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a region nothing is called."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    assert place.destroy() == ExitStatus.FAILED
    assert "--region" in capsys.readouterr().err


def test_no_credentials_are_said(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without credentials the command ends with what to do."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    assert place.destroy() == ExitStatus.FAILED
    assert "aws sso login" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["deploy", "destroy"])
def test_a_foreign_stack_is_left_alone(
    place: Place, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    """A stack of that name that lacks our tag is neither changed nor deleted."""
    stacks = place.account.client("cloudformation")
    stacks.create_stack(StackName=place.name, TemplateBody=BARE)

    assert place.command(verb, "--stack", place.name, "--yes") == ExitStatus.FAILED
    assert "lambda-debug did not make it" in capsys.readouterr().err
    found = stacks.describe_stacks(StackName=place.name)["Stacks"][0]
    assert not found["StackStatus"].startswith(("UPDATE", "DELETE"))


def test_a_failed_stack_can_only_be_destroyed(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stack that failed is explained, refused for deployment, and deleted on request."""
    with pytest.raises(errors.StackFailed, match="ResourcePolicy requires PolicyName"):
        Stacks(Aws(None, None), print).create(place.name, FAILING, {})
    capsys.readouterr()

    assert place.deploy() == ExitStatus.FAILED
    said = capsys.readouterr().err
    assert "in which it can only be deleted" in said
    assert f"lambda-debug destroy --stack {place.name}" in said
    assert place.destroy("--yes") == ExitStatus.DONE
    assert place.deploy() == ExitStatus.DONE


def test_an_update_that_fails_can_be_repeated(place: Place) -> None:
    """What CloudFormation took back is done by the next run."""
    place.deploy()
    stacks = Stacks(Aws(None, None), lambda _line: None)
    stack = stacks.find(place.name)
    assert stack is not None
    with pytest.raises(errors.StackFailed):
        stacks.update(stack, FAILING, {})

    assert place.deploy() == ExitStatus.DONE
    repaired = stacks.find(place.name)
    assert repaired is not None
    assert repaired.whole


def test_a_stack_that_was_only_reviewed_is_not_waited_for() -> None:
    """A change set that nobody executed leaves a stack at which nothing is in progress."""
    stack = Stack("name", "arn", "REVIEW_IN_PROGRESS", {}, {})

    assert not stack.busy
    assert not stack.usable
