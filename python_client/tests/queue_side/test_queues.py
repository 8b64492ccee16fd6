"""The client's queues in SQS, and what is asked of them at the start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ldp_client.config import ClientConfig
from ldp_client.queue_side.aws_clock import AwsClock
from ldp_client.queue_side.queues import QueueFacts, SqsQueues
from ldp_queues.errors import QueueCredentialsError, QueueNotFound
from ldp_testing.moto_bucket import ACCOUNT, MotoBucket
from ldp_testing.moto_server import REGION, MotoServer
from ldp_testing.tap import ACCESS_DENIED, EXPIRED_TOKEN, THROTTLED, ShiftDate, Tap

if TYPE_CHECKING:
    from collections.abc import Iterator


class Problems(list[str]):
    """The problems that were told, each with its hint."""

    def tell(self, message: str, hint: str) -> None:
        """Take one."""
        assert hint
        self.append(f"{message} {hint}")


@pytest.fixture
def tap(moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tap]:
    """A tap that everything of the SDK goes through."""
    with Tap(moto_server.url) as tap:
        for name, value in moto_server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", tap.url)
        yield tap


@pytest.fixture
def config(moto_server: MotoServer) -> ClientConfig:
    """A client of two fresh queues."""
    return ClientConfig(
        request_queue_url=moto_server.create_queue(),
        response_queue_url=moto_server.create_queue(MaximumMessageSize="200000"),
        region=REGION,
        state_dir=Path(),
    )


def test_a_reply_goes_to_the_named_queue_beside_the_response_queue(
    tap: Tap, moto_server: MotoServer, config: ClientConfig
) -> None:
    """Only the name is a message's own; where it is, the client's configuration says (SEC-1)."""
    assert config.response_queue_url is not None
    name = config.response_queue_url.rpartition("/")[2] + "-" + "a1" * 13
    url = moto_server.create_queue(name[-80:])
    queues = SqsQueues(config, AwsClock())
    queues.replies(name[-80:]).send("answer")

    assert moto_server.message_count(url) == 1
    assert tap.calls("SendMessage")[-1].parameters["QueueUrl"] == url


def test_without_a_response_queue_there_is_nobody_to_reply_to(
    tap: Tap, config: ClientConfig
) -> None:
    """A client of one-way events has no reply queue at all."""
    queues = SqsQueues(replace(config, response_queue_url=None), AwsClock())
    problems = Problems()

    assert queues.check(problems.tell) == QueueFacts()
    assert len(tap.calls("GetQueueAttributes")) == 1
    with pytest.raises(ValueError, match="no response queue"):
        queues.replies("any")


def test_the_start_learns_the_limit_of_the_response_queue(tap: Tap, config: ClientConfig) -> None:
    """A queue that is set lower than SQS's limit is known before the first answer (PAY-8)."""
    problems = Problems()
    facts = SqsQueues(config, AwsClock()).check(problems.tell)

    assert facts == QueueFacts(max_message_bytes=200_000)
    assert problems == []
    assert len(tap.calls()) == 2


def test_a_redrive_policy_on_the_request_queue_takes_bad_messages(
    tap: Tap, moto_server: MotoServer, config: ClientConfig
) -> None:
    """A redrive policy that is seen decides what becomes of bad messages (SES-30)."""
    url, _ = moto_server.create_queue_with_redrive()
    problems = Problems()

    assert (
        SqsQueues(replace(config, request_queue_url=url), AwsClock())
        .check(problems.tell)
        .leaves_bad_messages
    )
    assert problems == []
    assert tap.calls("ReceiveMessage") == []


@pytest.mark.usefixtures("tap")
def test_a_redrive_policy_on_the_response_queue_is_a_problem(
    moto_server: MotoServer, config: ClientConfig
) -> None:
    """A policy that takes answers away is told before any is lost (SQS-2)."""
    url, _ = moto_server.create_queue_with_redrive()
    problems = Problems()
    SqsQueues(replace(config, response_queue_url=url), AwsClock()).check(problems.tell)

    assert len(problems) == 1
    assert "redrive policy" in problems[0]


