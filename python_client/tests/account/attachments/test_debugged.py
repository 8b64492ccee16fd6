from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ldp_client.errors import ExitStatus
from ldp_client.local_lambda import FunctionSettings, LocalLambda
from ldp_testing.account_client import ANSWER, EVENT, answering
from ldp_testing.real_account import IS_ASKED_FOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_testing.attachable import Attachable
    from ldp_testing.moto_server import MotoServer

PYTHON = "def handler(event, context):\n    return {'by': 'the original', **event}\n"


@contextmanager
def hosted(own: Attachable, folder: Path, **more: str) -> Iterator[LocalLambda]:
    """What the account has as the function, in a local Lambda with the account's queues.

    Args:
        own: The function.
        folder: For its zip.
        more: Variables that it is to have besides.
    """
    (folder / "held.zip").write_bytes(own.code())
    account = own.place.account.variables()
    del account["AWS_REGION"], account["AWS_DEFAULT_REGION"]  # Lambda sets them
    has = own.configuration()
    settings = FunctionSettings(
        name=own.name,
        handler=has["Handler"],
        timeout_s=60.0,
        environment={**account, **has["Environment"]["Variables"], **more},
        region=own.arn().split(":")[3],
    )
    with LocalLambda(settings, folder / "held.zip", log=lambda _line: None) as function:
        yield function


def test_an_attached_function_is_answered_from_here(
    own: Attachable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its code and variables take an event to a client that has what attach told."""
    own.attach("--latest-only")

    with (
        answering(own.place, capsys.readouterr().out, tmp_path),
        hosted(own, tmp_path) as function,
    ):
        assert json.loads(function.invoke(EVENT).payload) == ANSWER


def test_the_account_itself_runs_what_was_attached(
    own: Attachable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The account runs the function, and its caller gets the client's answer."""
    own.attach("--latest-only")

    with answering(own.place, capsys.readouterr().out, tmp_path):
        invoked = own.client("lambda").invoke(FunctionName=own.name, Payload=EVENT)
        assert json.loads(invoked["Payload"].read()) == ANSWER
    assert "FunctionError" not in invoked


def test_where_nobody_is_the_caller_gets_a_typed_error(own: Attachable, tmp_path: Path) -> None:
    """Without a client the event fails, and the error says that nobody was there."""
    own.attach("--latest-only", "--start-within-s", "2")

    with hosted(own, tmp_path) as function:
        answer = function.invoke(EVENT)
    assert answer.function_error
    assert json.loads(answer.payload)["errorType"] == "Proxy.Absent"


@pytest.mark.skipif(IS_ASKED_FOR, reason="its queues are in no real account")
def test_where_nobody_is_the_original_can_answer(
    own: Attachable, tmp_path: Path, moto_server: MotoServer
) -> None:
    """With --when-absent fallback the version that attach published answers.

    The queues are moto's, since ministack makes none that takes messages of 1 MiB.
    """
    other = own.beside(f"{own.name}-python", PYTHON)
    other.place.deploy("--reply", "dedicated")
    options = ("--start-within-s", "2", "--when-absent", "fallback")
    assert other.attach(*options) == ExitStatus.DONE

    variables = other.configuration()["Environment"]["Variables"]
    assert variables["LAMBDA_PROXY_FALLBACK_FUNCTION"] == f"{other.name}:1"
    moto_server.create_queue(f"{other.place.name}-req")
    with hosted(other, tmp_path, AWS_ENDPOINT_URL_SQS=moto_server.url) as function:
        answer = function.invoke(EVENT)
    assert json.loads(answer.payload) == {"by": "the original", "order": 1}
    assert other.attach(*options) == ExitStatus.DONE
    assert other.detach() == ExitStatus.DONE


def test_an_aliass_version_answers_where_nobody_is(own: Attachable) -> None:
    """With --alias it is the version that the alias pointed at; detaching points it back."""
    own.place.deploy("--reply", "dedicated", "--start-within-s", "3")
    before = own.everything()
    options = ("--alias", "live", "--when-absent", "fallback")
    assert own.attach(*options) == ExitStatus.DONE

    variables = own.configuration()["Environment"]["Variables"]
    assert variables["LAMBDA_PROXY_FALLBACK_FUNCTION"] == f"{own.name}:1"
    policy = own.client("iam").get_role_policy(RoleName=own.name, PolicyName="ldp-attach")
    statements = policy["PolicyDocument"]["Statement"]
    [invoke] = [one for one in statements if one["Action"] == "lambda:InvokeFunction"]
    assert invoke["Resource"].endswith(f":function:{own.name}:1")
    assert own.detach() == ExitStatus.DONE
    assert own.everything() == before
