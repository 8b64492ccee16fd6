"""The floor of a round trip: a bare relay, and a caller of it, with nothing but boto3.

Run as a program it receives from one queue and sends the same body to the other, until it is
killed.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class Caller:
    """Sends a body to the relay and waits for it to come back."""

    def __init__(self, there_url: str, back_url: str) -> None:
        self._sqs: SQSClient = boto3.client("sqs")
        self._there_url = there_url
        self._back_url = back_url

    def round_trip_s(self, body: str) -> float:
        """Seconds for a send and the long poll that brings the answer; deletes are not counted."""
        begun_s = time.perf_counter()
        self._sqs.send_message(QueueUrl=self._there_url, MessageBody=body)
        back_receipt, answer = receive(self._sqs, self._back_url)
        elapsed_s = time.perf_counter() - begun_s
        self._sqs.delete_message(QueueUrl=self._back_url, ReceiptHandle=back_receipt)
        there_receipt = answer.removeprefix(body)
        self._sqs.delete_message(QueueUrl=self._there_url, ReceiptHandle=there_receipt)
        return elapsed_s

    def wait_until_empty(self, *urls: str) -> None:
        """Ask until no message is left in these queues, not even a hidden one."""
        while not all(self._is_empty(url) for url in urls):
            pass

    def _is_empty(self, url: str) -> bool:
        attributes = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        found = attributes["Attributes"]
        visible = found["ApproximateNumberOfMessages"]
        return visible == found["ApproximateNumberOfMessagesNotVisible"] == "0"


def receive(sqs: SQSClient, url: str) -> tuple[str, str]:
    """Receipt handle and body of the next message."""
    while True:
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MaxNumberOfMessages=1)
        if "Messages" in answer:
            message = answer["Messages"][0]
            return message["ReceiptHandle"], message["Body"]


def main() -> None:
    """Relay for ever; each body comes back with the receipt handle that deletes its message."""
    there_url, back_url = sys.argv[1:]
    sqs = boto3.client("sqs")
    while True:
        receipt, body = receive(sqs, there_url)
        sqs.send_message(QueueUrl=back_url, MessageBody=body + receipt)


if __name__ == "__main__":
    main()
