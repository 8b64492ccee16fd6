"""The request queue as a client sees it, for one event that is ours: take it, answer it, delete it.

Other events are given back at once; they count one receive more, which every client has to bear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_account.doctor.findings import REPLIES, REQUESTS
from ldp_queues.addresses import QueueAddress
from ldp_queues.ports import Message
from ldp_wire.arrivals import Arrival, read
from ldp_wire.codec import encode
from ldp_wire.envelopes import Encoding, Inline, Response
from ldp_wire.trust import ReplyTrust

if TYPE_CHECKING:
    from ldp_account.doctor.findings import Subject

_LOOKS: Final = 5
_WAIT_S: Final = 2
_HELD_S: Final = 30


@dataclass(frozen=True, slots=True)
class RequestQueue:
    """The request queue of a subject."""

    subject: Subject

    def take(self, event: bytes) -> Arrival | None:
        """The request that brings this event, out of the queue; None if it does not lie there.

        Raises:
            AccountError: A call failed.
        """
        others: list[str] = []
        try:
            for _ in range(_LOOKS):
                for arrival, receipt in self._received():
                    if arrival is not None and arrival.event == event:
                        return arrival
                    others.append(receipt)
                if not others:
                    return None
            return None
        finally:
            for receipt in others:
                self._ask("change_message_visibility", ReceiptHandle=receipt, VisibilityTimeout=0)

    def answer(self, arrival: Arrival, text: str) -> None:
        """Answer a request as a client does; one-way requests get none.

        Raises:
            AccountError: A call failed.
        """
        terms = arrival.request.terms
        if terms is not None and arrival.reply_queue is not None:
            body = encode(
                Response(arrival.request_id, terms.answer_by_ms, Inline(Encoding.TEXT, text))
            )
            url = QueueAddress.parse(self._url).sibling(arrival.reply_queue).url
            self.subject.aws.ask("sqs", "send_message", QueueUrl=url, MessageBody=body)

    def delete(self, arrival: Arrival) -> None:
        """Delete a request.

        Raises:
            AccountError: The call failed.
        """
        self._ask("delete_message", ReceiptHandle=arrival.delivery.receipt)

    def _received(self) -> list[tuple[Arrival | None, str]]:
        answer = self._ask(
            "receive_message",
            MaxNumberOfMessages=10,
            WaitTimeSeconds=_WAIT_S,
            VisibilityTimeout=_HELD_S,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        )
        return [(self._read(one), one["ReceiptHandle"]) for one in answer.get("Messages", ())]

    def _read(self, message: Any) -> Arrival | None:
        attributes = message["Attributes"]
        delivery = Message(
            message["MessageId"],
            message["ReceiptHandle"],
            message["Body"],
            int(attributes["ApproximateReceiveCount"]),
            int(attributes["SentTimestamp"]),
        )
        arrival = read(delivery, self._trust)
        return arrival if isinstance(arrival, Arrival) else None

    @property
    def _trust(self) -> ReplyTrust | None:
        replies = self.subject.variables.get(REPLIES)
        if replies is None:
            return None
        account = QueueAddress.parse(self._url).account
        return ReplyTrust(account, QueueAddress.parse(replies).name)

    @property
    def _url(self) -> str:
        return self.subject.variables[REQUESTS]

    def _ask(self, operation: str, **parameters: object) -> Any:
        return self.subject.aws.ask("sqs", operation, QueueUrl=self._url, **parameters)
