"""SQS's JSON protocol: which operation is asked for, of which queue, and what an answer is like.

The operation is in `X-Amz-Target`, whatever the path is: some SDKs post to `/`, some to the queue.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness import refusals, sqs_messages, sqs_queues
from ldp_conformance.witness.account import name_in
from ldp_conformance.witness.asks import Answer
from ldp_conformance.witness.fault_box import FaultBox
from ldp_conformance.witness.fresh import identifier
from ldp_conformance.witness.names import ACCOUNT, REGION
from ldp_conformance.witness.refusals import Refusal
from ldp_conformance.witness.sqs_parameters import Parameters, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ldp_conformance.witness.account import Account
    from ldp_conformance.witness.asks import Ask
    from ldp_conformance.witness.queue import WitnessQueue
    from ldp_conformance.witness.sqs_messages import Operation, Result

TARGET: Final = "x-amz-target"
_PREFIX: Final = "AmazonSQS."
_CONTENT_TYPE: Final = "application/x-amz-json-1.0"


class SqsService:
    """SQS in front of the queues of an account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def understand(self, ask: Ask) -> SqsErrand:
        """What is asked for, whether it makes sense or not."""
        operation = ask.headers[TARGET].removeprefix(_PREFIX)
        try:
            request, bad = parse(ask.body), None
        except Refusal as refusal:
            request, bad = {}, refusal
        return SqsErrand(self._account, operation, request, ask, bad)


class SqsErrand:
    """One call to SQS; see `Errand`."""

    def __init__(
        self,
        account: Account,
        operation: str,
        request: Mapping[str, object],
        ask: Ask,
        bad: Refusal | None,
    ) -> None:
        self.account: Account = account
        self.operation: str = operation
        self.request: Mapping[str, object] = request
        self.asked: Parameters = Parameters(request)
        self.sender: str = ask.sender
        url = request.get("QueueUrl") or (ask.path if operation not in _OF_THE_ACCOUNT else "")
        self._url = url if isinstance(url, str) else ""
        self._bad = bad
        name = request.get("QueueName")
        self.queue = name_in(self._url) or (name if isinstance(name, str) else "") or None
        self._place = account.at(self._url)
        self.faults = self._place.faults if self._place else FaultBox()

    async def run(self, clock_off_ms: int) -> Answer:
        """Do it; see `Errand.run`."""
        if self._bad is not None:
            raise self._bad
        result, message_ids = await self._result(clock_off_ms)
        return Answer(200, _json(result), _headers(), None, message_ids)

    def refuse(self, refusal: Refusal) -> Answer:
        """Say no in the JSON protocol, with the code of the Query protocol."""
        who = "Sender" if refusal.is_senders_fault else "Receiver"
        headers = _headers() | {"x-amzn-query-error": f"{refusal.code};{who}"}
        body = _json({"__type": refusal.type, "message": refusal.text})
        return Answer(refusal.status, body, headers, refusal.code)

    def denied(self) -> Refusal:
        """The refusal for who may not do it."""
        resource = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.queue or ''}"
        return refusals.denied(f"sqs:{self.operation.lower()}", resource)

    def throttled(self) -> Refusal:
        """The refusal where there are too many."""
        return refusals.throttled()

    def failed(self, status: int) -> Refusal:
        """The refusal where SQS itself is at fault."""
        return refusals.server_error(status)

    async def _result(self, clock_off_ms: int) -> Result:
        if self.operation in _OF_THE_ACCOUNT:
            return _OF_THE_ACCOUNT[self.operation](self.account, self.asked)
        if self.operation not in _OF_MESSAGES and self.operation not in _OF_A_QUEUE:
            raise Refusal(
                "InvalidAction",
                f"The action {self.operation} is not valid for this endpoint.",
                name="UnknownOperationException",
                namespace="com.amazon.coral.service#",
            )
        queue = self._place
        if queue is None:
            raise refusals.no_such_queue() if self._url else refusals.missing("QueueUrl")
        queue.check_exists()
        if self.operation in _OF_A_QUEUE:
            return _OF_A_QUEUE[self.operation](self, queue)
        return await _OF_MESSAGES[self.operation](queue, self.asked, self.sender, clock_off_ms)


_OF_MESSAGES: Final[dict[str, Operation]] = {
    "SendMessage": sqs_messages.send,
    "SendMessageBatch": sqs_messages.send_batch,
    "ReceiveMessage": sqs_messages.receive,
    "DeleteMessage": sqs_messages.delete,
    "DeleteMessageBatch": sqs_messages.delete_batch,
    "ChangeMessageVisibility": sqs_messages.change_visibility,
    "ChangeMessageVisibilityBatch": sqs_messages.change_visibility_batch,
}
_OF_A_QUEUE: Final[dict[str, Callable[[SqsErrand, WitnessQueue], Result]]] = {
    "GetQueueAttributes": lambda errand, queue: sqs_queues.attributes_of(queue, errand.asked),
    "SetQueueAttributes": lambda errand, queue: sqs_queues.set_attributes(queue, errand.asked),
    "DeleteQueue": lambda errand, queue: sqs_queues.delete(errand.account, queue),
    "TagQueue": lambda errand, queue: sqs_queues.tag(queue, errand.asked),
    "UntagQueue": lambda errand, queue: sqs_queues.untag(queue, errand.asked),
    "ListQueueTags": lambda _, queue: sqs_queues.tags_of(queue),
    "PurgeQueue": lambda errand, queue: sqs_queues.purge(queue, errand.sender),
}
_OF_THE_ACCOUNT: Final[dict[str, Callable[[Account, Parameters], Result]]] = {
    "CreateQueue": sqs_queues.create,
    "GetQueueUrl": sqs_queues.url,
    "ListQueues": sqs_queues.list_,
}


def _headers() -> dict[str, str]:
    return {"x-amzn-RequestId": identifier(), "Content-Type": _CONTENT_TYPE}


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
