"""Queues themselves over SQS: `QueueAdmin` in terms of its API.

It never retries, as `sqs` never does. CreateQueue, ListQueues, ListQueueTags and DeleteQueue work
in the caller's own account only: permissions for another account do not apply to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_queues.addresses import check_name
from ldp_queues.errors import QueueNotFound
from ldp_queues.sdk_errors import About
from ldp_queues.sqs_answers import expecting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from types_boto3_sqs.literals import QueueAttributeNameType
    from types_boto3_sqs.type_defs import ListQueuesRequestTypeDef, ListQueuesResultTypeDef

    from ldp_queues.admin import QueueAttributes
    from ldp_queues.sqs_connection import SqsConnection

#: The most queues of one page (ListQueues).
MAX_PAGE_SIZE = 1_000


class SqsAdmin:
    """The queues of the connection's account and region; safe among threads.

    Args:
        connection: The process's way to SQS.
        page_size: How many queues to ask for at a time, 1..1000.
    """

    def __init__(self, connection: SqsConnection, *, page_size: int = MAX_PAGE_SIZE) -> None:
        self.connection = connection
        self._page_size = page_size

    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        """Make a queue; see `QueueAdmin.create`. Needs sqs:CreateQueue, and sqs:TagQueue too."""
        check_name(name)
        about = self._about("CreateQueue", name)
        answer, _ = self.connection.quick(
            about,
            lambda sqs: sqs.create_queue(
                QueueName=name, Attributes=_attributes(attributes), tags=dict(tags)
            ),
        )
        with expecting(about):
            return answer["QueueUrl"]

    def find(self, prefix: str) -> Iterator[str]:
        """The queues whose names begin so; see `QueueAdmin.find`. Needs sqs:ListQueues."""
        check_name(prefix)
        asked: ListQueuesRequestTypeDef = {"QueueNamePrefix": prefix, "MaxResults": self._page_size}
        while True:
            page = self._page(asked)
            yield from page.get("QueueUrls", ())
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]

    def _page(self, asked: ListQueuesRequestTypeDef) -> ListQueuesResultTypeDef:
        about = self._about("ListQueues", f"{asked['QueueNamePrefix']}…")
        page, _ = self.connection.quick(about, lambda sqs: sqs.list_queues(**asked))
        return page

    def tags(self, url: str) -> Mapping[str, str]:
        """The tags of a queue; see `QueueAdmin.tags`. Needs sqs:ListQueueTags."""
        about = self._about("ListQueueTags", url)
        answer, _ = self.connection.quick(about, lambda sqs: sqs.list_queue_tags(QueueUrl=url))
        return answer.get("Tags", {})

    def delete(self, url: str) -> None:
        """Delete a queue; see `QueueAdmin.delete`. Needs sqs:DeleteQueue."""
        about = self._about("DeleteQueue", url)
        try:
            self.connection.quick(about, lambda sqs: sqs.delete_queue(QueueUrl=url))
        except QueueNotFound:
            return

    def _about(self, operation: str, what: str) -> About:
        place = f"{what} (region {self.connection.region})"
        return About(operation, place, self.connection.clock_ms)


def _attributes(attributes: QueueAttributes) -> dict[QueueAttributeNameType, str]:
    return {
        "MaximumMessageSize": str(attributes.maximum_message_size_bytes),
        "VisibilityTimeout": str(attributes.visibility_s),
        "MessageRetentionPeriod": str(attributes.retention_s),
        "ReceiveMessageWaitTimeSeconds": str(attributes.receive_wait_s),
        "SqsManagedSseEnabled": "true" if attributes.is_encrypted else "false",
    }
