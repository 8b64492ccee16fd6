"""The suite in the place of a proxy of version 0: what it sends, and what it takes for an answer.

An answer tells nothing of its request; whoever asks has to know what it asked for.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases.base58 import unbase58
from ldp_conformance.check import SOON_S, NonConformance

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent
    from ldp_conformance.witness import Message

_FUNCTION_ARN: Final = "arn:aws:lambda:eu-west-1:123456789012:function:orders"


class OldProxy:
    """A proxy of version 0 on the queues of a case.

    Args:
        case: The case.

    Attributes:
        taken: The messages that were taken for answers.
    """

    def __init__(self, case: ClientCase) -> None:
        self._case = case
        self._seen = {message.id for message in case.reply_queue.messages()}
        self.taken: list[Message] = []

    def request(self, do: str, *, deadline_in_s: float = 30.0, **more: Any) -> dict[str, Any]:
        """A request that asks the handler for something; change it as you like."""
        case = self._case
        return {
            "event": {"do": do, "nonce": case.fresh("nonce"), **more},
            "ctx": {
                "request_id": case.uuid(),
                "deadline": case.witness.now_ms() + round(deadline_in_s * 1000),
                "invoked_function_arn": _FUNCTION_ARN,
                "xray_trace_id": "Root=1-6667af77-3f5a28b931d7678525d90593;Sampled=0",
                "client_context": None,
                "identity": None,
                "env_config": {
                    "function_name": "orders",
                    "memory": 128,
                    "version": "$LATEST",
                    "log_stream": "2024/06/11/orders[$LATEST]b1de3d3cab074896b448859c52fa1a2d",
                    "log_group": "/aws/lambda/orders",
                },
            },
        }

    def put(self, request: dict[str, Any]) -> Sent:
        """Send a request."""
        sent = self._case.send(json.dumps(request))
        return replace(sent, nonce=request["event"]["nonce"])

    def send(self, do: str, *, deadline_in_s: float = 30.0, **more: Any) -> Sent:
        """Send a request that asks the handler for something."""
        return self.put(self.request(do, deadline_in_s=deadline_in_s, **more))

    def answers(self, count: int, within_s: float = SOON_S) -> list[str]:
        """Wait for so many answers; their texts, as they come.

        Raises:
            NonConformance: They do not come.
        """
        return [self._next(within_s).body for _ in range(count)]

    def _next(self, within_s: float) -> Message:
        message = self._case.reply_queue.wait(
            lambda each: each.id not in self._seen, within_s=within_s
        )
        if message is None:
            raise self._case.missing(f"no answer of version 0 came within {within_s:g} s")
        self._seen.add(message.id)
        self.taken.append(message)
        self._case.observe()
        return message

    def expect_silence(self, for_s: float, sentence: str) -> None:
        """Wait so long, and go on only if nothing was sent.

        Raises:
            NonConformance: Something was.
        """
        message = self._case.reply_queue.wait(
            lambda each: each.id not in self._seen, within_s=for_s
        )
        came = "" if message is None else message.body[:500]
        self._case.expect(message is None, sentence, came=came)


def as_json(text: str) -> Any:
    """The value of an answer that is bare.

    Raises:
        NonConformance: It is no JSON text.
    """
    try:
        return texts.loads(text)
    except ValueError as exc:
        raise NonConformance(
            f"the answer is no bare JSON text: {exc}", came=text[:500], requirements=("V0-4",)
        ) from exc


def expanded(text: str) -> Any:
    """The value of an answer that is compressed.

    Raises:
        NonConformance: It is not the Base58 text of the gzip of a JSON text.
    """
    try:
        return texts.loads(gzip.decompress(unbase58(text)))
    except (ValueError, OSError, EOFError, zlib.error) as exc:
        raise NonConformance(
            f"the answer is not the Base58 text of the gzip of a JSON text: {exc}",
            came=text[:500],
            requirements=("V0-4",),
        ) from exc
