from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pytest

from ldp_client.errors import ExitStatus
from ldp_testing.account_stage import Terminal, spent_concurrency
from ldp_testing.deployed_proxy import proxy_zip
from ldp_testing.real_account import IS_ASKED_FOR

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.account_stage import Place

ATTRIBUTES = {
    "MaximumMessageSize": "1048576",
    "VisibilityTimeout": "10",
    "MessageRetentionPeriod": "3600",
    "ReceiveMessageWaitTimeSeconds": "20",
}


def check_deployed(place: Place) -> None:
    """What lies in the account is the proxy, whole, with its recommended settings."""
    variables, function = place.variables(), place.function()
    assert place.code() == proxy_zip()
    assert function["Runtime"] == "python3.13"
    assert (function["Timeout"], function["MemorySize"]) == (900, 128)
    sqs = place.account.client("sqs")
    for queue in ("REQ", "RESP"):
        url = variables[f"LAMBDA_PROXY_{queue}_QUEUE_URL"]
        assert url.endswith(f"/{place.name}-{queue.lower()}")
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert {name: attributes[name] for name in ATTRIBUTES} == ATTRIBUTES
        assert '"aws:SecureTransport": "false"' in attributes["Policy"]
    assert variables["LAMBDA_PROXY_PAYLOAD_BUCKET"] == f"{place.bucket()}/ldp"
    retries = place.account.client("lambda").get_function_event_invoke_config(
        FunctionName=place.name, Qualifier="$LATEST"
    )
    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (0, 60)


def test_deploying_makes_a_whole_proxy(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Deploying shows its plan, makes all of it, and says what the client needs and how to undo."""
    assert place.deploy() == ExitStatus.DONE

    said = capsys.readouterr().out
    plan, _, rest = said.partition("CREATE_IN_PROGRESS")
    assert "Account 123456789012, region eu-west-1, as arn:aws:iam" in plan
    assert "+ RequestQueue (AWS::SQS::Queue)" in plan
    assert "+ Function (AWS::Lambda::Function)" in plan
    check_deployed(place)
    keys = place.account.client("s3").list_objects_v2(Bucket=place.bucket())["Contents"]
    digest = hashlib.sha256(proxy_zip()).hexdigest()
    assert [entry["Key"] for entry in keys] == [f"code/{digest}.zip"]
    variables = place.variables()
    for name in ("REQ_QUEUE_URL", "RESP_QUEUE_URL", "PAYLOAD_BUCKET"):
        assert f"export LAMBDA_PROXY_{name}={variables[f'LAMBDA_PROXY_{name}']}\n" in rest
    assert rest.endswith(f"  lambda-debug destroy --stack {place.name}\n")


@pytest.mark.skipif(IS_ASKED_FOR, reason="it takes what others in the account need")
def test_what_cannot_be_reserved_is_not_begun(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """An account without concurrency to spare is told so, and can have dedicated replies."""
    with spent_concurrency(place):
        assert place.deploy() == ExitStatus.FAILED
        said = capsys.readouterr().err
        assert "100 of its 1000 are unreserved" in said
        assert "--reply dedicated" in said
        assert place.left() == []
        assert place.deploy("--reply", "dedicated") == ExitStatus.DONE
        assert place.deploy() == ExitStatus.FAILED
    assert place.deploy() == ExitStatus.DONE


def test_deploying_again_changes_nothing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run finds nothing to do, says so without asking, and still tells the variables."""
    place.deploy()
    before = place.function()["RevisionId"]
    capsys.readouterr()

    assert place.command(*place.deploying()) == ExitStatus.DONE
    said = capsys.readouterr().out
    assert "Nothing is to be done." in said
    assert "export LAMBDA_PROXY_REQ_QUEUE_URL=" in said
    assert place.function()["RevisionId"] == before


def test_a_changed_option_changes_the_stack(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options say how the stack is to be: the plan names what differs, and the rest stays."""
    place.deploy()
    capsys.readouterr()

    assert place.deploy("--reply", "dedicated", "--timeout-s", "60") == ExitStatus.DONE
    said = capsys.readouterr().out
    assert "~ Reply: shared → dedicated\n" in said
    assert "~ TimeoutS: 900 → 60\n" in said
    assert "export LAMBDA_PROXY_REPLY=dedicated" in said
    assert place.variables()["LAMBDA_PROXY_REPLY"] == "dedicated"
    assert place.function()["Timeout"] == 60
    assert place.code() == proxy_zip()


def test_all_options_reach_the_function(place: Place) -> None:
    """A proxy with a fallback gets each of its variables."""
    options = {
        "--reply": "dedicated",
        "--start-within-s": "3",
        "--when-absent": "fallback",
        "--fallback-function": "orders:7",
        "--tracing-level": "DEBUG",
        "--payload-bucket": "no",
    }

    assert place.deploy(*(word for pair in options.items() for word in pair)) == ExitStatus.DONE
    variables = place.variables()
    del variables["LAMBDA_PROXY_REQ_QUEUE_URL"], variables["LAMBDA_PROXY_RESP_QUEUE_URL"]
    assert variables == {
        "LAMBDA_PROXY_MODE": "wait",
        "LAMBDA_PROXY_REPLY": "dedicated",
        "LAMBDA_PROXY_START_WITHIN_S": "3",
        "LAMBDA_PROXY_WHEN_ABSENT": "fallback",
        "LAMBDA_PROXY_FALLBACK_FUNCTION": "orders:7",
        "LAMBDA_PROXY_TRACING_LEVEL": "DEBUG",
    }


def test_a_proxy_is_not_its_own_fallback(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Every version of the stack's function is the proxy, so none can answer in its place."""
    window = ("--reply", "dedicated", "--start-within-s", "3", "--when-absent", "fallback")
    itself = ("--fallback-function", f"{place.name}:7")

    assert place.deploy(*window, *itself) == ExitStatus.FAILED
    assert f"FallbackFunction is '{place.name}:7', the proxy itself" in capsys.readouterr().err
    assert place.left() == []


def test_one_way_needs_no_response_queue(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A one-way proxy has no response queue, and its client is told the mode."""
    assert place.deploy("--mode", "notify") == ExitStatus.DONE

    assert "LAMBDA_PROXY_RESP_QUEUE_URL" not in place.variables()
    said = capsys.readouterr().out
    assert "export LAMBDA_PROXY_MODE=notify\n" in said
    assert "RESP_QUEUE_URL" not in said


def test_without_a_terminal_nothing_is_done(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can be asked, the plan is shown and nothing is made."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert place.command(*place.deploying()) == ExitStatus.MISUSED
    said = capsys.readouterr()
    assert "+ Bucket (AWS::S3::Bucket)" in said.out
    assert "give --yes" in said.err
    assert place.left() == []


def test_the_user_is_asked(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal the user decides, and a no leaves the account as it was."""
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))

    assert place.command(*place.deploying()) == ExitStatus.ABANDONED
    assert place.left() == []


@pytest.mark.parametrize("words", ["CREATE_IN_PROGRESS", "storing the function's code", "UPDATE_"])
def test_deploying_goes_on_after_a_kill(place: Place, tmp_path: Path, words: str) -> None:
    """Killed at any step, a deployment is finished by the next run."""
    place.killed_at(words, place.deploying(), tmp_path)

    assert place.deploy() == ExitStatus.DONE
    check_deployed(place)