def test_a_role_that_may_not_ask_is_no_problem(tap: Tap, config: ClientConfig) -> None:
    """`sqs:GetQueueAttributes` is not needed, so its refusal says nothing."""
    tap.apply(ACCESS_DENIED, "GetQueueAttributes", times=2)
    problems = Problems()

    assert SqsQueues(config, AwsClock()).check(problems.tell) == QueueFacts()
    assert problems == []


def test_a_network_that_comes_back_is_told_and_no_error(tap: Tap, config: ClientConfig) -> None:
    """A failure that may pass does not keep a client from starting."""
    tap.apply(THROTTLED, "GetQueueAttributes", times=2)
    problems = Problems()

    assert SqsQueues(config, AwsClock()).check(problems.tell) == QueueFacts()
    assert len(problems) == 2


@pytest.mark.usefixtures("tap")
def test_a_request_queue_that_does_not_exist_is_an_error_at_the_start(config: ClientConfig) -> None:
    """A wrong URL is told before any event."""
    wrong = replace(config, request_queue_url=f"{config.request_queue_url}-not")

    with pytest.raises(QueueNotFound):
        SqsQueues(wrong, AwsClock()).check(Problems().tell)


@pytest.mark.usefixtures("tap")
def test_a_response_queue_that_does_not_exist_is_a_problem(config: ClientConfig) -> None:
    """It may be missing, as with dedicated replies, or misspelt: that is told, with what to do."""
    problems = Problems()
    without = replace(config, response_queue_url=f"{config.response_queue_url}-not")

    assert SqsQueues(without, AwsClock()).check(problems.tell) == QueueFacts()
    assert len(problems) == 1
    assert "does not exist" in problems[0]
    assert "LAMBDA_PROXY_REPLY=dedicated" in problems[0]


def test_with_dedicated_replies_the_response_queue_is_not_asked(
    tap: Tap, config: ClientConfig
) -> None:
    """EXC-29: where every proxy makes its own queue, the name alone matters, not its limits."""
    problems = Problems()
    dedicated = replace(config, has_dedicated_replies=True)

    assert SqsQueues(dedicated, AwsClock()).check(problems.tell) == QueueFacts()
    assert problems == []
    assert len(tap.calls()) == 1


def test_expired_credentials_are_an_error_at_the_start(tap: Tap, config: ClientConfig) -> None:
    """Credentials that SQS refuses are told before any event."""
    tap.apply(EXPIRED_TOKEN)
    with pytest.raises(QueueCredentialsError):
        SqsQueues(config, AwsClock()).check(Problems().tell)


def test_the_start_sets_the_clock(tap: Tap, config: ClientConfig) -> None:
    """The first answers already tell how far the local clock is off (SQS-13)."""
    tap.apply(ShiftDate(by_s=240), times=None)
    clock = AwsClock()
    SqsQueues(config, clock).check(Problems().tell)

    assert 237_000 < clock.correction_ms < 243_000


def test_a_bucket_is_asked_for_nothing_before_it_is_used(
    tap: Tap, moto_server: MotoServer, config: ClientConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PAY-13: the bucket is the configured one of the request queue's account; its use tells."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", tap.url)
    bucket = MotoBucket(moto_server)

    queues = SqsQueues(replace(config, payload_bucket=f"{bucket.name}/ldp"), AwsClock())
    queues.check(Problems().tell)
    assert queues.store is not None
    assert {call.operation for call in tap.calls()} == {"GetQueueAttributes"}
    queues.store.put("ldp/response/r/1", b"x")

    (put,) = tap.calls("PutObject", queue=bucket.name)
    assert put.parameters["x-amz-expected-bucket-owner"] == ACCOUNT
    assert bucket.stored_keys() == ["ldp/response/r/1"]


def test_without_a_bucket_there_is_no_store(config: ClientConfig, tap: Tap) -> None:
    """Who configures none pays for none."""
    assert SqsQueues(config, AwsClock()).store is None
    assert tap.calls() == []
