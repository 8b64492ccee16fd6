"""A proxy of version 0 that does what the origin's does, as far as a client can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_testing.v0_transcripts import expand

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef

    from ldp_testing.moto_server import MotoServer


class V0Proxy:
    """A proxy and its caller, with two queues of their own.

    Args:
        server: Whose queues.
        is_old: Whether it was built before November 2021, and knows no compressed answers.
    """

    def __init__(self, server: MotoServer, *, is_old: bool = False) -> None:
        self._server = server
        self._is_old = is_old
        self._requests = server.create_queue(MaximumMessageSize="262144")
        self._responses = server.create_queue(MaximumMessageSize="262144")

    def environment(self) -> dict[str, str]:
        """The variables that attach a client."""
        return {
            "LAMBDA_PROXY_REQ_QUEUE_URL": self._requests,
            "LAMBDA_PROXY_RESP_QUEUE_URL": self._responses,
        }

    def invoke(self, request: str) -> str:
        """Send a request, and wait for what it takes for the answer; what the caller gets.

        Raises:
            AssertionError: It would have failed its caller.
        """
        self._server.sqs.send_message(QueueUrl=self._requests, MessageBody=request)
        while self._receive(wait_s=0) is not None:  # after the request: a quick answer is lost
            pass
        body = self._receive(wait_s=20)
        assert body is not None, "no answer came"
        return self._decode(body)

    def _decode(self, body: str) -> str:
        """Decide by its first character what an answer is."""
        if self._is_old or body.strip() == "null" or body.lstrip().startswith("{"):
            return body
        return expand(body).decode()

    def _receive(self, *, wait_s: int) -> str | None:
        """Take a message, whosever answer it is."""
        answer = self._server.sqs.receive_message(
            QueueUrl=self._responses, WaitTimeSeconds=wait_s, MaxNumberOfMessages=1
        )
        messages: list[MessageTypeDef] = answer.get("Messages", [])
        for message in messages:
            self._server.sqs.delete_message(
                QueueUrl=self._responses, ReceiptHandle=message["ReceiptHandle"]
            )
            return message["Body"]
        return None

    @property
    def requests_left(self) -> int:
        """How many requests are in the queue, leased ones included."""
        return self._server.message_count(self._requests)
