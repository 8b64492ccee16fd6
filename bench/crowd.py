"""The floor of a throughput: many callers at once and one relay, with nothing but boto3.

A caller names the queue and itself in its message; the relay sends the message back there. On a
queue that callers share, whoever receives another's message gives it back.

Run as a program this is the relay: it receives, sends back and deletes until it is killed.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_sqs import SQSClient


class Crowd:
    """Callers that wait for a relay at the same time.

    Args:
        there_url: The queue of the relay.
        back_urls: For each caller the queue that it listens to; the same for all if they share.
    """

    def __init__(self, there_url: str, back_urls: Sequence[str]) -> None:
        config = Config(max_pool_connections=2 * len(back_urls))
        self._sqs: SQSClient = boto3.client("sqs", config=config)
        self._there_url = there_url
        self._back_urls = back_urls

    def events_per_s(self, events: int, event: str) -> float:
        """How many events come back in a second, if each caller sends one after another."""
        with ThreadPoolExecutor(len(self._back_urls)) as pool:
            begun_s = time.perf_counter()
            shares = [events // len(self._back_urls)] * len(self._back_urls)
            list(
                pool.map(lambda url, share: self._call(url, share, event), self._back_urls, shares)
            )
            return sum(shares) / (time.perf_counter() - begun_s)

    def _call(self, back_url: str, times: int, event: str) -> None:
        for _ in range(times):
            name = uuid.uuid4().hex
            body = json.dumps({"back": back_url, "name": name, "event": event})
            self._sqs.send_message(QueueUrl=self._there_url, MessageBody=body)
            while not self._received(back_url, name):
                pass

    def _received(self, back_url: str, name: str) -> bool:
        for receipt, body in receive(self._sqs, back_url):
            if json.loads(body)["name"] == name:
                self._sqs.delete_message(QueueUrl=back_url, ReceiptHandle=receipt)
                return True
            self._sqs.change_message_visibility(
                QueueUrl=back_url, ReceiptHandle=receipt, VisibilityTimeout=0
            )
        return False


def receive(sqs: SQSClient, url: str) -> list[tuple[str, str]]:
    """Receipt handle and body of the next message, if one comes in time."""
    answer = sqs.receive_message(
        QueueUrl=url, WaitTimeSeconds=20, VisibilityTimeout=2, MaxNumberOfMessages=1
    )
    return [(found["ReceiptHandle"], found["Body"]) for found in answer.get("Messages", [])]


def main() -> None:
    """Relay for ever."""
    (there_url,) = sys.argv[1:]
    sqs = boto3.client("sqs")
    while True:
        for receipt, body in receive(sqs, there_url):
            sqs.send_message(QueueUrl=json.loads(body)["back"], MessageBody=body)
            sqs.delete_message(QueueUrl=there_url, ReceiptHandle=receipt)


if __name__ == "__main__":
    main()
