"""Dedicated replies as Lambda runs them: the zip, processes that freeze, and queues over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import Entry
from ldp_proxy.start import start
from ldp_queues.sqs_connection import wall_clock_ms
from ldp_testing.admin_stage import new_name
from ldp_testing.moto_server import aws_environment
from ldp_testing.tap import ACCESS_DENIED, Tap

if TYPE_CHECKING:
    from ldp_testing.answering import Answering
    from ldp_testing.deployed_proxy import Deployed, Deployments
    from ldp_testing.moto_server import MotoServer

both = pytest.mark.parametrize("entry", list(Entry), ids=lambda entry: entry.value)

EVENT = b'{"order": 1}'


def deploy(deployments: Deployments, entry: Entry, tap: Tap) -> Deployed:
    """A proxy with dedicated replies, whose calls go through a tap."""
    return deployments.deploy(
        entry, endpoint=tap.url, variables={"LAMBDA_PROXY_REPLY": "dedicated"}
    )


def named(client: Answering) -> list[str]:
    """The queues that the requests named, by name, in order."""
    return [
        request.terms.reply_to.rpartition("/")[2]
        for request in client.seen
        if request.terms is not None
    ]


@pytest.mark.usefixtures("_aws")
def test_starting_makes_no_call(tap: Tap, moto_server: MotoServer) -> None:
    """EXC-29: the init phase, of which there may be a snapshot, asks nothing of SQS."""
    base = f"{moto_server.create_queue().rpartition('/')[0]}/{new_name()}"
    environment = aws_environment(tap.url) | {
        "LAMBDA_PROXY_REQ_QUEUE_URL": moto_server.create_queue(),
        "LAMBDA_PROXY_RESP_QUEUE_URL": base,
        "LAMBDA_PROXY_REPLY": "dedicated",
    }

    start(environment, is_exact=True)

    assert tap.calls() == []


@both
def test_a_frozen_environment_keeps_its_queue(
    deployments: Deployments, entry: Entry, tap: Tap
) -> None:
    """EXC-29, EXC-34: one creation, a second before the first request; then no call but two."""
    proxy = deploy(deployments, entry, tap)

    with proxy.answering() as client:
        first = proxy.invoke(EVENT)
        tap.wait_for("DeleteMessage")
        calls = len(tap.calls())
        second = proxy.invoke(EVENT)

    assert (first.payload, second.payload) == (EVENT, EVENT)
    assert len(set(named(client))) == 1
    creation, request = tap.calls()[0], tap.calls("SendMessage")[0]
    assert (creation.operation, creation.queue) == ("CreateQueue", named(client)[0])
    assert request.at_ms - creation.at_ms >= 1_000
    later = [call.operation for call in tap.calls()[calls:]]
    assert later[:2] == ["SendMessage", "ReceiveMessage"]
    assert set(later) <= {"SendMessage", "ReceiveMessage", "DeleteMessage"}
    assert tap.calls(queue=proxy.replies.url.rpartition("/")[2]) == []


@both
def test_environments_at_once_have_a_queue_each(
    deployments: Deployments, entry: Entry, tap: Tap
) -> None:
    """EXC-29: environments that run at once have a queue each, and each its own answer."""
    proxy = deploy(deployments, entry, tap)
    events = [b'{"order": %d}' % number for number in range(4)]

    with proxy.answering() as client, ThreadPoolExecutor(len(events)) as callers:
        results = list(callers.map(proxy.invoke, events))

    assert [result.payload for result in results] == events
    assert len(set(named(client))) == len(events)


@both
def test_a_queue_that_is_gone_is_told_and_replaced(
    deployments: Deployments, entry: Entry, tap: Tap, moto_server: MotoServer
) -> None:
    """EXC-35: a deleted queue fails the exchange that meets it, and not the next."""
    proxy = deploy(deployments, entry, tap)
    with proxy.answering() as client:
        proxy.invoke(EVENT)
        tap.wait_for("DeleteMessage")
    (gone,) = named(client)
    moto_server.delete_queue(f"{proxy.replies.url.rpartition('/')[0]}/{gone}")

    failure = proxy.fail(EVENT)
    with proxy.answering() as client:
        result = proxy.invoke(EVENT)

    assert failure["errorType"] == "Proxy.QueueError"
    assert f"{gone}, was deleted" in str(failure["errorMessage"])
    assert result.payload == EVENT
    assert named(client)[-1] != gone


#: A sweep takes a second at most, which on a busy machine may not be enough; others follow.
MOST_SWEEPS = 20


@both
def test_what_others_left_behind_is_deleted(
    deployments: Deployments, entry: Entry, tap: Tap, moto_server: MotoServer
) -> None:
    """EXC-30, EXC-31, EXC-36: environments that start delete a queue of yesterday, and no other."""
    base, variables = moto_server.create_queue(), {"LAMBDA_PROXY_REPLY": "dedicated"}
    variables["LAMBDA_PROXY_RESP_QUEUE_URL"] = base
    name, now_ms = base.rpartition("/")[2], wall_clock_ms()
    for digit, age_h in (("1", 25), ("2", 23)):
        tags = {"createdAtMs": str(now_ms - age_h * 3_600_000)}
        moto_server.sqs.create_queue(QueueName=f"{name}-{digit * 26}", tags=tags)
    moto_server.create_queue(f"{name}-{'3' * 26}")

    for _ in range(MOST_SWEEPS):
        proxy = deployments.deploy(entry, endpoint=tap.url, variables=variables)
        with proxy.answering():
            proxy.invoke(EVENT)
        if tap.calls("DeleteQueue"):
            break

    assert [call.queue for call in tap.calls("DeleteQueue")] == [f"{name}-{'1' * 26}"]


@both
def test_a_missing_permission_is_named(deployments: Deployments, entry: Entry, tap: Tap) -> None:
    """ERR-5: a role that may not make queues is told to the caller, with what it needs."""
    proxy = deploy(deployments, entry, tap)
    tap.apply(ACCESS_DENIED, "CreateQueue")

    failure = proxy.fail(EVENT)

    assert failure["errorType"] == "Proxy.QueueError"
    assert "sqs:CreateQueue, sqs:TagQueue" in str(failure["errorMessage"])
    assert tap.calls("SendMessage") == []
