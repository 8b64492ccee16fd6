"""What the adapter asks of SQS, and what it makes of the answers, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from ldp_queues.checks_admin import ATTRIBUTES
from ldp_queues.errors import (
    QueueAccessDenied,
    QueueError,
    QueueNameTaken,
    QueueThrottled,
    QueueUnreachable,
)
from ldp_queues.sqs_admin import SqsAdmin
from ldp_testing import tap as taps
from ldp_testing.admin_stage import new_name
from ldp_testing.tap import Refuse, Reply, Tap

if TYPE_CHECKING:
    from ldp_queues.sqs_connection import SqsConnection
    from ldp_testing.moto_server import MotoServer
    from ldp_testing.tap import Effect


def test_a_queue_is_made_in_one_call(
    tap: Tap, tapped: SqsConnection, moto_server: MotoServer
) -> None:
    """SQS-4: attributes and tags go with the creation, so that no queue is without them."""
    name = new_name()

    url = SqsAdmin(tapped).create(name, ATTRIBUTES, {"createdAtMs": "1"})

    assert [call.operation for call in tap.calls()] == ["CreateQueue"]
    wanted = {
        "MaximumMessageSize": "1048576",
        "VisibilityTimeout": "10",
        "MessageRetentionPeriod": "3600",
        "ReceiveMessageWaitTimeSeconds": "20",
        "SqsManagedSseEnabled": "true",
    }
    assert {name: moto_server.attribute(url, name) for name in wanted} == wanted


def test_a_listing_asks_page_by_page(tap: Tap, tapped: SqsConnection) -> None:
    """The next page is asked for when it is needed, and not before."""
    admin, prefix = SqsAdmin(tapped, page_size=2), f"{new_name()}-"
    for number in range(5):
        admin.create(f"{prefix}{number}", ATTRIBUTES, {})

    found = admin.find(prefix)
    assert tap.calls("ListQueues") == []
    next(found)
    next(found)
    assert len(tap.calls("ListQueues")) == 1
    assert len(list(found)) == 3
    assert len(tap.calls("ListQueues")) == 3


Ask = Callable[[SqsAdmin, str], object]
_ASKED: dict[str, Ask] = {
    "CreateQueue": lambda admin, _: admin.create(new_name(), ATTRIBUTES, {}),
    "ListQueues": lambda admin, _: list(admin.find("any")),
    "ListQueueTags": lambda admin, url: admin.tags(url),
    "DeleteQueue": lambda admin, url: admin.delete(url),
}
_ANSWERS: list[tuple[Effect, type[QueueError]]] = [
    (taps.ACCESS_DENIED, QueueAccessDenied),
    (taps.THROTTLED, QueueThrottled),
    (Refuse("InternalError", status=500), QueueUnreachable),
    (Reply(200, "text/html", b"<html>Log in first</html>"), QueueUnreachable),
]


@pytest.mark.parametrize("operation", _ASKED)
@pytest.mark.parametrize(("answer", "kind"), _ANSWERS, ids=lambda value: str(value)[:20])
def test_a_refusal_is_one_of_our_errors(
    tap: Tap, tapped: SqsConnection, operation: str, answer: Effect, kind: type[QueueError]
) -> None:
    """Each call maps what it is answered, once, and says what it was about and what to do."""
    tap.apply(answer, operation)

    with pytest.raises(kind, match=rf"^{operation} on ") as caught:
        _ASKED[operation](SqsAdmin(tapped), "https://sqs.test/123456789012/any")

    assert caught.value.hint
    assert len(tap.calls(operation)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "QueueAlreadyExists",
        "QueueNameExists",
        "QueueDeletedRecently",
        "AWS.SimpleQueueService.QueueDeletedRecently",
    ],
)
def test_a_name_can_be_taken(tap: Tap, tapped: SqsConnection, code: str) -> None:
    """Another queue's name, and one of a moment ago, are QueueNameTaken by any of its codes."""
    tap.apply(Refuse(code), "CreateQueue")

    with pytest.raises(QueueNameTaken) as caught:
        SqsAdmin(tapped).create(new_name(), ATTRIBUTES, {})

    assert "60 s" in caught.value.hint
    assert not caught.value.transient


def test_an_answer_without_a_url_is_none_of_sqs(tap: Tap, tapped: SqsConnection) -> None:
    """A creation that is answered without the queue's URL is not believed."""
    tap.apply(Reply(200, "application/x-amz-json-1.0", b"{}"), "CreateQueue")

    with pytest.raises(QueueUnreachable, match="without 'QueueUrl'"):
        SqsAdmin(tapped).create(new_name(), ATTRIBUTES, {})
