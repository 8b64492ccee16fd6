from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from ldp_account.aws import Aws
from ldp_account.errors import StillPurging
from ldp_account.purge import Purge
from ldp_client.errors import ExitStatus
from ldp_testing.tap import Refuse, Tap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.account_stage import Place

STILL_PURGING = Refuse(
    "PurgeQueueInProgress",
    "Only one PurgeQueue operation is allowed every 60 seconds.",
    status=403,
    legacy_code="AWS.SimpleQueueService.PurgeQueueInProgress",
)


@pytest.fixture
def tap(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tap]:
    """What this process asks of SQS passes here."""
    with Tap(place.account.variables()["AWS_ENDPOINT_URL"]) as tap:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", tap.url)
        yield tap


def fill(place: Place) -> dict[str, str]:
    """Put a message into every queue that the stack has, and one that its proxy made; their URLs.

    The second event is in flight.
    """
    sqs = place.account.client("sqs")
    made = sqs.create_queue(QueueName=f"{place.name}-resp-{'a1' * 13}")["QueueUrl"]
    variables = place.variables()
    urls = {
        "requests": variables["LAMBDA_PROXY_REQ_QUEUE_URL"],
        "replies": variables["LAMBDA_PROXY_RESP_QUEUE_URL"],
        "dedicated": made,
    }
    for url in urls.values():
        sqs.send_message(QueueUrl=url, MessageBody="left over")
    sqs.send_message(QueueUrl=urls["requests"], MessageBody="at a breakpoint")
    sqs.receive_message(QueueUrl=urls["requests"], VisibilityTimeout=600)
    return urls


def purge(place: Place, *options: str) -> int:
    """Purge it, in this process; the exit status."""
    return place.command("purge", "--stack", place.name, *options)


def count(place: Place, url: str) -> int:
    """How many messages are in a queue."""
    answer = place.account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
        "Attributes"
    ]
    return sum(int(n) for name, n in answer.items() if name.startswith("ApproximateNumberOf"))


def test_purging_empties_every_queue(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Requests, answers and the queues that the proxy made are counted, shown and emptied."""
    place.deploy("--reply", "dedicated")
    place.account.client("sqs").create_queue(QueueName=f"{place.name}-other")
    urls = fill(place)
    capsys.readouterr()

    assert purge(place, "--yes") == ExitStatus.DONE
    said = capsys.readouterr().out
    assert f"- {urls['requests']}: 1 waiting, 1 in flight, 0 delayed\n" in said
    assert f"- {urls['dedicated']}: 1 waiting, 0 in flight, 0 delayed\n" in said
    assert "Nothing brings a message back" in said
    assert f"{place.name}-other" not in said
    assert [count(place, url) for url in urls.values()] == [0, 0, 0]


def test_without_a_terminal_nothing_is_emptied(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can be asked every message stays."""
    place.deploy()
    urls = fill(place)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert purge(place) == ExitStatus.MISUSED
    assert [count(place, url) for url in urls.values()] == [2, 1, 1]


def test_an_order_is_given_again_while_sqs_is_at_one(
    place: Place, tap: Tap, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a minute of somebody else's order it waits, and then empties what came since."""
    monkeypatch.setattr("ldp_account.purge._GLANCE_S", 0.0)
    place.deploy()
    urls = fill(place)
    tap.apply(STILL_PURGING, "PurgeQueue", times=2)

    assert purge(place, "--yes") == ExitStatus.DONE
    assert capsys.readouterr().out.count("still at an earlier order") == 2
    assert [count(place, url) for url in urls.values()] == [0, 0, 0]


def test_an_order_that_is_never_taken_is_said(place: Place, tap: Tap) -> None:
    """A queue that SQS will not empty is named, with what to do."""
    place.deploy()
    urls = fill(place)
    tap.apply(STILL_PURGING, "PurgeQueue", times=None)
    purging = Purge(Aws(None, None), lambda _line: None, patience_s=0)
    plan = purging.plan(place.name)
    assert plan is not None

    with pytest.raises(StillPurging) as caught:
        purging.carry_out(plan)
    assert caught.value.url == urls["requests"]


def test_a_queue_that_is_gone_is_none_to_empty(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A queue that somebody deleted, before the plan or after it, keeps no other from emptying."""
    place.deploy()
    urls = fill(place)
    sqs = place.account.client("sqs")
    purging = Purge(Aws(None, None), lambda _line: None)
    plan = purging.plan(place.name)
    assert plan is not None
    sqs.delete_queue(QueueUrl=urls["requests"])
    capsys.readouterr()

    purging.carry_out(plan)
    assert count(place, urls["replies"]) == 0
    assert purge(place, "--yes") == ExitStatus.DONE
    assert urls["requests"] not in capsys.readouterr().out


def test_without_a_stack_nothing_is_emptied(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stack that does not exist is said, and is no failure."""
    assert purge(place) == ExitStatus.DONE
    assert "There is no such stack" in capsys.readouterr().out
