"""The reply queue: one of all, or one of one's own, and what is done with what lies in it."""

from __future__ import annotations

import random
import re
import string
import time
from typing import TYPE_CHECKING, Any, Final

from faulty.proxy.envelopes import Envelopes, Reply
from faulty.proxy.errors import CallFailed, queue_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from faulty.proxy.settings import Settings

_HOUR_MS: Final = 3_600_000
_ATTRIBUTES: Final = {
    "MaximumMessageSize": "1048576",
    "VisibilityTimeout": "10",
    "MessageRetentionPeriod": "3600",
    "ReceiveMessageWaitTimeSeconds": "20",
    "SqsManagedSseEnabled": "true",
}


class Replies(Envelopes):
    """A proxy that has a reply queue.

    Args:
        settings: What the proxy was told.
    """

    visibility_s = 2
    rest_s = 1.0
    pause_s = 0.05
    hide_pause_s = 0.5
    gone_code = "QueueDoesNotExist"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.own_url = ""
        self.own_since_ms = 0
        self.finished: set[str] = set()
        #: Until when those exchanges had to be accepted that the fallback answered.
        self.fell_back: dict[str, int] = {}
        self.sightings: dict[str, tuple[int, int]] = {}

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def insist(self, name: str, call: Callable[[], Any], until_ms: int) -> Any:
        """Repeat a queue call that failed for a passing reason (EXC-32).

        Raises:
            ProxyError: It failed for good, or until then.
        """
        pause_s = 0.1
        while True:
            try:
                return call()
            except CallFailed as failure:
                if not failure.is_passing or self.now_ms() + pause_s * 1000 >= until_ms:
                    raise queue_error(name, failure) from failure
                self.log("queue.retrying", call=name, code=failure.code)
            time.sleep(pause_s * (0.5 + random.random() / 2))
            pause_s = min(2 * pause_s, 1.0)

    def reply_url(self, until_ms: int) -> str:
        """The queue for the next exchange."""
        if not self.settings.is_dedicated:
            return self.settings.response_url
        if not self.own_url or self.now_ms() - self.own_since_ms >= 12 * _HOUR_MS:
            self.make_own(until_ms)
        return self.own_url

    def make_own(self, until_ms: int) -> None:
        """Create the dedicated queue, and let it rest (EXC-29, EXC-30, EXC-34)."""
        name, created_at_ms = self.own_name(), self.now_ms()

        def create() -> Any:
            return self.sqs(
                "CreateQueue",
                QueueName=name,
                Attributes=self.own_attributes(),
                tags=self.own_tags(created_at_ms),
            )

        answer = self.insist("CreateQueue", create, until_ms)
        rested_at = time.monotonic() + self.rest_s
        self.own_url, self.own_since_ms = answer["QueueUrl"], created_at_ms
        self.sweep()
        time.sleep(max(0.0, rested_at - time.monotonic()))

    def base_name(self) -> str:
        """The configured name of the reply queue."""
        return self.settings.response_url.rpartition("/")[2]

    def own_name(self) -> str:
        """A new name (EXC-29)."""
        letters = random.choices(string.digits + string.ascii_lowercase, k=26)
        return f"{self.base_name()}-{''.join(letters)}"

    def own_attributes(self) -> dict[str, str]:
        """The attributes of a dedicated queue."""
        return dict(_ATTRIBUTES)

    def own_tags(self, created_at_ms: int) -> dict[str, str]:
        """The tags of a dedicated queue (EXC-30)."""
        return {"createdAtMs": str(created_at_ms)}

    def sweep(self) -> None:
        """Delete queues that environments which are gone left behind (EXC-31)."""
        try:
            found = self.sqs("ListQueues", QueueNamePrefix=f"{self.base_name()}-")
            for url in found.get("QueueUrls", []):
                if url != self.own_url and self.is_old(url):
                    self.sqs("DeleteQueue", QueueUrl=url)
        except CallFailed as failure:
            self.log("reply_queue.sweep_failed", code=failure.code)

    def is_old(self, url: str) -> bool:
        """Whether a queue may be deleted (EXC-30, EXC-36)."""
        name = url.rpartition("/")[2]
        if not self.is_trusted(name):
            return False
        tag = self.sqs("ListQueueTags", QueueUrl=url).get("Tags", {}).get("createdAtMs", "")
        return self.is_age(tag) and self.now_ms() - int(tag) > self.sweep_age_ms()

    def is_trusted(self, name: str) -> bool:
        """Whether the name is one that SEC-2 trusts."""
        return bool(re.fullmatch(f"{re.escape(self.base_name())}-[0-9a-z]{{26}}", name))

    def is_age(self, tag: str) -> bool:
        """Whether a tag tells an age."""
        return bool(re.fullmatch(r"[0-9]{13}", tag))

    def sweep_age_ms(self) -> int:
        """How old another's queue has to be."""
        return 24 * _HOUR_MS

    def receive(self, url: str, wait_s: int) -> list[dict[str, Any]]:
        """Poll the reply queue once (SQS-8, SQS-9)."""
        answer = self.sqs(
            "ReceiveMessage",
            wait_s=wait_s,
            QueueUrl=url,
            WaitTimeSeconds=wait_s,
            VisibilityTimeout=self.visibility_s,
            MaxNumberOfMessages=1,
            MessageSystemAttributeNames=self.system_attributes(),
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def system_attributes(self) -> list[str]:
        """What is asked for on every receive (SQS-9)."""
        return ["ApproximateReceiveCount", "SentTimestamp"]

    def delete(self, url: str, receipt: str) -> None:
        """Delete a message; a failure costs nothing (EXC-33)."""
        try:
            self.sqs("DeleteMessage", QueueUrl=url, ReceiptHandle=receipt)
        except CallFailed as failure:
            self.log("reply.disposal_failed", code=failure.code)

    def hide(self, url: str, receipt: str, visibility_s: int) -> None:
        """Set how long a message stays hidden."""
        try:
            self.sqs(
                "ChangeMessageVisibility",
                QueueUrl=url,
                ReceiptHandle=receipt,
                VisibilityTimeout=visibility_s,
            )
        except CallFailed as failure:
            self.log("reply.disposal_failed", code=failure.code)

    def take_foreign(self, url: str, reply: Reply) -> None:
        """Delete, release or hide a reply to somebody else (EXC-11, EXC-12, EXC-13)."""
        if self.is_abandoned(reply, self.now_ms()):
            self.delete(url, reply.receipt)
        elif self.is_uncollected(reply):
            self.hide(url, reply.receipt, 1)
            time.sleep(random.random() * self.hide_pause_s)
        else:
            self.hide(url, reply.receipt, 0)
            time.sleep(random.random() * self.pause_s)

    def is_abandoned(self, reply: Reply, now_ms: int) -> bool:
        """Whether nobody waits for a foreign reply any more (EXC-13)."""
        if reply.kind in ("accepted", "declined"):
            return now_ms - reply.sent_at_ms > 10_000
        return now_ms > self.believed_ms(reply) + 5_000

    def believed_ms(self, reply: Reply) -> int:
        """Until when a foreign answer is awaited (EXC-14)."""
        said_ms, sent_ms = reply.answer_by_ms, reply.sent_at_ms
        if said_ms is not None and sent_ms - 60_000 <= said_ms <= sent_ms + 5_400_000:
            return said_ms
        return sent_ms + 900_000

    def is_uncollected(self, reply: Reply) -> bool:
        """Whether this was seen three times running with nobody else in between (EXC-12)."""
        count, times = self.sightings.get(reply.message_id, (0, 0))
        times = times + 1 if reply.receive_count == count + 1 and times else 1
        self.sightings[reply.message_id] = (reply.receive_count, times)
        return times >= 3
