"""A user's folder in which `lambda-debug` is run, its queues, and a caller at their other end."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ldp_testing.deliveries import REQUEST
from ldp_testing.limits import WAIT_LIMIT_S
from ldp_testing.moto_server import process_environment
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import Encoding, Inline, RequestId, Response

if TYPE_CHECKING:
    from pathlib import Path

    from types_boto3_sqs.type_defs import MessageTypeDef

    from ldp_testing.moto_server import MotoServer

LIMIT_S: Final = WAIT_LIMIT_S


class CommandStage:
    """Where `lambda-debug` is run by a test."""

    def __init__(self, folder: Path, server: MotoServer) -> None:
        self.folder = folder
        self._server = server
        self._requests = server.create_queue()
        self._replies = server.create_queue()
        self._started: list[subprocess.Popen[str]] = []
        self.environment = process_environment(server.url) | {
            "LAMBDA_PROXY_REQ_QUEUE_URL": self._requests,
            "LAMBDA_PROXY_RESP_QUEUE_URL": self._replies,
            "LAMBDA_PROXY_LEASE_S": "2",
            "LAMBDA_DEBUG_STATE_DIR": str(folder / "state"),
            "PYTHONUNBUFFERED": "",
        }

    def write(self, name: str, source: str) -> Path:
        """A file in the user's folder."""
        path = self.folder / name
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return path

    def send(self, event: str) -> str:
        """Send a request with an event; its request ID."""
        now_ms = int(time.time() * 1000)
        assert REQUEST.terms is not None
        terms = replace(
            REQUEST.terms, reply_to=self._replies, answer_by_ms=now_ms + round(LIMIT_S * 1000)
        )
        request_id = RequestId(uuid.uuid4().hex)
        request = replace(
            REQUEST,
            request_id=request_id,
            sent_at_ms=now_ms,
            terms=terms,
            payload=Inline(Encoding.TEXT, event),
        )
        self._server.sqs.send_message(QueueUrl=self._requests, MessageBody=encode(request))
        return request_id

    def answer(self) -> Response:
        """Wait for an answer, and take it."""
        messages: list[MessageTypeDef] = []
        until_s = time.monotonic() + LIMIT_S
        while not messages:
            assert time.monotonic() < until_s, "no answer came"
            answer = self._server.sqs.receive_message(QueueUrl=self._replies, WaitTimeSeconds=20)
            messages = answer.get("Messages", [])
        [message] = messages
        self._server.sqs.delete_message(
            QueueUrl=self._replies, ReceiptHandle=message["ReceiptHandle"]
        )
        envelope = decode(message["Body"])
        assert isinstance(envelope, Response)
        return envelope

    def answered_with(self) -> str:
        """Wait for a handler's result; its text."""
        result = self.answer().result
        assert isinstance(result, Inline)
        return result.data

    @property
    def requests_left(self) -> int:
        """How many requests are in the queue, leased ones included."""
        return self._server.message_count(self._requests)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `lambda-debug` in the user's folder."""
        return self.start_python("-m", "ldp_client", *arguments)

    def start_python(self, *arguments: str) -> subprocess.Popen[str]:
        """Start Python in the user's folder."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run `lambda-debug` to its end: status, standard output, standard error."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=LIMIT_S)
        return process.returncode, out, err

    def close(self) -> None:
        """End what was started."""
        for process in self._started:
            with process:
                process.kill()
