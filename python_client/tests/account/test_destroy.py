from __future__ import annotations

import io
import shlex
from typing import TYPE_CHECKING

import pytest

from ldp_account.aws import Aws
from ldp_account.destruction import Destruction
from ldp_account.errors import BucketInUse, SomethingLeft
from ldp_client.errors import ExitStatus

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.account_stage import Place


def test_destroying_leaves_nothing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """What goes is counted and shown, and then nothing of it is left; a second run has no work."""
    place.deploy("--reply", "dedicated")
    sqs, s3 = place.account.client("sqs"), place.account.client("s3")
    request_url = place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]
    sqs.send_message(QueueUrl=request_url, MessageBody="an event that nobody took")
    sqs.create_queue(QueueName=f"{place.name}-resp-{'a1' * 13}")
    s3.put_object(Bucket=place.bucket(), Key="ldp/request/r/x", Body=b"a payload")
    capsys.readouterr()

    assert place.destroy("--yes") == ExitStatus.DONE
    said = capsys.readouterr().out
    assert f"- RequestQueue (AWS::SQS::Queue) {request_url}, 1 messages\n" in said
    assert ", 2 objects\n" in said
    assert f"-resp-{'a1' * 13} (made by the proxy)\n" in said
    assert place.left() == []
    assert place.destroy() == ExitStatus.DONE
    assert "There is no such stack" in capsys.readouterr().out


def test_the_command_that_makes_it_anew_is_whole(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What destroying tells to type makes the same stack again, in the same account."""
    place.deploy("--timeout-s", "30", "--tracing-level", "DEBUG")
    stacks = place.account.client("cloudformation")
    before = stacks.describe_stacks(StackName=place.name)["Stacks"][0]["Parameters"]
    region = place.account.environment()["AWS_REGION"]
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    assert place.destroy("--yes", "--region", region) == ExitStatus.DONE
    words = shlex.split(capsys.readouterr().out.rpartition("This makes it anew:\n")[2])
    assert words[:2] == ["lambda-debug", "deploy"]
    assert place.command(*words[1:], "--yes") == ExitStatus.DONE
    assert stacks.describe_stacks(StackName=place.name)["Stacks"][0]["Parameters"] == before


def test_every_version_of_an_object_goes(place: Place) -> None:
    """A bucket on which somebody switched versions on is emptied of all of them."""
    place.deploy()
    s3, bucket = place.account.client("s3"), place.bucket()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket, Key="ldp/x", Body=body)
    s3.delete_object(Bucket=bucket, Key="ldp/x")

    assert place.destroy("--yes") == ExitStatus.DONE
    assert place.left() == []


def test_what_is_not_the_deployments_is_kept(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bucket that holds what no deployment put there keeps all of it, and the stack stays."""
    place.deploy()
    s3, bucket = place.account.client("s3"), place.bucket()
    s3.put_object(Bucket=bucket, Key="attachments/x", Body=b"kept")
    before = place.left()

    assert place.destroy("--yes") == ExitStatus.FAILED
    assert "aws s3 mv" in capsys.readouterr().err
    assert place.left() == before
    assert s3.get_object(Bucket=bucket, Key="attachments/x")["Body"].read() == b"kept"


def test_what_came_after_the_plan_is_kept(place: Place) -> None:
    """What is put there while the user thinks about the plan is not deleted either."""
    place.deploy()
    destruction = Destruction(Aws(None, None), lambda _line: None)
    plan = destruction.plan(place.name)
    assert plan is not None
    place.account.client("s3").put_object(Bucket=place.bucket(), Key="attachments/x", Body=b"kept")

    with pytest.raises(BucketInUse):
        destruction.carry_out(plan)


def test_what_is_left_is_named(place: Place) -> None:
    """A queue that is there after the stack is gone is found."""
    place.deploy()
    url = place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]

    def make_again(line: str) -> None:
        if line.startswith("DELETE_COMPLETE") and line.endswith(place.name):
            place.account.client("sqs").create_queue(QueueName=f"{place.name}-req")

    destruction = Destruction(Aws(None, None), make_again, patience_s=0)
    plan = destruction.plan(place.name)
    assert plan is not None
    with pytest.raises(SomethingLeft, match=url):
        destruction.carry_out(plan)


def test_without_a_terminal_nothing_is_deleted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can be asked nothing is deleted."""
    place.deploy()
    before = place.left()
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert place.destroy() == ExitStatus.MISUSED
    assert place.left() == before


@pytest.mark.parametrize("words", ["emptying the bucket", "DELETE_"])
def test_destroying_goes_on_after_a_kill(place: Place, tmp_path: Path, words: str) -> None:
    """Killed at any step, it is finished by the next run."""
    place.deploy()
    place.killed_at(words, ["destroy", "--stack", place.name], tmp_path)

    assert place.destroy("--yes") == ExitStatus.DONE
    assert place.left() == []
