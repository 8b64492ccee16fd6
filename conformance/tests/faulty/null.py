"""Clients that are none: `python -m faulty.null liar|rejecter|hanger`."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Final

from faulty.client.exchange import ANSWERING, RECEIVED
from faulty.client.port import Port
from faulty.client.requests import Bad, Requests
from faulty.client.rules import Wrong
from faulty.client.running import Running
from faulty.client.runtime import Outcome
from faulty.client.settings import Settings

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.part import Part
    from faulty.client.requests import Request
    from faulty.client.sqs import Message


class Liar(Running):
    """It answers everything at once with null."""

    def process(self, exchange: Exchange) -> None:
        """Answer, and run nothing."""
        if exchange.request.frozen and exchange.claim((RECEIVED,), ANSWERING):
            self.port.answers.answer(exchange, Outcome(b"null"))
        else:
            self.port.settling.delete_all(exchange)


class Rejecter(Requests):
    """It refuses everything."""

    def read(self, message: Message) -> Request:
        """Refuse."""
        raise Bad(Wrong("is not to its taste", ""), self.frozen(self.parse(message.body)))


class Hanger(Running):
    """It receives, and then does nothing any more."""

    def process(self, exchange: Exchange) -> None:
        """Wait for ever."""
        exchange.done.wait()


PARTS: Final[dict[str, type[Part]]] = {"liar": Liar, "rejecter": Rejecter, "hanger": Hanger}


def main() -> int:
    """Serve until killed; the exit status."""
    threading.stack_size(64 << 20)
    port = Port(Settings(os.environ, ()), [PARTS[sys.argv[1]]])
    port.ending.listen()
    port.intake.serve()
    return 0


if __name__ == "__main__":
    os._exit(main())
