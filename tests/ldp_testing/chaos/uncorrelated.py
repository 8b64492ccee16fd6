"""The entry of a proxy that takes the first answer that it sees for its own.

`ldp_testing.chaos.uncorrelated.handler` in the place of `ldp_proxy.handler.handler`; one method of
the real code is changed before anything uses it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import Response
from ldp_wire.exchange import ProxyExchange

if TYPE_CHECKING:
    from ldp_queues.ports import Message
    from ldp_wire.replies import Disposition

_genuine = ProxyExchange.receive


def _receive(self: ProxyExchange, delivery: Message, now_ms: int) -> Disposition:
    envelope = decode(delivery.body)
    if isinstance(envelope, Response):
        envelope = replace(envelope, request_id=self.request.request_id)
    return _genuine(self, replace(delivery, body=encode(envelope)), now_ms)


ProxyExchange.receive = _receive  # type: ignore[method-assign,assignment]

from ldp_proxy.handler import handler  # noqa: E402 - it is wired while it is imported

__all__ = ["handler"]
